"""The facts of one call to what it spends. Bounded in number: what is not kept by name is counted all the same.

Bytes are what can be known without reading: the files that a command sends, named here and sized by whoever asks the
disk, and the text that the command line itself carries. A directory, a stream of another program's, and what a program
makes of its input have no size, so the sum is less than what leaves, but for the words of the command.
"""

import hashlib
from collections.abc import Iterable

from security_hooks.model.action import Action
from security_hooks.model.effect import Effect, EffectKind
from security_hooks.model.event import ToolCall
from security_hooks.model.shell import CallFacts, Command, Script
from security_hooks.model.spending import NOTHING, Spending
from security_hooks.model.word import Word

MOST_NAMED = 1_024
MOST_SENT = 64
DIGEST = 16

_OWN_HOSTS = ("localhost", "127.", "::1", "[::1]")
_OVERWRITING = frozenset({"--force-with-lease", "--force-if-includes"})
_COUNTED = frozenset({EffectKind.DELETES, EffectKind.WRITES, EffectKind.CONNECTS})


def spending_of(call: CallFacts | None) -> Spending:
    """What a call would spend."""
    if call is None:
        return NOTHING
    counted = _Counted()
    if call.effects:
        counted.see(call.effects)
        if any(effect.kind is EffectKind.CONNECTS for effect in call.effects):
            counted.bytes += _told(call.tool)
    if call.script is not None:
        for command in call.script.commands:
            if command.effects:
                counted.see(command.effects)
                if command.program == "git" and _overwrites(command):
                    counted.pushes += 1
        _send(call.script, counted)
    return counted.spending()


class _Counted:
    """What was seen so far."""

    def __init__(self) -> None:
        self.names: tuple[dict[str, None], dict[str, None], dict[str, None]] = ({}, {}, {})
        self.unnamed = [0, 0, 0]
        self.sent: dict[str, None] = {}
        self.bytes = 0
        self.pushes = 0

    def see(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            kind = effect.kind
            if kind is EffectKind.CONNECTS:
                self._count(2, None if effect.target is None else _written(effect.target))
            elif kind in _COUNTED and not effect.remote and effect.certain:
                path = effect.target if effect.real is None else effect.real
                self._count(0 if kind is EffectKind.DELETES else 1, None if path is None else path.literal)

    def spending(self) -> Spending:
        """All of it."""
        deleted, written, hosts = self.names
        if not (deleted or written or hosts or self.pushes or self.bytes or any(self.unnamed)):
            return NOTHING
        first, second, third = self.unnamed
        return Spending(
            _digests(deleted),
            _digests(written),
            _digests(hosts),
            (first, second, third),
            self.pushes,
            self.bytes,
            tuple(self.sent)[:MOST_SENT],
        )

    def _count(self, kind: int, name: str | None) -> None:
        names = self.names[kind]
        if kind == 2 and name is not None:
            name = name.lower()
            if name.startswith(_OWN_HOSTS):
                return
        if name is None or (len(names) >= MOST_NAMED and name not in names):
            self.unnamed[kind] += 1
        else:
            names[name] = None


def _written(word: Word) -> str:
    """A host, or how one is written that is not known: what asks the same again and again is one."""
    return word.literal or "".join([part if isinstance(part, str) else f"{{{part.source}}}" for part in word.parts])


def _overwrites(command: Command) -> bool:
    if command.subcommands[:1] != ("push",):
        return False
    rewrites = Action.GIT_HISTORY_REWRITE
    return command.action is rewrites or rewrites in command.may_be or not _OVERWRITING.isdisjoint(command.option_names)


def _send(script: Script, counted: _Counted) -> None:
    """Count what leaves by the script's connections: files that flow there, and text that stands in it."""
    sending = [
        command
        for command in script.commands
        if any(effect.kind is EffectKind.CONNECTS and effect.sends for effect in command.effects)
    ]
    if not sending:
        return
    sources = [effect for command in sending for effect in command.effects if effect.sends]
    sources += [flow.source for flow in script.flows if flow.sink.kind is EffectKind.CONNECTS]
    for effect in sources:
        if effect.kind is EffectKind.READS and not effect.remote and effect.target is not None:
            path = effect.target.literal if effect.real is None else effect.real.literal
            if path is not None:
                counted.sent[path] = None
    before = {
        (position.pipeline, stage) for one in sending for position in one.pipes for stage in range(position.stage)
    }
    feeding = [
        command
        for command in script.commands
        if any((position.pipeline, position.stage) in before for position in command.pipes)
    ]
    counted.bytes += sum(map(_carried, {one.index: one for one in (*sending, *feeding)}.values()))


def _carried(command: Command) -> int:
    """How much text the command line itself carries."""
    words = sum(len(word.literal) for word in command.words[1:] if word.literal is not None)
    return words + sum(
        len(redirect.target.literal)
        for redirect in command.redirects
        if redirect.operator.startswith("<<") and redirect.target.literal is not None
    )


def _told(tool: ToolCall) -> int:
    """How much text a tool that is no shell is given."""
    return sum(len(string.value) for string in tool.strings) or sum(map(len, tool.urls))


def _digests(names: Iterable[str]) -> tuple[bytes, ...]:
    return tuple(
        hashlib.blake2b(name.encode("utf-8", "surrogateescape"), digest_size=DIGEST).digest() for name in names
    )

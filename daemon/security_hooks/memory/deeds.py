"""The facts of one call to its deeds: what memory keeps of them. Bounded in number and in length."""

from collections.abc import Iterable, Iterator

from security_hooks.model.action import Action
from security_hooks.model.deed import NOTHING, Deed, Deeds, Passage
from security_hooks.model.effect import Effect, EffectKind, Flow
from security_hooks.model.shell import CallFacts, Command, Script
from security_hooks.model.word import Word
from security_hooks.tools.action import graded

MOST_DEEDS = 256
MOST_PASSAGES = 64
# As long as a path may be.
LONGEST = 4_096

# Programs that put nothing into what they are told to write, and files that have nothing to give.
_EMPTYING = frozenset({":", "true", "truncate"})
_COPYING = frozenset({"cp", "dd", "cat", "install", "tee", "rsync", "ln"})
_UNPACKING = frozenset({"tar", "gtar", "bsdtar", "unzip", "7z", "7za", "7zz", "unar", "unrar", "cpio"})
_EMPTY = frozenset({f"{prefix}/dev/{name}" for prefix in ("", "if=") for name in ("null", "zero", "random", "urandom")})


def deeds_of(call: CallFacts | None) -> Deeds:
    """The deeds of a call, each once."""
    if call is None:
        return NOTHING
    script = call.script
    found = dict.fromkeys(_deeds(call))
    passages = () if script is None else tuple(_passage(flow, script) for flow in script.flows[:MOST_PASSAGES])
    is_clear = not call.tool.unanalysed_code and (
        script is None or not (script.unparseable or script.over_budget or script.dynamic)
    )
    return Deeds(
        tuple(found)[:MOST_DEEDS],
        passages,
        is_cut=len(found) > MOST_DEEDS or (script is not None and len(script.flows) > MOST_PASSAGES),
        is_clear=is_clear,
    )


def _deeds(call: CallFacts) -> Iterator[Deed]:
    if call.effects:
        action = graded(call)[0]
        yield from _each(call.effects, None, action)
    if call.script is not None:
        for command in call.script.commands:
            empties, unpacks = _empties(command), command.program in _UNPACKING
            yield from _each(command.effects, command.index, command.action, empties=empties, unpacks=unpacks)


def _each(
    effects: Iterable[Effect], command: int | None, action: Action, *, empties: bool = False, unpacks: bool = False
) -> Iterator[Deed]:
    return (_deed(effect, command, action, empties=empties, unpacks=unpacks) for effect in effects)


def _empties(command: Command) -> bool:
    """Whether nothing is left of what the command writes to; `>> file` leaves what is there."""
    if not command.words or command.program in _EMPTYING:
        return command.program == "truncate" or any(redirect.operator in (">", ">|") for redirect in command.redirects)
    return command.program in _COPYING and any(word.literal in _EMPTY for word in command.words[1:])


def _passage(flow: Flow, script: Script) -> Passage:
    return Passage(
        _deed(flow.source, flow.source_command, _action(script, flow.source_command)),
        _deed(flow.sink, flow.sink_command, _action(script, flow.sink_command)),
        flow.certain,
    )


def _action(script: Script, command: int) -> Action:
    return script.commands[command].action if 0 <= command < len(script.commands) else Action.UNKNOWN


def _deed(effect: Effect, command: int | None, action: Action, *, empties: bool = False, unpacks: bool = False) -> Deed:
    return Deed(
        effect.kind,
        _text(effect.target),
        _text(effect.real),
        effect.scope,
        effect.object,
        effect.origin,
        effect.certain,
        effect.recursive,
        effect.contents,
        effect.sends,
        effect.remote,
        command,
        action,
        empties and effect.kind is EffectKind.WRITES,
        _ends(effect.target),
        unpacks and effect.kind is EffectKind.WRITES,
    )


def _ends(word: Word | None) -> tuple[str, str]:
    """What is known at both ends of a word that is not known whole."""
    if word is None or word.literal is not None or not word.parts:
        return "", ""
    first, last = word.parts[0], word.parts[-1]
    begin, end = (part if isinstance(part, str) and len(part) <= LONGEST else "" for part in (first, last))
    return begin, end


def _text(word: Word | None) -> str | None:
    if word is None or word.literal is None or len(word.literal) > LONGEST:
        return None
    return word.literal

"""What the record tells of a call that was understood: its action and severity, its commands and its effects.

Made once for a script and remembered with it, since the same few are called again and again. Bounded in number and
length: a text that is too long is left out whole, for its beginning might be the beginning of a secret.
"""

from collections import OrderedDict
from collections.abc import Iterable
from itertools import islice
from typing import TypeAlias, cast

import msgspec

from security_hooks.memory.deeds import deeds_of
from security_hooks.memory.discards import discards_of
from security_hooks.memory.spending import spending_of
from security_hooks.model.deed import NOTHING, Deeds
from security_hooks.model.effect import Effect
from security_hooks.model.record import Json
from security_hooks.model.shell import CallFacts, Command, Script
from security_hooks.model.spending import NOTHING as NOTHING_SPENT
from security_hooks.model.spending import Spending
from security_hooks.model.word import Origin, Word
from security_hooks.model.work import NO_DISCARDS, Discards
from security_hooks.tools.action import graded

MOST_PROGRAMS = 64
MOST_COMMANDS = 32
MOST_EFFECTS = 48
LONGEST = 1_024
SUMMARIES = 512

_Entry: TypeAlias = dict[str, str | bool]
_Told: TypeAlias = dict[str, str | int | list[str | _Entry]]


class Summary(msgspec.Struct, frozen=True, gc=False):
    """Fields of a record, and shared by records: nobody changes them; and what memory keeps of the call."""

    told: _Told
    deeds: Deeds = NOTHING
    discards: Discards = NO_DISCARDS
    spending: Spending = NOTHING_SPENT

    @property
    def fields(self) -> dict[str, Json]:
        """The fields as records have them."""
        return cast("dict[str, Json]", self.told)  # narrower, and only read


def summary_of(call: CallFacts | None) -> Summary | None:
    """The summary of a call, if there is one to judge."""
    if call is None:
        return None
    action, severity = graded(call)
    told: _Told = {"action": action._value_, "severity": severity._value_}
    effects: Iterable[Effect] = call.effects
    if call.script is not None:
        commands = call.script.commands
        programs = dict.fromkeys([command.program or "?" for command in commands])
        told["programs"] = list(tuple(programs)[:MOST_PROGRAMS])
        if call.script.problem is not None:
            told["problem"] = call.script.problem
        if commands:
            told["commands"] = [_command(command) for command in commands[:MOST_COMMANDS]]
        if len(commands) > MOST_COMMANDS:
            told["command_count"] = len(commands)
        effects = (effect for command in commands for effect in command.effects)
    # Each once: a loop has many that are alike.
    found = list({_key(effect): effect for effect in islice(effects, MOST_EFFECTS * 4)}.values())
    if found:
        told["effects"] = [_effect(effect) for effect in found[:MOST_EFFECTS]]
    if len(found) > MOST_EFFECTS:
        told["effect_count"] = len(found)
    return Summary(told, deeds_of(call), discards_of(call), spending_of(call))


class SummaryMemory:
    """The summaries of the scripts read last, at most SUMMARIES."""

    def __init__(self) -> None:
        # With the script, so that no other can have its id.
        self._summaries: OrderedDict[int, tuple[Script, Summary]] = OrderedDict()

    def of(self, call: CallFacts | None) -> Summary | None:
        """As `summary_of`."""
        script = None if call is None else call.script
        if script is None or (call is not None and call.effects):
            return summary_of(call)
        remembered = self._summaries.get(id(script))
        if remembered is not None:
            return remembered[1]
        summary = summary_of(call)
        if summary is not None:
            self._summaries[id(script)] = (script, summary)
            if len(self._summaries) > SUMMARIES:
                self._summaries.popitem(last=False)
        return summary


def _command(command: Command) -> _Entry:
    return {
        "program": command.program or "?",
        "action": command.action._value_,
        "severity": command.severity._value_,
    }


def _key(effect: Effect) -> tuple[object, ...]:
    return (effect.kind, effect.target and effect.target.parts, effect.certain, effect.remote, effect.sends)


def _effect(effect: Effect) -> _Entry:
    told: _Entry = {"kind": effect.kind._value_}
    if effect.target is not None:
        told["target"] = _text(effect.target)
    if effect.real is not None:
        told["real"] = _text(effect.real)
    if effect.object:
        told["object"] = effect.object
    if effect.origin is not Origin.LITERAL:
        told["origin"] = effect.origin._value_
    for name, is_so in (
        ("perhaps", not effect.certain),
        ("recursive", effect.recursive),
        ("sends", effect.sends),
        ("remote", effect.remote),
    ):
        if is_so:
            told[name] = True
    return told


def _text(word: Word) -> str:
    """The word with its holes marked: what is between braces is not known."""
    text = word.literal
    if text is None:
        text = "".join(part if isinstance(part, str) else f"{{{part.source}}}" for part in word.parts)
    return text if len(text) <= LONGEST else f"[CUT:{len(text)}]"

"""Marks: one bit for each kind of effect and of action, and one for flows.

What a rule is about and what a command does, as integers, so that a rule is asked only about commands that share a
bit with it.
"""

from collections.abc import Iterable

from security_hooks.model.action import Action
from security_hooks.model.effect import EffectKind
from security_hooks.model.shell import Facts

_BITS = {
    word: 1 << position
    for position, word in enumerate(
        (*(kind.value for kind in EffectKind), *(action.value for action in Action), "flow")
    )
}
FLOWING = _BITS["flow"]


def marks_of_kinds(kinds: Iterable[EffectKind]) -> int:
    """The marks of effects of these kinds."""
    return sum(_BITS[kind.value] for kind in dict.fromkeys(kinds))


def marks_of_actions(words: Iterable[str]) -> int:
    """The marks of these actions."""
    return sum(_BITS[word] for word in dict.fromkeys(words))


def marks_of(facts: Facts) -> int:
    """All marks of a command, or of a tool call."""
    call, command = facts.call, facts.command
    marks = 0
    for effect in call.effects:
        marks |= _BITS[effect.kind.value]
    if command is not None:
        for effect in command.effects:
            marks |= _BITS[effect.kind.value]
        marks |= _BITS[command.action.value]
        for action in command.may_be:
            marks |= _BITS[action.value]
    if call.script is not None and call.script.flows:
        marks |= FLOWING
    return marks

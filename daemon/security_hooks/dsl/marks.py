"""Marks: one bit for each kind of effect, of action and of tool, and one for flows.

What a rule is about and what a command does, as integers, so that a rule is asked only about commands that share a
bit with it.
"""

from collections.abc import Iterable

from security_hooks.model.action import Action
from security_hooks.model.effect import EffectKind
from security_hooks.model.event import ToolKind
from security_hooks.model.shell import Facts

_BITS = {
    word: 1 << position
    for position, word in enumerate(
        (*(kind.value for kind in EffectKind), *(action.value for action in Action), "flow")
    )
}
_KEY = "marks"
_TOOLS = {kind.value: 1 << len(_BITS) + position for position, kind in enumerate(ToolKind)}
# By the members themselves: to ask one for its value takes longer than all the rest.
_OF_KIND = {kind: _BITS[kind.value] for kind in EffectKind}
_OF_ACTION = {action: _BITS[action.value] for action in Action}
_OF_TOOL = {kind: _TOOLS[kind.value] for kind in ToolKind}
FLOWING = _BITS["flow"]


def marks_of_kinds(kinds: Iterable[EffectKind]) -> int:
    """The marks of effects of these kinds."""
    return sum(_BITS[kind.value] for kind in dict.fromkeys(kinds))


def marks_of_actions(words: Iterable[str]) -> int:
    """The marks of these actions."""
    return sum(_BITS[word] for word in dict.fromkeys(words))


def marks_of_tools(words: Iterable[str]) -> int | None:
    """The marks of tools of these kinds; None where a word may be a tool's own name."""
    marks = [_TOOLS.get(word) for word in dict.fromkeys(words)]
    return None if None in marks else sum(mark for mark in marks if mark is not None)


def marks_of(facts: Facts) -> int:
    """All marks of a command, or of a tool call; worked out once for each."""
    call, command = facts.call, facts.command
    key = (_KEY, -1 if command is None else command.index)
    known = call.memo.get(key)
    if type(known) is int:
        return known
    marks = _OF_TOOL[call.tool.kind]
    for effect in call.effects:
        marks |= _OF_KIND[effect.kind]
    if command is not None:
        for effect in command.effects:
            marks |= _OF_KIND[effect.kind]
        marks |= _OF_ACTION[command.action]
        for action in command.may_be:
            marks |= _OF_ACTION[action]
    if call.script is not None and call.script.flows:
        marks |= FLOWING
    call.memo[key] = marks
    return marks

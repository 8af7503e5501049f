"""Marks: one bit for each kind of effect, of action and of tool, and for some plain things about a command.

What a rule is about and what a command does, as integers, so that a rule is asked only about commands that share a
bit with it.
"""

from collections.abc import Iterable
from typing import cast

from security_hooks.model.action import Action
from security_hooks.model.effect import EffectKind
from security_hooks.model.event import ToolKind
from security_hooks.model.shell import CallFacts, Command, Facts
from security_hooks.model.word import Origin

_EFFECTS_AND_ACTIONS = {
    word: 1 << position
    for position, word in enumerate((*(kind.value for kind in EffectKind), *(action.value for action in Action)))
}
_TOOLS = {kind.value: 1 << len(_EFFECTS_AND_ACTIONS) + position for position, kind in enumerate(ToolKind)}
# By the members themselves: to ask one for its value takes longer than all the rest.
_OF_KIND = {kind: _EFFECTS_AND_ACTIONS[kind.value] for kind in EffectKind}
_OF_ACTION = {action: _EFFECTS_AND_ACTIONS[action.value] for action in Action}
_OF_TOOL = {kind: _TOOLS[kind.value] for kind in ToolKind}

_FREE = 1 << len(_EFFECTS_AND_ACTIONS) + len(_TOOLS)
# There is a command, and one that is given arguments; data flows from or to it; it hides what it is.
COMMAND, ARGUMENTS, FLOWING, OBFUSCATED = (_FREE << bit for bit in range(4))
# Of the whole call: how far it was understood.
UNPARSEABLE, OVER_BUDGET, UNANALYSED = (_FREE << bit for bit in range(4, 7))
# There may be an address in the words or among what the tool is given; a text to write, or a here-document.
ADDRESS, CONTENT = (_FREE << bit for bit in range(7, 9))

_KEY = "marks"
_OF_CALL = "marks of the call"
_HERE = "<<"


def marks_of_kinds(kinds: Iterable[EffectKind]) -> int:
    """The marks of effects of these kinds."""
    return sum(_OF_KIND[kind] for kind in dict.fromkeys(kinds))


def marks_of_actions(words: Iterable[str]) -> int:
    """The marks of these actions."""
    return sum(_EFFECTS_AND_ACTIONS[word] for word in dict.fromkeys(words))


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
    marks, flowing = _of_call(call)
    if command is not None:
        marks |= _of_command(command)
        if command.index in flowing:
            marks |= FLOWING
    call.memo[key] = marks
    return marks


def _of_call(call: CallFacts) -> tuple[int, frozenset[int]]:
    """What all its commands have in common, and those from or to which data flows."""
    known = call.memo.get(_OF_CALL)
    if known is None:
        known = call.memo[_OF_CALL] = (_marks_of_call(call), _flowing(call))
    return cast("tuple[int, frozenset[int]]", known)


def _marks_of_call(call: CallFacts) -> int:
    tool, script = call.tool, call.script
    marks = _OF_TOOL[tool.kind]
    for effect in call.effects:
        marks |= _OF_KIND[effect.kind]
    if tool.unanalysed_code:
        marks |= UNANALYSED
    if tool.content:
        marks |= CONTENT
    if tool.kind is ToolKind.MCP or tool.urls:
        marks |= ADDRESS
    if script is not None:
        if script.unparseable:
            marks |= UNPARSEABLE
        if script.over_budget:
            marks |= OVER_BUDGET
        if script.dynamic:
            marks |= UNANALYSED
    return marks


def _flowing(call: CallFacts) -> frozenset[int]:
    if call.script is None or not call.script.flows:
        return frozenset()
    return frozenset(index for flow in call.script.flows for index in (flow.source_command, flow.sink_command))


def _of_command(command: Command) -> int:
    marks = COMMAND | _OF_ACTION[command.action]
    for effect in command.effects:
        marks |= _OF_KIND[effect.kind]
    for action in command.may_be:
        marks |= _OF_ACTION[action]
    if command.spelled_oddly or command.origin is Origin.DECODED:
        marks |= OBFUSCATED
    for redirect in command.redirects:
        if redirect.operator.startswith(_HERE):
            marks |= CONTENT
    if len(command.words) > 1:
        marks |= ARGUMENTS
        for word in command.words[1:]:
            if word.literal is None or "://" in word.literal:
                marks |= ADDRESS
    return marks

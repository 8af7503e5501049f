"""What the shell's own commands do to what is known of it: variables, aliases, code that they run or remember."""

import re
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

from security_hooks.model.word import Word
from security_hooks.shell.options import Reading
from security_hooks.shell.state import State, Value
from security_hooks.shell.words import word_of

_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(\+?)=", re.ASCII)
_ALIAS = re.compile(r"([^\s=/'\"$]+)=")
_PLAIN_ATTRIBUTES = frozenset(("-x", "-r", "-g", "-p", "-f"))


class Effect(NamedTuple):
    """Code that a builtin runs: `code` are its words, joined; `is_immediate` is False where it is remembered for
    later; `sourced` names a file of code; `expanded` are words that are expanded a second time.
    """

    code: tuple[Word, ...] = ()
    is_immediate: bool = True
    sourced: Word | None = None
    expanded: tuple[Word, ...] = ()


_NO_EFFECT = Effect()


def affect(state: State, program: str, reading: Reading) -> Effect:
    """Change the state as this builtin would; what it does not say for sure is forgotten."""
    handler = _HANDLERS.get(program)
    effect = _NO_EFFECT if handler is None else handler(state, reading)
    expanded = _expanded(program, reading)
    return Effect(effect.code, effect.is_immediate, effect.sourced, expanded) if expanded else effect


def _expanded(program: str, reading: Reading) -> tuple[Word, ...]:
    """The words that the builtin expands once more: a name's subscript, and what is calculated."""
    if program not in _NAMING:
        return ()
    words = [*reading.operands, *(value for _, value, _ in reading.values)]
    if not any(holds_code(word.parts) for word in words):
        return ()
    if program in ("test", "["):
        behind = [word for flag, word in pairwise(reading.operands) if flag.literal in ("-v", "-R")]
        return tuple(behind)
    if program == "printf":
        return tuple(value for _, value, _ in reading.values)
    if program == "let" or not reading.options.isdisjoint(("-a", "-A", "-i")):
        return tuple(words)
    return tuple(word for word in words if _SUBSCRIPTED.match(str(word.parts[0]) if word.parts else ""))


def holds_code(parts: Value) -> bool:
    """Whether a substitution stands in the literal parts, so that expanding them once more would run it."""
    return any(type(part) is str and ("$(" in part or "`" in part or "${" in part) for part in parts)


def _declare(state: State, reading: Reading) -> Effect:
    if "-n" in reading.options or not reading.known:
        # A name that stands for another one: any assignment may then be to any variable.
        state.blind = True
    plain = reading.options <= _PLAIN_ATTRIBUTES
    for word in reading.operands:
        first = word.parts[0] if word.parts else ""
        found = _ASSIGNMENT.match(first) if isinstance(first, str) else None
        if found is None or not isinstance(first, str):
            if word.literal is None:
                state.forget_all()
            continue
        value = word_of((first[found.end() :], *word.parts[1:]), word.span).parts
        state.assign(found[1], value if plain and not found[2] else None)
    return _NO_EFFECT


def _local(state: State, reading: Reading) -> Effect:
    for word in reading.operands:
        if word.literal and _NAME.fullmatch(word.literal):
            state.assign(word.literal, None)
    return _declare(state, reading)


def _forget_named(state: State, reading: Reading) -> Effect:
    """For builtins that set the variables which they are given the names of."""
    words = [*reading.operands, *(value for _, value, _ in reading.values)]
    if not reading.known or any(word.literal is None for word in words):
        state.forget_all()
    for word in words:
        for name in _NAME.findall(word.literal or ""):
            state.assign(name, None)
    callback = reading.value_of(_CALLBACK)
    for name in ("REPLY", "MAPFILE", "OPTARG", "OPTIND"):
        state.assign(name, None)
    return _NO_EFFECT if callback is None else Effect(code=(callback,))


def _printf(state: State, reading: Reading) -> Effect:
    if "-v" in reading.options or not reading.known:
        return _forget_named(state, reading)
    return _NO_EFFECT


def _move(state: State, _reading: Reading) -> Effect:
    state.assign("PWD", None)
    return _NO_EFFECT


def _alias(state: State, reading: Reading) -> Effect:
    for word in reading.operands:
        first = word.parts[0] if word.parts else ""
        found = _ALIAS.match(first) if isinstance(first, str) else None
        if found and isinstance(first, str):
            state.aliases[found[1]] = (first[found.end() :], *word.parts[1:])
    return _NO_EFFECT


def _eval(_state: State, reading: Reading) -> Effect:
    return Effect(code=tuple(reading.operands))


def _trap(state: State, reading: Reading) -> Effect:
    operands = reading.operands
    if len(operands) < 2 or operands[0].literal in ("", "-"):
        return _NO_EFFECT
    if "DEBUG" in {word.literal for word in operands} or any(word.literal is None for word in operands[1:]):
        # Such code runs between any two commands.
        state.blind = True
    return Effect(code=(operands[0],), is_immediate=False)


def _source(_state: State, reading: Reading) -> Effect:
    return Effect(sourced=reading.operands[0]) if reading.operands else _NO_EFFECT


_CALLBACK = frozenset(("-C",))
_SUBSCRIPTED = re.compile(r"[A-Za-z_]\w*\[")
_NAMING = frozenset((
    "let", "unset", "read", "printf", "test", "[", "declare", "typeset", "local", "export", "readonly", "wait",
    "mapfile", "readarray", "getopts",
))  # fmt: skip
_HANDLERS: dict[str, Callable[[State, Reading], Effect]] = {
    "export": _declare,
    "readonly": _declare,
    "declare": _declare,
    "typeset": _declare,
    "local": _local,
    "read": _forget_named,
    "mapfile": _forget_named,
    "readarray": _forget_named,
    "getopts": _forget_named,
    "unset": _forget_named,
    "let": _forget_named,
    "wait": _forget_named,
    "printf": _printf,
    "cd": _move,
    "pushd": _move,
    "popd": _move,
    "alias": _alias,
    "eval": _eval,
    "trap": _trap,
    "source": _source,
    ".": _source,
}

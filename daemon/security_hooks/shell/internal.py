"""What the shell's own commands do to what is known of it: variables, aliases, code that they run or remember."""

import re
from collections.abc import Callable
from itertools import pairwise

import msgspec

from security_hooks.model.shell import Assignment
from security_hooks.model.word import Word
from security_hooks.shell.arithmetic import evaluate
from security_hooks.shell.assigning import assign_value, unset
from security_hooks.shell.declarations import declare
from security_hooks.shell.directories import change_directory, forget_directory, push_directory
from security_hooks.shell.functions import arguments_of
from security_hooks.shell.inputs import read_line, read_lines, read_names
from security_hooks.shell.options import Reading
from security_hooks.shell.outputs import known_output
from security_hooks.shell.state import ANY, State, Value, splits

_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_ALIAS = re.compile(r"([^\s=/'\"$]+)=")


class Effect(msgspec.Struct, frozen=True, gc=False):
    """Code that a builtin runs: `code` are its words, joined; `is_immediate` is False where it is remembered for
    later; `sourced` names a file of code; `expanded` are words that are expanded a second time.
    """

    code: tuple[Word, ...] = ()
    is_immediate: bool = True
    sourced: Word | None = None
    expanded: tuple[Word, ...] = ()


class Call(msgspec.Struct, frozen=True, gc=False):
    """One call of a builtin: what it reads on standard input is None where that is not known, `arrays` are the names
    that it gives lists to; `is_directory` says whether a path surely is one.
    """

    program: str
    words: tuple[Word, ...]
    reading: Reading
    assignments: tuple[Assignment, ...]
    arrays: tuple[str, ...]
    stdin: str | None
    is_directory: Callable[[str], bool]


_NO_EFFECT = Effect()


def affect(state: State, call: Call) -> Effect:
    """Change the state as this builtin would; what it does not say for sure is forgotten."""
    handler = _HANDLERS.get(call.program)
    effect = _NO_EFFECT if handler is None else handler(state, call)
    expanded = _expanded(call.program, call.reading)
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


def _declare(state: State, call: Call) -> Effect:
    declare(state, call.program, call.reading, call.arrays)
    return _NO_EFFECT


def _read(state: State, call: Call) -> Effect:
    if read_line(state, call.reading, call.stdin, call.assignments):
        return _NO_EFFECT
    return _forget_named(state, call)


def _read_lines(state: State, call: Call) -> Effect:
    if read_lines(state, call.reading, call.stdin):
        return _NO_EFFECT
    return _forget_named(state, call)


def _forget_named(state: State, call: Call) -> Effect:
    """For builtins that set the variables which they are given the names of."""
    reading = call.reading
    words = [*reading.operands, *(value for _, value, _ in reading.values)]
    if not reading.known or any(word.literal is None for word in words):
        state.forget_all()
    for name in read_names(reading):
        state.assign(name, None)
    callback = reading.value_of(_CALLBACK)
    for name in ("REPLY", "MAPFILE", "OPTARG", "OPTIND"):
        state.assign(name, None)
    return _NO_EFFECT if callback is None else Effect(code=(callback,))


def _unset(state: State, call: Call) -> Effect:
    reading = call.reading
    names = [word.literal for word in reading.operands]
    if "-f" in reading.options:
        state.known.functions -= {name for name in names if name}
        return _NO_EFFECT
    if not reading.known or reading.options - {"-v"} or not all(name and _NAME.fullmatch(name) for name in names):
        return _forget_named(state, call)
    for name in names:
        # Without `-v` a function goes where there is no variable.
        if name in state.known.functions and "-v" not in reading.options:
            state.known.functions -= {name}
            state.assign(name, None)
        else:
            unset(state, name or "")
    return _NO_EFFECT


def _let(state: State, call: Call) -> Effect:
    for word in call.words[1:]:
        number = evaluate(word.literal, state) if word.literal is not None else None
        if number is None:
            return _forget_named(state, call)
    return _NO_EFFECT


def _printf(state: State, call: Call) -> Effect:
    reading = call.reading
    if "-v" not in reading.options and reading.known:
        return _NO_EFFECT
    words = call.words
    name = words[2].literal if len(words) > 3 and words[1].literal == "-v" else None
    if name is None or not _NAME.fullmatch(name):
        return _forget_named(state, call)
    assign_value(state, name, known_output("printf", (words[0], *words[3:]), ()))
    return _NO_EFFECT


def _set(state: State, call: Call) -> Effect:
    words = list(call.words[1:])
    while words:
        first = words[0].literal
        if first is None and (not words[0].parts or not isinstance(words[0].parts[0], str)):
            # It may be an option.
            state.known.arguments = ANY
            _doubt_options(state)
            return _NO_EFFECT
        text = first if first is not None else str(words[0].parts[0])
        if text == "--":
            state.known.arguments = arguments_of([word.parts for word in words[1:]])
            return _NO_EFFECT
        if not _OPTION.match(text) and text not in ("-", "+"):
            break
        del words[0]
        if text == "-":
            break
        if first is None or not _KNOWN_OPTION.fullmatch(text):
            _doubt_options(state)
        if "o" in text[1:] and words:
            if words[0].literal not in _HARMLESS_OPTIONS:
                _doubt_options(state)
            del words[0]
        if text[0] == "-" and "a" in text:
            state.exports_all = True
    if words:
        state.known.arguments = arguments_of([word.parts for word in words])
    return _NO_EFFECT


def _doubt_options(state: State) -> None:
    state.braces_doubtful = True


def _shopt(state: State, call: Call) -> Effect:
    names = {word.literal for word in call.reading.operands}
    if not names <= _HARMLESS_SHOPTS:
        # What patterns match may be something else from here on.
        state.patterns_doubtful = True
    return _NO_EFFECT


def _shift(state: State, call: Call) -> Effect:
    operands = call.reading.operands
    text = operands[0].literal if operands else "1"
    arguments = state.known.arguments
    if text is None or not text.isdigit() or len(text) > 5 or len(operands) > 1:
        state.known.arguments = ANY
        return _NO_EFFECT
    count = int(text)
    before = arguments[:count]
    if any(map(splits, before)):
        state.known.arguments = ANY
    elif count <= len(arguments):
        state.known.arguments = arguments[count:]
    return _NO_EFFECT


def _succeed(state: State, _call: Call) -> Effect:
    state.known.succeeds = True
    return _NO_EFFECT


def _fail(state: State, _call: Call) -> Effect:
    state.known.succeeds = False
    return _NO_EFFECT


def _move(state: State, call: Call) -> Effect:
    change_directory(state, call.reading)
    ends = state.known.ends
    places = ends[0].places if ends is not None else None
    if ends is not None and places is not None and len(places) == 1:
        surely = state.stands(places[0]) or call.is_directory(places[0])
        if surely:
            state.restore(ends[0].copy())
    return _NO_EFFECT


def _push(state: State, call: Call) -> Effect:
    push_directory(state, call.reading)
    return _NO_EFFECT


def _pop(state: State, _call: Call) -> Effect:
    forget_directory(state)
    return _NO_EFFECT


def _alias(state: State, call: Call) -> Effect:
    for word in call.reading.operands:
        first = word.parts[0] if word.parts else ""
        found = _ALIAS.match(first) if isinstance(first, str) else None
        if found and isinstance(first, str):
            state.aliases[found[1]] = (first[found.end() :], *word.parts[1:])
    return _NO_EFFECT


def _hash(state: State, call: Call) -> Effect:
    """`hash -p FILE NAME`: the name stands for the file from now on."""
    for name, path, _ in call.reading.values:
        for word in call.reading.operands if name == "-p" else ():
            if word.literal:
                state.aliases[word.literal] = path.parts
    return _NO_EFFECT


def _eval(_state: State, call: Call) -> Effect:
    return Effect(code=tuple(call.reading.operands))


def _trap(state: State, call: Call) -> Effect:
    operands = call.reading.operands
    if len(operands) < 2 or operands[0].literal in ("", "-"):
        return _NO_EFFECT
    if "DEBUG" in {word.literal for word in operands} or any(word.literal is None for word in operands[1:]):
        # Such code runs between any two commands.
        state.blind = True
    return Effect(code=(operands[0],), is_immediate=False)


def _source(_state: State, call: Call) -> Effect:
    return Effect(sourced=call.reading.operands[0]) if call.reading.operands else _NO_EFFECT


_CALLBACK = frozenset(("-C",))
_OPTION = re.compile(r"[-+][A-Za-z]")
# Those that change neither how words expand nor what names mean.
_KNOWN_OPTION = re.compile(r"[-+][abehimnptuvxCETo]+")
_HARMLESS_OPTIONS = frozenset((
    "pipefail", "errexit", "nounset", "xtrace", "verbose", "allexport", "noclobber", "noexec", "errtrace", "functrace",
    "monitor", "notify", "hashall", "vi", "emacs", "history", "ignoreeof", "nolog",
))  # fmt: skip
_HARMLESS_SHOPTS = frozenset((
    "nullglob", "dotglob", "globstar", "failglob", "extglob", "expand_aliases", "inherit_errexit", "lastpipe",
    "checkwinsize", "histappend", "cmdhist", "autocd", "cdspell", "execfail", "sourcepath", "huponexit",
))  # fmt: skip
_SUBSCRIPTED = re.compile(r"[A-Za-z_]\w*\[")
_NAMING = frozenset((
    "let", "unset", "read", "printf", "test", "[", "declare", "typeset", "local", "export", "readonly", "wait",
    "mapfile", "readarray", "getopts",
))  # fmt: skip
_HANDLERS: dict[str, Callable[[State, Call], Effect]] = {
    "export": _declare,
    "readonly": _declare,
    "declare": _declare,
    "typeset": _declare,
    "local": _declare,
    "read": _read,
    "mapfile": _read_lines,
    "readarray": _read_lines,
    "getopts": _forget_named,
    "unset": _unset,
    "let": _let,
    "wait": _forget_named,
    "printf": _printf,
    "set": _set,
    "shopt": _shopt,
    "shift": _shift,
    "true": _succeed,
    ":": _succeed,
    "false": _fail,
    "cd": _move,
    "pushd": _push,
    "popd": _pop,
    "alias": _alias,
    "hash": _hash,
    "eval": _eval,
    "trap": _trap,
    "source": _source,
    ".": _source,
}

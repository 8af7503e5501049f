"""`declare`, `local`, `export`, `readonly`, `typeset`: what they say of variables, and what they assign."""

import re

from security_hooks.model.word import Word
from security_hooks.shell.assigning import assign_element, assign_value
from security_hooks.shell.functions import make_local
from security_hooks.shell.options import Reading
from security_hooks.shell.state import UNSET, Array, State, Unset
from security_hooks.shell.words import word_of

_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(?:\[([^\]]*)\])?(\+?)=", re.ASCII)
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_UNDERSTOOD = frozenset(("-x", "-r", "-g", "-p", "-f", "-F", "-a", "-A", "-i", "-l", "-u", "-t"))
_PRINTING = frozenset(("-p", "-f", "-F"))
_MAKING_LOCAL = frozenset(("declare", "typeset", "local"))
_CHANGING = {"-i": "i", "-l": "l", "-u": "u"}


def declare(state: State, program: str, reading: Reading, arrays: tuple[str, ...]) -> None:
    """Change the state as this declaration would. `arrays` are the names that it gives lists to."""
    options = reading.options
    if "-n" in options or not reading.known:
        # A name that stands for another one: any assignment may then be to any variable.
        state.blind = True
    if not options.isdisjoint(_PRINTING) and program != "export" and "-x" not in options:
        return
    is_plain = options <= _UNDERSTOOD and not any((word.literal or "").startswith("+") for word in reading.operands)
    is_local = program in _MAKING_LOCAL and "-g" not in options
    for name in arrays:
        if is_local:
            make_local(state, name)
    for word in reading.operands:
        _declare_one(state, program, word, options, is_local=is_local, is_plain=is_plain)
    for name in arrays:
        _attribute(state, program, name, options, is_plain=is_plain)


def _declare_one(state: State, program: str, word: Word, options: set[str], *, is_local: bool, is_plain: bool) -> None:
    first = word.parts[0] if word.parts else ""
    found = _ASSIGNMENT.match(first) if isinstance(first, str) else None
    if found is None or not isinstance(first, str):
        if word.literal is None:
            state.forget_all()
            return
        if _NAME.fullmatch(word.literal):
            _name(state, program, word.literal, options, is_local=is_local, is_plain=is_plain)
        return
    name = found[1]
    value = word_of((first[found.end() :], *word.parts[1:]), word.span).parts
    if is_local:
        _localise(state, name)
    is_changed = not options.isdisjoint(_CHANGING)
    if "-i" in options or "-l" in options or "-u" in options:
        _attribute(state, program, name, options - {"-r"}, is_plain=is_plain)
    if not is_plain or "-A" in options or (is_changed and len(options & _CHANGING.keys()) > 1):
        state.assign(name, None)
    elif found[2] is not None:
        assign_element(state, name, ((found[2], False),), value, append=bool(found[3]))
    elif "-a" in options:
        assign_element(state, name, (("0", False),), value, append=bool(found[3]))
    else:
        assign_value(state, name, value, append=bool(found[3]))
    _attribute(state, program, name, options, is_plain=is_plain)


def _name(state: State, program: str, name: str, options: set[str], *, is_local: bool, is_plain: bool) -> None:
    is_new = is_local and state.known.locals is not None and name not in state.known.locals
    if is_local:
        _localise(state, name)
    if is_new:
        state.known.attributes.pop(name, None)
        empty = Array((), "-A" in options) if "-A" in options or "-a" in options else UNSET
        # Some shells give it the value that the caller's has.
        state.assign(name, empty if is_plain else None)
    elif "-A" in options:
        variable = state.variable(name)
        is_kept = isinstance(variable, Array) and variable.associative
        if isinstance(variable, Unset):
            state.assign(name, Array((), associative=True))
        elif not is_kept:
            state.arrays.add(name)
            state.assign(name, None)
    _attribute(state, program, name, options, is_plain=is_plain)


def _localise(state: State, name: str) -> None:
    if state.known.locals is None:
        return
    if "r" in state.known.attributes.get(name, ""):
        # It fails, and with it perhaps all that stands around.
        state.blind = True
    if name not in state.known.locals:
        make_local(state, name)
        state.known.attributes.pop(name, None)
        state.arrays.discard(name)
        state.assign(name, UNSET)


def _attribute(state: State, program: str, name: str, options: set[str], *, is_plain: bool) -> None:
    known = state.known
    if program == "export" or "-x" in options:
        known.exported = known.exported - {name} if "-n" in options else known.exported | {name}
    letters = "".join([letter for option, letter in _CHANGING.items() if option in options])
    if program == "readonly" or "-r" in options:
        letters += "r"
    if not is_plain:
        letters = "?"
    if letters:
        known.attributes[name] = "".join(sorted({*known.attributes.get(name, ""), *letters}))

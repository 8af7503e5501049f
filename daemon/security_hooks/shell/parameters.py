"""What `$name` and `${name...}` stand for, by bash's rules, where all that matters is known."""

from typing import NamedTuple, TypeAlias

from security_hooks.model.word import Hole
from security_hooks.shell.arithmetic import evaluate
from security_hooks.shell.escapes import unescape
from security_hooks.shell.patterns import Pattern, Segments, compile_pattern, decidable
from security_hooks.shell.state import Array, State, Value, element, element_known, literal, splits
from security_hooks.shell.syntax import Parameter, Piece

DEFAULTS = frozenset((":-", "-", ":=", "=", ":?", "?", ":+", "+"))
# Stands between pattern and replacement in what an argument became; no text of a shell holds it.
SLASH = ("\0", False)
_TELLING = frozenset(("@", "/", "//"))
_CASES = frozenset(("^", "^^", ",", ",,"))
_TRIMS = frozenset(("#", "##", "%", "%%"))
_MOST_SEARCHED = 2048
_MOST_REPLACED = 1 << 16


class Several(NamedTuple):
    """The words of `$@`, `$*` and arrays as a whole. `starred` says that quotes join them."""

    items: tuple[Value, ...]
    starred: bool


class Instead(NamedTuple):
    """The parameter stands for other pieces: the default that it was given."""

    pieces: tuple[Piece, ...]


Result: TypeAlias = tuple[str | Hole, ...] | Several | Instead


def parameter(piece: Parameter, subscript: Segments | None, argument: Segments | None, state: State) -> Result | None:
    """What the piece stands for; None where that is not known. `subscript` and `argument` are the texts that these
    became, each with whether it is quoted; None where they are not known.
    """
    if not piece.operator and not piece.prefix and piece.subscript is None:
        if piece.name in ("@", "*"):
            return Several(state.arguments, piece.name == "*")
        return state.value(piece.name)
    base = _base(piece, subscript, state)
    if piece.prefix == "!":
        base = _indirect(piece, base, state)
    if base is None:
        return None
    if piece.prefix == "#":
        return _length(base) if not piece.operator and not piece.argument else None
    operator = piece.operator
    if not operator:
        return base
    if operator in DEFAULTS:
        used = uses_default(piece, subscript, state)
        if used is None:
            return None
        return (base if operator not in (":+", "+") else ()) if not used else Instead(piece.argument)
    if argument is None:
        return None
    if operator == ":":
        return _slice(piece, base, argument, state)
    if operator in _TELLING and not base:
        # What is empty may become something, what is not set does not.
        given = _is_set(piece, subscript, base, state)
        if not given:
            return None if given is None else ()
    if isinstance(base, Several):
        changed: list[Value] = []
        for item in base.items:
            value = _changed(operator, item, argument, state)
            if value is None:
                return None
            changed.append(value)
        return Several(tuple(changed), base.starred)
    return _changed(operator, base, argument, state)


def uses_default(piece: Parameter, subscript: Segments | None, state: State) -> bool | None:
    """Whether the word behind the operator is what the parameter stands for; None if that is not known."""
    operator = piece.operator
    base = _base(piece, subscript, state)
    if piece.prefix == "!":
        base = _indirect(piece, base, state)
    if base is None or piece.prefix == "#":
        return None
    given = _is_set(piece, subscript, base, state)
    if operator[0] == ":" and given is not False:
        filled = _is_filled(base)
        given = filled if filled is not True else given
    if given is None:
        return None
    return given if operator[-1] == "+" else not given


def key_of(array: Array | None, subscript: Segments | None, state: State) -> int | str | None:
    """The index or key that a subscript names; None where that is not known."""
    if subscript is None:
        return None
    text = "".join([part for part, _ in subscript])
    if array is not None and array.associative:
        return text or None
    if any(quoted for _, quoted in subscript) or "[" in text or '"' in text or "'" in text or not text.strip():
        return None
    return evaluate(text, state)


def _base(piece: Parameter, subscript: Segments | None, state: State) -> Value | Several | None:
    name = piece.name
    if piece.subscript is None:
        if name in ("@", "*"):
            return Several(state.arguments, name == "*")
        return state.value(name)
    variable = state.variable(name)
    if variable is None or subscript is None or (not name[0].isalpha() and name[0] != "_"):
        return None
    whole = len(subscript) == 1 and not subscript[0][1] and subscript[0][0] in ("@", "*")
    if whole:
        starred = subscript[0][0] == "*"
        if isinstance(variable, Array):
            if variable.associative and len(variable.items) > 1:
                # In no order that is known.
                return None
            if piece.prefix == "!":
                if variable.is_open:
                    return None
                return Several(tuple([(str(index),) if index != "" else () for index, _ in variable.items]), starred)
            return Several(tuple([value for _, value in variable.items]), starred)
        if type(variable) is tuple:
            return Several((("0",) if piece.prefix == "!" else variable,), starred)
        return Several((), starred)
    if isinstance(variable, Array):
        key = key_of(variable, subscript, state)
        return None if key is None else element(variable, key)
    key = key_of(None, subscript, state)
    if key is None:
        return None
    return (state.value(name) if key in (0, -1) else ()) if type(variable) is tuple else ()


def _is_set(piece: Parameter, subscript: Segments | None, base: Value | Several, state: State) -> bool | None:
    if isinstance(base, Several):
        if any(not splits(item) for item in base.items):
            return True
        return None if base.items else False
    if piece.prefix == "!":
        name = literal(state.value(piece.name)) or ""
        return state.is_set(name)
    variable = state.variable(piece.name)
    if piece.subscript is not None and isinstance(variable, Array):
        key = key_of(variable, subscript, state)
        return None if key is None else element_known(variable, key)
    if piece.subscript is not None:
        return bool(base) or None
    return state.is_set(piece.name)


def _is_filled(base: Value | Several) -> bool | None:
    values = base.items if isinstance(base, Several) else (base,)
    if any(part for value in values for part in value if type(part) is str):
        return True
    if isinstance(base, Several) and len(base.items) > 1:
        return None
    return None if any(values) else False


def _indirect(piece: Parameter, base: Value | Several | None, state: State) -> Value | Several | None:
    if isinstance(base, Several):
        # `${!a[@]}`: the indices, which are there already.
        return base if piece.subscript is not None and not piece.operator else None
    if piece.operator in ("*", "@"):
        return None
    name = literal(base)
    if not name:
        # Where there is no such name the whole command is given up, and what it had done so far stays.
        state.blind = True
        return None
    if name in ("@", "*"):
        return Several(state.arguments, name == "*")
    if name.isascii() and (name.isidentifier() or name.isdigit()) and name != "0":
        return state.value(name)
    return None


def _length(base: Value | Several) -> Value | None:
    if isinstance(base, Several):
        return None if any(map(splits, base.items)) else (str(len(base.items)),)
    text = literal(base)
    return (str(len(text)),) if text is not None and text.isascii() else None


def _slice(piece: Parameter, base: Value | Several, argument: Segments, state: State) -> Value | Several | None:
    text = "".join([part for part, _ in argument])
    first, has_size, second = text.partition(":")
    if "?" in text or "(" in text:
        return None
    offset = evaluate(first, state)
    size = evaluate(second, state) if has_size else None
    if offset is None or (has_size and size is None):
        return None
    if isinstance(base, Several):
        return _slice_of_several(piece, base, offset, size, state)
    value = literal(base)
    if value is None or not value.isascii():
        return None
    length = len(value)
    start = offset + length if offset < 0 else offset
    if start < 0 or start > length:
        return ()
    end = length if size is None else start + size if size >= 0 else length + size
    if end < start:
        state.blind = True
        return None
    return _text(value[start:end])


def _slice_of_several(piece: Parameter, base: Several, offset: int, size: int | None, state: State) -> Several | None:
    variable = state.variable(piece.name) if piece.subscript is not None else None
    if any(map(splits, base.items)) or (size is not None and size < 0):
        return None
    items = base.items
    if piece.subscript is None:
        if offset == 0:
            # `$0` is one of them then.
            zero = state.value("0")
            if zero is None:
                return None
            items = (zero, *items)
        else:
            offset = offset - 1 if offset > 0 else offset + len(items)
            if offset < 0:
                return Several((), base.starred)
    elif isinstance(variable, Array):
        indices = [index for index, _ in variable.items]
        if variable.associative or indices != list(range(len(indices))):
            return None
        if offset < 0:
            offset += len(items)
    if offset < 0:
        return Several((), base.starred)
    return Several(items[offset:] if size is None else items[offset : offset + size], base.starred)


def _changed(operator: str, base: Value, argument: Segments, state: State) -> Value | None:
    text = literal(base)
    if text is None:
        return None
    if not state.affords(len(text) >> 6):
        return None
    if operator == "@":
        return _transformed("".join([part for part, _ in argument]), text)
    if not decidable(text) or _starts_with_tilde(argument):
        return None
    if operator in _TRIMS:
        pattern = compile_pattern(argument, state)
        return None if pattern is None else _trimmed(operator, text, pattern)
    if operator in _CASES:
        pattern = compile_pattern(argument or (("?", False),), state)
        if pattern is None:
            return None
        change = str.upper if operator[0] == "^" else str.lower
        most = len(text) if len(operator) == 2 else 1
        return _text("".join([change(c) if i < most and pattern.matches(c) else c for i, c in enumerate(text)]))
    if operator in ("/", "//"):
        return _replaced(operator, text, argument, state)
    return None


def _text(text: str) -> Value:
    return (text,) if text else ()


def _starts_with_tilde(argument: Segments) -> bool:
    return bool(argument) and not argument[0][1] and argument[0][0].startswith("~")


def _transformed(letter: str, text: str) -> Value | None:
    if not text.isascii():
        return None
    if letter == "Q":
        return ("'" + text.replace("'", "'\\''") + "'",) if text.isprintable() else None
    if letter == "U":
        return _text(text.upper())
    if letter == "u":
        return _text(text[:1].upper() + text[1:])
    if letter == "L":
        return _text(text.lower())
    if letter == "E":
        expanded = unescape(text)
        return None if expanded is None else _text(expanded)
    return None


def _trimmed(operator: str, text: str, pattern: Pattern) -> Value:
    places = pattern.ends(text) if operator[0] == "#" else pattern.starts(text)
    if not places:
        return _text(text)
    place = places[-1] if len(operator) == 2 else places[0]
    return _text(text[place:] if operator[0] == "#" else text[:place])


def _replaced(operator: str, text: str, argument: Segments, state: State) -> Value | None:
    searched, replacement = _cut(argument)
    anchor = ""
    if operator == "/" and searched and not searched[0][1] and searched[0][0][:1] in ("#", "%"):
        anchor = searched[0][0][0]
        searched[0] = (searched[0][0][1:], False)
    pattern = compile_pattern(searched, state)
    if pattern is None or _starts_with_tilde(replacement) or _starts_with_tilde(searched):
        return None
    if any(not quoted and ("&" in part or "\\" in part) for part, quoted in replacement):
        # Since bash 5.2 `&` is what was found.
        return None
    new = "".join([part for part, _ in replacement])
    empty = not any(part for part, _ in searched)
    if not text:
        if not pattern.matches(""):
            return ()
        return _text(new) if anchor else None
    if anchor == "#":
        ends = pattern.ends(text)
        return _text(new + text[ends[-1] :]) if ends else _text(text)
    if anchor == "%":
        starts = pattern.starts(text)
        return _text(text[: starts[-1]] + new) if starts else _text(text)
    if empty:
        return _text(text)
    if not text or pattern.matches(""):
        return None
    if len(text) > _MOST_SEARCHED or len(new) * len(text) > _MOST_REPLACED:
        return None
    return _searched(text, pattern, new, most=1 if operator == "/" else len(text), state=state)


def _searched(text: str, pattern: Pattern, new: str, most: int, state: State) -> Value | None:
    made: list[str] = []
    pos = done = 0
    while pos < len(text) and done < most:
        if not state.affords(len(text) - pos >> 8):
            return None
        ends = pattern.ends(text, pos)
        if ends:
            made.append(new)
            pos = ends[-1]
            done += 1
        else:
            made.append(text[pos])
            pos += 1
    return _text("".join(made) + text[pos:])


def _cut(argument: Segments) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    """Pattern and replacement: what stands before and behind the slash between them."""
    texts = list(argument)
    place = texts.index(SLASH) if SLASH in texts else len(texts)
    return texts[:place], texts[place + 1 :]

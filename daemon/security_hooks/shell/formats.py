"""`printf`: its format and escapes, as bash, zsh and GNU's own read them."""

import re
from collections.abc import Sequence

_ESCAPE = re.compile(
    r"\\(?:(?P<octal>[0-7]{1,3})|x(?P<hex>[0-9A-Fa-f]{1,2})|u(?P<code>[0-9A-Fa-f]{4})|(?P<letter>.?))", re.DOTALL
)
_ARGUMENT_ESCAPE = re.compile(_ESCAPE.pattern.replace("[0-7]{1,3}", "0[0-7]{1,3}|[1-7][0-7]{0,2}"), re.DOTALL)
_LETTERS = {"a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}
_DIRECTIVE = re.compile(
    r"%(?:(?P<percent>%)|(?P<flags>[-+ 0#]*)(?P<width>[0-9]{0,4})"
    r"(?:\.(?P<precision>[0-9]{0,4}))?(?P<kind>[sbcdiouxXq]))|%"
)
# What begins with a nought is octal for some.
_NUMBER = re.compile(r"([-+]?)(?:0[xX]([0-9A-Fa-f]{1,15})|(0|[1-9][0-9]{0,17}))")
_UNQUOTED = re.compile(r"[A-Za-z0-9_./-]+")
_MOST_ROUNDS = 256
_MOST_CHARACTERS = 1 << 16
_STOP = "\0"


def formatted(form: str, arguments: Sequence[str]) -> str | None:
    """What `printf` makes of a format and its arguments, used again while there are some left."""
    left = list(reversed(arguments))
    pieces: list[str] = []
    size = 0
    for _ in range(_MOST_ROUNDS):
        before = len(left)
        pos = 0
        for found in _DIRECTIVE.finditer(form):
            text = _unescaped(form[pos : found.start()])
            pos = found.end()
            value = _converted(found, left)
            if text is None or value is None:
                return None
            pieces.append(text)
            pieces.append(value)
            size += len(value) + len(text)
            if value.endswith(_STOP):
                whole = "".join(pieces)[:-1]
                return None if _STOP in whole else whole
        text = _unescaped(form[pos:])
        if text is None or size > _MOST_CHARACTERS:
            return None
        pieces.append(text)
        if not left or len(left) == before:
            return "".join(pieces)
    return None


def unescaped_argument(text: str) -> str | None:
    r"""What `%b` makes of a text: `\0162` besides what a format knows. A NUL at the end says that `\c` stood there."""
    if "\\" not in text:
        return text
    if "\\c" in text:
        before = text[: text.index("\\c")]
        # Of `\\c` only the first half is an escape.
        if before.endswith("\\"):
            return None
        known = unescaped_argument(before)
        return None if known is None else known + _STOP
    return _unescaped(text, _ARGUMENT_ESCAPE)


def _converted(found: re.Match[str], left: list[str]) -> str | None:
    kind = found["kind"]
    if kind is None:
        return found["percent"]
    flags, width, precision = found["flags"], int(found["width"] or 0), found["precision"]
    given = left.pop() if left else ""
    if kind in "sbcq":
        return _text(kind, given, flags, width, precision)
    number = _NUMBER.fullmatch(given or "0")
    if number is None or precision is not None:
        return None
    value = int(number[2], 16) if number[2] else int(number[3])
    value = -value if number[1] == "-" else value
    is_signed = kind in "di"
    if (value < 0 or "+" in flags or " " in flags) and not is_signed:
        return None
    if ("#" in flags and (kind not in "xX" or value == 0)) or abs(value) >= 1 << 62:
        return None
    return f"%{flags}{width or ''}{kind}" % value


def _text(kind: str, given: str, flags: str, width: int, precision: str | None) -> str | None:
    if flags.strip("-") or (kind != "s" and (width or precision is not None)):
        return None
    if kind == "b":
        return unescaped_argument(given)
    if kind == "c":
        # Of nothing, some print a NUL.
        return given[0] if given and given.isascii() else None
    if kind == "q":
        return given if _UNQUOTED.fullmatch(given) else None
    if (width or precision is not None) and not given.isascii():
        return None
    cut = given if precision is None else given[: int(precision or 0)]
    return cut.ljust(width) if flags else cut.rjust(width)


def _unescaped(text: str, escape: re.Pattern[str] = _ESCAPE) -> str | None:
    """The text with its escapes resolved; None where shells differ, and where a NUL or half a character is spelled."""
    if "\\" not in text:
        return text
    pieces: list[str] = []
    pos = 0
    for found in escape.finditer(text):
        pieces.append(text[pos : found.start()])
        pos = found.end()
        kind = found.lastgroup or ""
        if kind == "letter":
            character = _LETTERS.get(found[kind])
            if character is None:
                return None
        else:
            code = int(found[kind], 8 if kind == "octal" else 16)
            if not 0 < code < 128:
                return None
            character = chr(code)
        pieces.append(character)
    pieces.append(text[pos:])
    return "".join(pieces)

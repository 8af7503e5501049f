"""`tr`: characters translated, deleted and squeezed, by sets of ASCII characters."""

import re
from collections.abc import Sequence

from security_hooks.shell.flags import read_flags
from security_hooks.shell.printed import Printed

_LETTERS = {"a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11, "\\": 92}
_OCTAL = re.compile(r"[0-7]{1,3}")
_CLASS = re.compile(r"\[:([a-z]+):\]")
_CLASSES = {
    "alpha": "A-Za-z", "digit": "0-9", "alnum": "0-9A-Za-z", "upper": "A-Z", "lower": "a-z", "space": "\\t-\\r ",
    "blank": "\\t ", "punct": "!-/:-@[-`{-~", "xdigit": "0-9A-Fa-f", "print": " -~", "graph": "!-~",
    "cntrl": "\\000-\\037\\177",
}  # fmt: skip
_CASES = (("[:lower:]", "[:upper:]"), ("[:upper:]", "[:lower:]"))


def tr_of(arguments: Sequence[str], given: bytes) -> Printed | None:
    """`tr`."""
    flags = read_flags(arguments, bare="cCds", long="c=complement d=delete s=squeeze-repeats")
    if flags is None or not 1 <= len(flags.operands) <= 2:
        return None
    first = _members(flags.operands[0], classes=True)
    second = None
    if len(flags.operands) == 2:
        second = _members(flags.operands[1], classes=tuple(flags.operands) in _CASES)
    if not first or (len(flags.operands) == 2 and not second):
        return None
    deletes, squeezes = flags.has("d"), flags.has("s")
    if (second is not None or squeezes) if deletes else (second is None and not squeezes):
        return None
    is_mapped = second is not None and len(set(second)) > 1
    if is_mapped and "[:" in flags.operands[0] and tuple(flags.operands) not in _CASES:
        # In which order a class stands is not the same everywhere.
        return None
    if flags.has("c") or flags.has("C"):
        if not given.isascii() or is_mapped:
            return None
        first = bytes(sorted(set(range(128)) - set(first)))
    data = given
    if deletes:
        data = data.translate(None, first)
    elif second is not None:
        # A character that stands twice in the first set goes where it was last.
        padded = second[: len(first)] + second[-1:] * (len(first) - len(second))
        data = data.translate(bytes.maketrans(first, padded))
    if squeezes:
        data = _squeezed(data, second if second is not None else first)
    return Printed(data)


def _squeezed(data: bytes, members: bytes) -> bytes:
    return re.sub(rb"([%s])\1+" % re.escape(members), rb"\1", data)


def _members(text: str, *, classes: bool) -> bytes | None:
    """The characters of a set in order; None for what is not the same everywhere."""
    codes: list[int] = []
    pos, size = 0, len(text)
    while pos < size:
        named = _CLASS.match(text, pos)
        if named:
            spec = _CLASSES.get(named[1])
            expanded = _members(spec, classes=False) if spec is not None and classes else None
            if expanded is None:
                return None
            codes += expanded
            pos = named.end()
            continue
        if text[pos] == "[" and (text[pos + 1 : pos + 2] in ("=", ".") or "*" in text[pos:]):
            return None
        low, pos = _character(text, pos)
        if low is None:
            return None
        if pos + 1 < size and text[pos] == "-":
            high, pos = _character(text, pos + 1)
            if high is None or high < low:
                return None
            codes += range(low, high + 1)
        else:
            codes.append(low)
    return bytes(codes)


def _character(text: str, pos: int) -> tuple[int | None, int]:
    if text[pos] != "\\":
        code = ord(text[pos])
        return (code if code < 128 else None), pos + 1
    octal = _OCTAL.match(text, pos + 1)
    if octal:
        code = int(octal[0], 8)
        return (code if code < 128 else None), octal.end()
    return _LETTERS.get(text[pos + 1 : pos + 2]), pos + 2

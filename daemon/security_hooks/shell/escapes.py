r"""Backslash escapes as `$'..'` and `printf` read them."""

import re

_ESCAPE = re.compile(
    r"\\(?:(?P<octal>[0-7]{1,3})|x(?P<hex>[0-9A-Fa-f]{1,2})|u(?P<u4>[0-9A-Fa-f]{1,4})"
    r"|U(?P<u8>[0-9A-Fa-f]{1,8})|c(?P<control>.)|(?P<letter>.))",
    re.DOTALL,
)
_LETTERS = {
    "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    "\\": "\\", "'": "'", '"': '"', "?": "?",
}  # fmt: skip


def unescape(text: str) -> str | None:
    """The text with its escapes resolved, up to a NUL, where the shell stops too.

    None where bytes above 127 are spelled out: what characters they make up is not decided here.
    """
    if "\\" not in text:
        return text
    pieces: list[str] = []
    pos = 0
    for found in _ESCAPE.finditer(text):
        pieces.append(text[pos : found.start()])
        pos = found.end()
        character = _character(found)
        if character is None:
            return None
        if character == "\0":
            return "".join(pieces)
        pieces.append(character)
    pieces.append(text[pos:])
    return "".join(pieces)


def _character(found: re.Match[str]) -> str | None:
    kind = found.lastgroup
    value = found[kind] if kind else ""
    if kind == "letter":
        return _LETTERS.get(value, "\\" + value)
    if kind == "control":
        return chr(ord(value.upper()) & 0x1F)
    code = int(value, 8 if kind == "octal" else 16)
    if kind in ("octal", "hex"):
        code &= 0xFF
        return chr(code) if code < 0x80 else None
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else None

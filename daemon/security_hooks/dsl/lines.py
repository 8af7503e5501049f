"""Bytes of a rules file to logical lines: encoding, size, forbidden characters, comments, lists over several lines."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from security_hooks.model.diagnostic import Diagnostic

MOST_BYTES = 1 << 20
MOST_IN_A_LINE = 16_384

# What an editor does not show, or shows elsewhere than where it stands, has no place in rules that people review.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_LIST = re.compile(r"[ \t]*list[ \t]")
_VALUES = re.compile(r'[ \t]*(?:"|[A-Za-z_][A-Za-z0-9_]*[ \t]*(?:,|$))')


@dataclass(frozen=True, slots=True)
class LogicalLine:
    """One statement or clause: its text with blanks kept, and the number of its first line."""

    text: str
    number: int

    @property
    def first(self) -> str:
        """The word that it begins with; nothing where it is all blanks of other scripts."""
        return next(iter(self.text.split(maxsplit=1)), "")


def decode(data: bytes, file: str) -> tuple[str | None, tuple[Diagnostic, ...]]:
    """The text of a file, or None and why it is none: too large, or not UTF-8."""
    if len(data) > MOST_BYTES:
        message = f"the file is {len(data)} bytes long; at most {MOST_BYTES} are read"
        return None, (Diagnostic(file, 0, 0, "too-large", message, "split it into several files"),)
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line_start = before.rfind(b"\n") + 1
        column = len(before[line_start:].decode("utf-8")) + 1
        message = f"the byte 0x{data[error.start]:02x} is not UTF-8"
        return None, (Diagnostic(file, before.count(b"\n") + 1, column, "encoding", message, "save the file as UTF-8"),)


def logical_lines(text: str, file: str) -> Iterator[LogicalLine | Diagnostic]:
    """Lines that say something, comments and blank lines left out; a line that cannot be used is a Diagnostic.

    A list goes on in the next line after a comma; its parts come joined by newlines, so that places stay right.
    """
    pending: list[str] = []
    start = 0
    for number, raw in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        line = raw.removesuffix("\r")
        found = _FORBIDDEN.search(line)
        if found is not None or len(line) > MOST_IN_A_LINE:
            yield _unusable(file, number, line, found)
            line = "#"
        bare = line.strip(" \t")
        is_silent = not bare or bare.startswith("#")
        if pending:
            if is_silent or _VALUES.match(line):
                pending.append("" if is_silent else line)
                if is_silent or bare.endswith(","):
                    continue
                yield LogicalLine("\n".join(pending), start)
                pending = []
                continue
            yield LogicalLine("\n".join(pending).rstrip(), start)
            pending = []
        if is_silent:
            continue
        if bare.endswith(",") and _LIST.match(line):
            pending, start = [line], number
            continue
        yield LogicalLine(line.rstrip(" \t"), number)
    if pending:
        yield LogicalLine("\n".join(pending).rstrip(), start)


def _unusable(file: str, number: int, line: str, found: re.Match[str] | None) -> Diagnostic:
    if found is None:
        message = f"the line is {len(line)} characters long; at most {MOST_IN_A_LINE} are read"
        return Diagnostic(file, number, MOST_IN_A_LINE + 1, "too-large", message, "split it into several clauses")
    character = found.group()
    hint = "lines end in a newline, or in carriage return and newline" if character == "\r" else "remove it"
    message = f"the character U+{ord(character):04X} cannot be seen and is not allowed here"
    return Diagnostic(file, number, found.start() + 1, "character", message, hint)

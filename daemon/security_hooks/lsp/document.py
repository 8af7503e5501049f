"""A text in an editor: offsets of characters in it, as the parser counts places and as the protocol counts positions.

The parser ends a line at a newline alone and leaves a byte order mark out; the protocol ends one at a lone carriage
return too and counts in code units of the encoding that was agreed on.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

_PROTOCOL_LINE = re.compile(r"\r\n|\n|\r")
_MARK = "\ufeff"


class Encoding(Enum):
    """What a position's `character` counts."""

    UTF_8 = "utf-8"
    UTF_16 = "utf-16"
    UTF_32 = "utf-32"

    def units(self, character: str) -> int:
        """How many units a character takes."""
        match self:
            case Encoding.UTF_8:
                code = ord(character)
                return 1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x10000 else 4
            case Encoding.UTF_16:
                return 1 if ord(character) < 0x10000 else 2
            case Encoding.UTF_32:
                return 1


@dataclass(frozen=True, slots=True)
class Position:
    """A place as the protocol has it: line and unit, both from 0."""

    line: int
    character: int


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a text, from one offset up to another."""

    start: int
    end: int


@dataclass(frozen=True)
class Document:
    """One text, and the name that diagnostics call its file by."""

    file: str
    text: str

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """The offset of each line as the parser counts them."""
        first = len(_MARK) if self.text.startswith(_MARK) else 0
        return (first, *(found.end() for found in re.finditer("\n", self.text)))

    @cached_property
    def _protocol_starts(self) -> tuple[int, ...]:
        return (0, *(found.end() for found in _PROTOCOL_LINE.finditer(self.text)))

    def line_at(self, offset: int) -> int:
        """The number of the parser's line, from 1, that an offset stands in."""
        return max(bisect_right(self.starts, offset), 1)

    def line_span(self, number: int) -> Span:
        """A parser's line without its end; the nearest one for a number that is none."""
        index = min(max(number, 1), len(self.starts)) - 1
        end = self.text.find("\n", self.starts[index])
        end = len(self.text) if end < 0 else end
        return Span(
            self.starts[index], max(end - self.text.endswith("\r", self.starts[index], end), self.starts[index])
        )

    def offset_of(self, line: int, column: int) -> int:
        """The offset of the parser's place, both from 1; the nearest one for a place that is none."""
        span = self.line_span(line)
        return min(span.start + max(column, 1) - 1, span.end)

    def position_of(self, offset: int, encoding: Encoding) -> Position:
        """The protocol's position of an offset."""
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(self._protocol_starts, offset) - 1
        before = self.text[self._protocol_starts[line] : offset]
        return Position(line, len(before) if before.isascii() else sum(map(encoding.units, before)))

    def offset_at(self, position: Position, encoding: Encoding) -> int:
        """The offset of the protocol's position; the nearest one before it for a position that is none."""
        if position.line < 0:
            return 0
        if position.line >= len(self._protocol_starts):
            return len(self.text)
        offset = self._protocol_starts[position.line]
        left = position.character
        while offset < len(self.text) and self.text[offset] not in "\r\n":
            left -= encoding.units(self.text[offset])
            if left < 0:
                break
            offset += 1
        return offset

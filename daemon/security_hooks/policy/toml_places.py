"""Where each key and each array element of a TOML text stands, for diagnostics.

`tomllib` keeps no positions. The text has been parsed by it already, so this scan need not judge: it only walks.
It is iterative, because the text may come from a hostile project.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

KeyPath: TypeAlias = tuple[str | int, ...]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\n]*")


@dataclass(slots=True)
class _Open:
    """An array or inline table that is not closed yet; `count` numbers an array's elements."""

    path: KeyPath
    is_array: bool
    count: int = 0


def places(text: str) -> dict[KeyPath, tuple[int, int]]:
    """Line and column, both from 1, of every key path (array elements by index) in a valid TOML text."""
    text = text.replace("\r\n", "\n")
    found: dict[KeyPath, int] = {}
    for path, start in _walk(text):
        found.setdefault(path, start)
    positions: dict[KeyPath, tuple[int, int]] = {}
    line, seen = 1, 0
    for path, start in sorted(found.items(), key=lambda item: item[1]):
        line += text.count("\n", seen, start)
        seen = start
        positions[path] = (line, start - text.rfind("\n", 0, start))
    return positions


def _walk(text: str) -> Iterator[tuple[KeyPath, int]]:
    table: KeyPath = ()
    tables: dict[KeyPath, int] = {}
    stack: list[_Open] = []
    at = 0
    while at < len(text):
        char = text[at]
        inner = stack[-1] if stack else None
        if char in " \t\r\n,":
            at += 1
        elif char == "#":
            at = _line_end(text, at)
        elif inner is not None and char in "]}":
            stack.pop()
            at += 1
        elif inner is not None and inner.is_array:
            path = (*inner.path, inner.count)
            inner.count += 1
            yield path, at
            at = _value(text, at, path, stack)
        elif inner is None and char == "[":
            is_array = text.startswith("[[", at)
            start = at + 1 + is_array
            keys, end = _key(text, start)
            table = keys
            yield from _prefixes((), keys, start)
            if is_array:
                tables[keys] = tables.get(keys, -1) + 1
                table = (*keys, tables[keys])
                yield table, start
            at = text.index("]", end) + 1 + is_array
        else:
            parent = inner.path if inner else table
            keys, end = _key(text, at)
            yield from _prefixes(parent, keys, at)
            at = _value(text, _skip_blanks(text, text.index("=", end) + 1), (*parent, *keys), stack)


def _prefixes(parent: KeyPath, keys: tuple[str, ...], start: int) -> Iterator[tuple[KeyPath, int]]:
    for length in range(1, len(keys) + 1):
        yield (*parent, *keys[:length]), start


def _value(text: str, at: int, path: KeyPath, stack: list[_Open]) -> int:
    """Where the walk goes on: inside an array or inline table, behind anything else."""
    char = text[at]
    if char in "[{":
        stack.append(_Open(path, char == "["))
        return at + 1
    if char in "\"'":
        return _string_end(text, at)
    scalar = _SCALAR.match(text, at)
    return scalar.end() if scalar else at + 1


def _key(text: str, at: int) -> tuple[tuple[str, ...], int]:
    """The parts of a dotted key, and where it ends."""
    parts: list[str] = []
    while True:
        at = _skip_blanks(text, at)
        if text[at] in "\"'":
            end = _string_end(text, at)
            parts.append(tomllib.loads(f"key = {text[at:end]}")["key"])
        else:
            bare = _BARE.match(text, at)
            end = bare.end() if bare else at + 1
            parts.append(text[at:end])
        at = _skip_blanks(text, end)
        if not text.startswith(".", at):
            return tuple(parts), at
        at += 1


def _string_end(text: str, at: int) -> int:
    """Behind the closing quotes of the string that opens at `at`."""
    quote = text[at]
    if not text.startswith(quote * 3, at):
        return _closing(text, at + 1, quote, quote) + 1
    end = _closing(text, at + 3, quote, quote * 3) + 3
    # A multi-line string may end in up to two quotes of its own before the closing three.
    while end < len(text) and text[end] == quote:
        end += 1
    return end


def _closing(text: str, at: int, quote: str, closing: str) -> int:
    while not text.startswith(closing, at):
        at += 2 if quote == '"' and text[at] == "\\" else 1
    return at


def _skip_blanks(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t":
        at += 1
    return at


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end

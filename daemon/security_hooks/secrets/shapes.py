"""Finds secrets in text: known credential shapes, what its surroundings give away, and our own placeholders.

Comes in: any text. Goes out: spans in characters, in order, never overlapping. Everything runs in RE2, so the time is
linear in the text. A secret split over several strings is not found.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import re2

from security_hooks.secrets import context
from security_hooks.secrets.table import SHAPES


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """One secret at `text[start:end]`. `kind` names its shape, as in the placeholder `[REDACTED:kind]`."""

    start: int
    end: int
    kind: str


# Kinds that surroundings alone gave away; all others are shapes of real credentials.
CONTEXTUAL = frozenset({"url-password", "authorization", "password", "secret"})

PLACEHOLDER = r"\[REDACTED:[A-Za-z0-9_:.-]{1,120}\]"

_SURROGATE = re.compile("[\ud800-\udfff]")
_PLACEHOLDER = re2.compile(PLACEHOLDER.encode())
_RANKS = {
    kind: rank
    for rank, kind in enumerate(("private-key", *(shape.kind for shape in SHAPES), *sorted(CONTEXTUAL)), start=1)
}


def _options() -> re2.Options:
    options = re2.Options()
    options.max_mem = 64 << 20
    return options


# What may stand before a shape: no letter or digit, but for the end of an escape (`\n`, `%3D`).
_BEFORE = rb"(?:^|[^A-Za-z0-9]|\\[nrt]|%[0-9A-Fa-f]{2})"
_ORDERED = (*(shape for shape in SHAPES if not shape.glued), *(shape for shape in SHAPES if shape.glued))
_SHAPES = re2.compile(
    b"%b(?:%b)|%b"
    % (
        _BEFORE,
        b"|".join(shape.pattern.encode() for shape in SHAPES if not shape.glued),
        b"|".join(shape.pattern.encode() for shape in SHAPES if shape.glued),
    ),
    _options(),
)
HINT = b"|".join(
    (rb"\[REDACTED:", *context.HINTS, *(b"(?:" + shape.hint.encode() + b")" for shape in SHAPES)),
)
_HINT = re2.compile(HINT, _options())


def may_hold(text: str) -> bool:
    """Whether `find` may find anything in the text; far quicker than finding it."""
    return _HINT.search(_encoded(text)) is not None


def find(text: str) -> tuple[Span, ...]:
    """Every secret in the text and every placeholder of one; the same text always gives the same spans."""
    return find_among(text, ())


def find_among(text: str, values: Iterable[tuple[str, str]]) -> tuple[Span, ...]:
    """As `find`, with (name, value) pairs whose values count as secrets of the kind `env:NAME`."""
    data = _encoded(text)
    given = [found for name, value in values for found in _occurrences(data, value.encode(errors="replace"), name)]
    if not given and _HINT.search(data) is None:
        return ()
    placeholders = [(*match.span(), match[0][10:-1].decode()) for match in _PLACEHOLDER.finditer(data)]
    found = [*given, *_shapes(data), *context.private_keys(data), *context.surrounded(data)]
    spans = sorted((*placeholders, *_around(placeholders, _merged(found))))
    if len(data) == len(text):
        return tuple(Span(*span) for span in spans)
    return _in_characters(data, spans)


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        # Lone surrogates: one character for another keeps the offsets.
        return _SURROGATE.sub("\ufffd", text).encode()


def _shapes(data: bytes) -> Iterable[context.Found]:
    for match in _SHAPES.finditer(data):
        for index, shape in enumerate(_ORDERED, start=1):
            start, end = match.span(index)
            if start >= 0:
                yield start, end, shape.kind


def _occurrences(data: bytes, value: bytes, name: str) -> Iterable[context.Found]:
    start = data.find(value) if value else -1
    while start >= 0:
        yield start, start + len(value), f"env:{name}"
        start = data.find(value, start + 1)


def _merged(found: list[context.Found]) -> list[context.Found]:
    """Overlapping finds as one, called by the most telling of their kinds, so that no end of a secret stays behind."""
    merged: list[context.Found] = []
    for start, end, kind in sorted(found):
        if merged and start < merged[-1][1]:
            last = merged[-1]
            merged[-1] = (last[0], max(end, last[1]), min(last[2], kind, key=_rank))
        else:
            merged.append((start, end, kind))
    return merged


def _rank(kind: str) -> tuple[int, str]:
    return _RANKS.get(kind, 0), kind


def _around(placeholders: list[context.Found], found: list[context.Found]) -> Iterable[context.Found]:
    """What of each find lies outside placeholders: these are never cut or covered."""
    index = 0
    for start, end, kind in found:
        while index < len(placeholders) and placeholders[index][1] <= start:
            index += 1
        at = index
        while at < len(placeholders) and placeholders[at][0] < end:
            if start < placeholders[at][0]:
                yield start, placeholders[at][0], kind
            start = placeholders[at][1]  # noqa: PLW2901 - the rest of this find
            at += 1
        if start < end:
            yield start, end, kind


def _in_characters(data: bytes, spans: list[context.Found]) -> tuple[Span, ...]:
    """Byte offsets to character offsets, in one pass."""
    result = []
    at = characters = 0
    for start, end, kind in spans:
        characters += len(data[at:start].decode())
        length = len(data[start:end].decode())
        result.append(Span(characters, characters + length, kind))
        characters += length
        at = end
    return tuple(result)

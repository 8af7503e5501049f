"""The words that come in on standard input for `xargs` and its like: split as their options say, holes kept."""

import shlex
from collections.abc import Sequence

from security_hooks.model.word import Hole, HoleKind, Word
from security_hooks.shell.escapes import unescape
from security_hooks.shell.options import Reading
from security_hooks.shell.state import Value, literal
from security_hooks.shell.words import word_of

MOST_BATCHES = 16
_FILE = frozenset(("-a", "--arg-file"))
_NULL = frozenset(("-0", "--null"))
_DELIMITER = frozenset(("-d", "--delimiter"))
_ONE_BY_ONE = frozenset(("-n", "-L", "-l", "-N"))
_QUOTES = "'\"\\"
SOME_BELOW = Hole(HoleKind.OTHER, "{}")
ALL_BELOW = Hole(HoleKind.OTHER, "{*}")


def below(reading: Reading) -> Hole:
    """What `find` comes upon in the places that it searches."""
    return SOME_BELOW if not reading.known or reading.narrowed else ALL_BELOW


def words_of_input(text: Value, reading: Reading, span: tuple[int, int], *, by_line: bool) -> tuple[Word, ...]:
    """The words in this text; none where they come from elsewhere, or quotes in it are not known to be closed."""
    if reading.value_of(_FILE) is not None:
        return ()
    if not _NULL.isdisjoint(reading.options):
        return _split(text, "\0", span)
    delimiter = reading.value_of(_DELIMITER)
    if delimiter is not None:
        mark = unescape(delimiter.literal or "")
        return _split(text, mark, span) if mark is not None and len(mark) == 1 else ()
    if any(mark in part for part in text if type(part) is str for mark in _QUOTES):
        if by_line:
            return ()
        known = literal(text)
        try:
            words = shlex.split(known) if known is not None else []
        except ValueError:
            words = []
        return tuple(Word((word,) if word else (), span, word) for word in words)
    return _split(text, "\n" if by_line else None, span)


def batches(words: Sequence[Word], reading: Reading) -> list[tuple[Word, ...]]:
    """The words of each call: all together, or where their number is limited one by one, perhaps together as well."""
    if _ONE_BY_ONE.isdisjoint(reading.options) or len(words) < 2:
        return [tuple(words)]
    singles: list[tuple[Word, ...]] = [(word,) for word in words[:MOST_BATCHES]]
    limit = reading.value_of(_ONE_BY_ONE)
    is_one = limit is not None and limit.literal == "1" and len(words) <= MOST_BATCHES
    return singles if is_one else [tuple(words), *singles]


def _split(text: Value, mark: str | None, span: tuple[int, int]) -> tuple[Word, ...]:
    words: list[Word] = []
    parts: list[str | Hole] = []
    for part in text:
        if type(part) is Hole:
            parts.append(part)
            continue
        pieces = str(part).split(mark) if mark is not None else _at_blanks(str(part))
        for number, piece in enumerate(pieces):
            if number:
                words.append(word_of(tuple(parts), span))
                parts = []
            if piece:
                parts.append(piece)
    words.append(word_of(tuple(parts), span))
    return tuple(word for word in words if word.parts)


def _at_blanks(text: str) -> list[str]:
    return text.replace("\t", " ").replace("\n", " ").split(" ")

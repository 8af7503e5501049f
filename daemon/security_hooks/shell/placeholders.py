"""What `find -exec`, `xargs` and `parallel` put into the commands that they run, and where such commands end."""

from typing import TypeAlias

from security_hooks.catalogue.entry import CommandSpec, Wraps
from security_hooks.model.word import Hole, HoleKind, Word
from security_hooks.shell.options import Reading
from security_hooks.shell.state import Value
from security_hooks.shell.supplied import MOST_BATCHES, SOME_BELOW, batches, below, words_of_input
from security_hooks.shell.words import word_of

_ONE_AT_A_TIME = frozenset(("-n", "--max-args"))
PLACEHOLDER = "{}"

Segments: TypeAlias = tuple[tuple[str, tuple[Word, ...]], ...]
NO_SEGMENTS: Segments = ()


def cut_segments(spec: CommandSpec, wraps: Wraps, words: tuple[Word, ...]) -> tuple[tuple[Word, ...], Segments]:
    r"""`find . -exec rm {} \;`: the words that are find's own, and the commands between `-exec` and `;`."""
    starts = {spelling: name for name in wraps.exec for spelling in spec.options[name].spellings}
    own: list[Word] = []
    segments: list[tuple[str, tuple[Word, ...]]] = []
    position = 0
    while position < len(words):
        word = words[position]
        own.append(word)
        position += 1
        name = starts.get(word.literal or "")
        if name is None:
            continue
        begin = position
        while position < len(words) and not (
            words[position].literal == ";"
            or (words[position].literal == "+" and words[position - 1].literal == PLACEHOLDER)
        ):
            position += 1
        segments.append((name, words[begin:position]))
        position += 1
    return tuple(own), tuple(segments)


def filled_in(words: tuple[Word, ...], name: str, reading: Reading, wraps: Wraps) -> tuple[Word, ...]:
    """The words with `{}` replaced by what it may be: something below each place that is searched, or all of it."""
    places: list[tuple[str | Hole, ...]] = [word.parts for word in reading.operands] or [(".",)]
    found = SOME_BELOW if wraps.appends else below(reading)
    if wraps.appends or name in ("-execdir", "-okdir"):
        places = [("./",)]
    filled: list[Word] = []
    for word in words:
        if word.literal == PLACEHOLDER:
            filled.extend(word_of((*place, found), word.span) for place in places)
        else:
            place = places[0] if len(places) == 1 else ()
            filled.append(_replaced(word, PLACEHOLDER, (*place, SOME_BELOW)))
    if wraps.appends and not any(PLACEHOLDER in (word.literal or "") for word in words):
        filled.append(Word(("./", Hole(HoleKind.OTHER, PLACEHOLDER)), words[-1].span, None))
    return tuple(filled)


def with_input(rest: tuple[Word, ...], wraps: Wraps, reading: Reading, given: Value | None) -> list[tuple[Word, ...]]:
    """The words with what xargs and its like add, once for each call: in the place of a placeholder, or at the end."""
    placeholder = reading.value_of(wraps.replace)
    span = rest[-1].span
    if placeholder is not None or not wraps.replace.isdisjoint(reading.options):
        mark = placeholder.literal if placeholder is not None and placeholder.literal else PLACEHOLDER
        lines = words_of_input(given, reading, span, by_line=True) if given else ()
        if 0 < len(lines) <= MOST_BATCHES:
            return [tuple(_replaced(word, mark, line.parts) for word in rest) for line in lines]
        return [tuple(_replaced(word, mark, (Hole(HoleKind.OTHER, mark),)) for word in rest)]
    words = words_of_input(given, reading, span, by_line=False) if given and wraps.rest != "code" else ()
    if words:
        return [(*rest, *added) for added in batches(words, reading)]
    if wraps.rest == "code":
        cut = next((i for i, word in enumerate(rest) if (word.literal or "").startswith(":::")), len(rest))
        behind = rest[cut:]
        rest = rest[:cut]
        supplied = words_of_input(given, reading, span, by_line=True) if given and not behind else ()
        if behind and all((word.literal or "").startswith(":::") is (word is behind[0]) for word in behind):
            supplied = behind[1:] if behind[0].literal == ":::" else ()
        if any(PLACEHOLDER in part for word in rest for part in word.parts if type(part) is str):
            one = supplied[0].parts if len(supplied) == 1 else (SOME_BELOW,)
            return [tuple(_replaced(word, PLACEHOLDER, one) for word in rest)]
        if supplied:
            return [(*rest, *[_quoted(word) for word in supplied])]
    count = reading.value_of(_ONE_AT_A_TIME)
    is_one = count is not None and count.literal == "1"
    return [(*rest, Word((Hole(HoleKind.OTHER, "<input>", splits=not is_one),), span, None))]


def _quoted(word: Word) -> Word:
    """The word as it stands in shell text, where it holds nothing but itself."""
    literal = word.literal
    return word if literal is None or "'" in literal else word_of((f"'{literal}'",), word.span)


def _replaced(word: Word, mark: str, by: tuple[str | Hole, ...]) -> Word:
    """The word with what stands for the placeholder in it."""
    if not any(type(part) is str and mark in part for part in word.parts):
        return word
    parts: list[str | Hole] = []
    for part in word.parts:
        if type(part) is not str:
            parts.append(part)
            continue
        for number, chunk in enumerate(part.split(mark)):
            if number:
                parts += by
            parts.append(chunk)
    return word_of(parts, word.span)

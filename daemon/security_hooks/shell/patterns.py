"""Shell patterns against text, in time linear in both: `*`, `?`, `[..]`. What the locale decides is left open."""

import re
from collections.abc import Sequence

from security_hooks.shell.state import State

Segments = Sequence[tuple[str, bool]]
_CLASSES = {
    "alpha": "A-Za-z", "digit": "0-9", "alnum": "A-Za-z0-9", "upper": "A-Z", "lower": "a-z", "space": " \t-\r",
    "blank": " \t", "punct": "!-/:-@[-`{-~", "xdigit": "0-9A-Fa-f", "word": "A-Za-z0-9_", "print": " -~",
    "graph": "!-~", "cntrl": "\0-\x1f\x7f", "ascii": "\0-\x7f",
}  # fmt: skip
_MOST_TOKENS = 256
_MOST_TEXT = 4096
_EXTENDED = re.compile(r"[?*+@!]\(")


class Pattern:
    """A pattern, asked where it matches. `literal` is its text if nothing in it is special."""

    __slots__ = ("_items", "_stars", "literal")

    def __init__(self, items: list[frozenset[str] | str | None], stars: set[int], text: str | None) -> None:
        # Each item is a character, a set of them (None: any); before those at `stars` anything may stand.
        self._items = items
        self._stars = stars
        self.literal = text

    def ends(self, text: str, start: int = 0) -> list[int]:
        """The ends of all matches that begin at `start`, in order."""
        return self._run(self._items, self._stars, text[start:], start)

    def starts(self, text: str) -> list[int]:
        """The beginnings of all matches that end where the text ends, the shortest match first."""
        size = len(self._items)
        ends = self._run(self._items[::-1], {size - star for star in self._stars}, text[::-1], 0)
        return [len(text) - end for end in ends]

    def matches(self, text: str) -> bool:
        """Whether the pattern is the whole text."""
        if self.literal is not None:
            return self.literal == text
        ends = self.ends(text)
        return bool(ends) and ends[-1] == len(text)

    @staticmethod
    def _run(items: list[frozenset[str] | str | None], stars: set[int], text: str, base: int) -> list[int]:
        accept = 1 << len(items)
        loops = sum(1 << star for star in stars)
        masks: dict[str, int] = {}
        states = 1
        ends = [base] if states & accept else []
        for position, char in enumerate(text, base + 1):
            mask = masks.get(char)
            if mask is None:
                mask = sum(1 << i for i, item in enumerate(items) if item is None or char in item)
                masks[char] = mask
            states = (states & mask) << 1 | states & loops
            if not states:
                break
            if states & accept:
                ends.append(position)
        return ends


def compile_pattern(segments: Segments, state: State) -> Pattern | None:
    """The pattern that these texts make (each with whether it is quoted); None where its meaning is not sure."""
    chars: list[tuple[str, bool]] = []
    for text, quoted in segments:
        if not quoted and ("\\" in text or "(" in text):
            return None
        if not text.isascii() or len(chars) + len(text) > _MOST_TEXT:
            return None
        chars += [(char, quoted) for char in text]
    if state.patterns_doubtful:
        return None
    items: list[frozenset[str] | str | None] = []
    stars: set[int] = set()
    pos, special = 0, False
    while pos < len(chars):
        char, quoted = chars[pos]
        pos += 1
        if quoted or char not in "*?[":
            items.append(char)
            continue
        if char == "[":
            found = _bracket(chars, pos)
            if found is None:
                return None
            members, pos_after = found
            if pos_after == 0:
                items.append(char)
                continue
            items.append(members)
            pos, special = pos_after, True
            continue
        special = True
        if char == "*":
            stars.add(len(items))
        else:
            items.append(None)
    if special and len(items) > _MOST_TOKENS:
        return None
    return Pattern(items, stars, None if special else "".join([char for char, _ in chars]))


def decidable(text: str) -> bool:
    """Whether what a pattern does with this text depends on nothing but the two."""
    return text.isascii() and len(text) <= _MOST_TEXT


def _bracket(chars: list[tuple[str, bool]], pos: int) -> tuple[frozenset[str], int] | None:
    """The members of the set whose `[` stands before `pos`, and where it ends (0: it is none); None: not sure."""
    size = len(chars)
    negated = pos < size and chars[pos] in (("!", False), ("^", False))
    pos += negated
    ranges: list[str] = []
    members: set[str] = set()
    first = True
    while pos < size:
        char, quoted = chars[pos]
        if char == "]" and not quoted and not first:
            for spec in ranges:
                members.update(_spelled(spec))
            everything = frozenset(map(chr, range(128)))
            return (everything - members if negated else frozenset(members)), pos + 1
        first = False
        if char == "/" and not quoted:
            # In a file name's pattern it would end the set; elsewhere it does not.
            return None
        if char == "[" and not quoted and pos + 1 < size and chars[pos + 1][0] in ":.=":
            text = "".join([c for c, _ in chars[pos : pos + 12]])
            named = re.match(r"\[:([a-z]+):\]", text)
            if named is None or named[1] not in _CLASSES:
                return None
            ranges.append(_CLASSES[named[1]])
            pos += named.end()
            continue
        if pos + 2 < size and chars[pos + 1] == ("-", False) and chars[pos + 2] != ("]", False):
            last = chars[pos + 2][0]
            if ord(last) < ord(char) or last == "[" or char == "-":
                return None
            members.update(map(chr, range(ord(char), ord(last) + 1)))
            pos += 3
            continue
        members.add(char)
        pos += 1
    return frozenset(), 0


def _spelled(spec: str) -> set[str]:
    return {char for char in map(chr, range(128)) if re.match(f"[{re.escape(spec).replace(chr(92) + '-', '-')}]", char)}

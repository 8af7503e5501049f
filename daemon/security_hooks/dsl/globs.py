r"""Globs as arguments of predicates: `*` is any text (`/` too), `?` one character, `[a-z]` and `[!a-z]` one of a set.

There is no escape: a literal star is `[*]`. Text is judged by one regular expression without backtracking over
stars; words with holes by the automaton in `words.py`, which reads the same tokens.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Star:
    """Any text, the empty one too."""


@dataclass(frozen=True, slots=True)
class One:
    """One character: any, or one in (with `negated`, not in) `ranges`."""

    ranges: tuple[tuple[str, str], ...] = ()
    negated: bool = True

    def accepts(self, character: str) -> bool:
        """Whether the character may stand here."""
        return any(low <= character <= high for low, high in self.ranges) is not self.negated


Symbol: TypeAlias = "str | Star | One"

STAR = Star()
ANY = One()
_SPECIAL = frozenset("*?[")


def tokens(glob: str, *, anywhere: bool = False) -> tuple[Symbol, ...]:
    """The glob's tokens: single characters, stars and sets. `anywhere` lets it match inside a longer text.

    Next to a star every `?` has a star on both sides: the same language, and never two stars side by side.
    """
    if not anywhere and _SPECIAL.isdisjoint(glob):
        return tuple(glob)
    found = list(_scan(glob))
    if anywhere:
        found = [STAR, *found, STAR]
    result: list[Symbol] = []
    position = 0
    while position < len(found):
        end = position
        while end < len(found) and found[end] in (STAR, ANY):
            end += 1
        run = found[position:end]
        if STAR in run:
            result.append(STAR)
            for _ in range(run.count(ANY)):
                result += (ANY, STAR)
        else:
            result += run
        if end < len(found):
            result.append(found[end])
        position = end + 1
    return tuple(result)


def escaped(text: str) -> str:
    """The text as a glob that stands for it alone."""
    return "".join(f"[{character}]" if character in _SPECIAL else character for character in text)


def has_special(text: str) -> bool:
    """Whether some of the text is more than itself where it is taken for a glob."""
    return not _SPECIAL.isdisjoint(text)


def is_literal(glob: str) -> bool:
    """Whether the glob stands for itself alone."""
    return _SPECIAL.isdisjoint(glob) or all(isinstance(token, str) for token in _scan(glob))


@dataclass(frozen=True, slots=True)
class Globs:
    """Several globs as alternatives, asked about known text."""

    literals: frozenset[str]
    pattern: re.Pattern[str] | None

    def match(self, text: str) -> bool:
        """Whether the whole text is one of them."""
        return text in self.literals or (self.pattern is not None and self.pattern.fullmatch(text) is not None)


def globs(alternatives: Iterable[str], *, anywhere: bool = False) -> Globs:
    """Compile alternatives."""
    literals: set[str] = set()
    patterns: list[str] = []
    for glob in alternatives:
        if not anywhere and is_literal(glob):
            literals.add(glob)
        else:
            patterns.append(_translate(tokens(glob, anywhere=anywhere)))
    joined = "|".join(f"(?:{pattern})" for pattern in dict.fromkeys(patterns))
    return Globs(frozenset(literals), re.compile(joined, re.DOTALL) if patterns else None)


def _scan(glob: str) -> Iterable[Symbol]:
    position = 0
    while position < len(glob):
        character = glob[position]
        position += 1
        if character == "*":
            yield STAR
        elif character == "?":
            yield ANY
        elif character == "[" and (end := _set_end(glob, position)) > 0:
            yield _set(glob[position:end])
            position = end + 1
        else:
            yield character


def _set_end(glob: str, start: int) -> int:
    # As in the shell: `]` is literal where it comes first, and `[` alone is a character (the program `[`).
    first = start + 1 if glob[start : start + 1] in ("!", "^") else start
    return glob.find("]", first + 1)


def _set(body: str) -> One:
    negated = body[0] in "!^"
    rest = body[1:] if negated else body
    ranges: list[tuple[str, str]] = []
    position = 0
    while position < len(rest):
        if rest[position + 1 : position + 2] == "-" and position + 2 < len(rest):
            ranges.append((rest[position], rest[position + 2]))
            position += 3
        else:
            ranges.append((rest[position], rest[position]))
            position += 1
    return One(tuple(ranges), negated)


def _translate(found: tuple[Symbol, ...]) -> str:
    # Each star takes the least that lets the fixed piece after it match, and keeps it (an atomic group): enough,
    # because an earlier place for a piece never leaves less room for the pieces after it.
    pieces: list[str] = [""]
    for token in found:
        if isinstance(token, Star):
            pieces.append("")
        else:
            pieces[-1] += _one(token)
    if len(pieces) == 1:
        return pieces[0]
    first, *middle, last = pieces
    return first + "".join(f"(?>.*?{piece})" for piece in middle if piece) + f".*{last}"


def _one(token: "str | One") -> str:
    if isinstance(token, str):
        return re.escape(token)
    if token == ANY:
        return "."
    body = "".join(f"{re.escape(low)}-{re.escape(high)}" for low, high in token.ranges if low <= high)
    if not body:
        return "." if token.negated else "(?!)"
    return f"[{'^' if token.negated else ''}{body}]"

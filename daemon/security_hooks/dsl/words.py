"""Globs asked about words with holes: YES if every filling of the holes matches, NO if none does, else UNKNOWN.

One pass over the word with two sets of automaton states, held as the bits of an integer: the states that some
filling reaches, and states that every filling reaches. The second may be too small, never too large, so that a
YES is always true; at worst a YES is told as UNKNOWN.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from security_hooks.dsl.globs import One, Star, globs, tokens
from security_hooks.dsl.truth import Truth
from security_hooks.model.word import Hole, HoleKind, Word

# Of a longer literal part the middle counts as a hole, so that a word costs no more than so many steps a part.
_MOST_OF_A_PART = 2_048


@dataclass(frozen=True, slots=True)
class Automaton:
    """A glob as bits: bit n stands before token n. `plain` passes for characters that no token names."""

    end: int
    stars: int
    named: dict[str, int]
    plain: int
    sets: tuple[tuple[int, One], ...]
    slashes: int

    def match(self, parts: tuple["str | Hole", ...]) -> Truth:
        """The truth for a word of these parts."""
        possible = certain = self._rest(1)
        for part in parts:
            if isinstance(part, Hole):
                possible = self._reach(possible, crosses=part.kind is not HoleKind.GLOB)
                certain = self._rest(certain & self.stars)
                continue
            for character in part:
                mask = self._mask(character)
                possible = self._rest((possible & mask) << 1 | possible & self.stars)
                certain = self._rest((certain & mask) << 1 | certain & self.stars)
                if not possible:
                    return Truth.NO
        if certain & self.end:
            return Truth.YES
        return Truth.UNKNOWN if possible & self.end else Truth.NO

    def _rest(self, states: int) -> int:
        # A star may stand for nothing; `tokens` never puts two side by side, so one step is enough.
        return states | (states & self.stars) << 1

    def _mask(self, character: str) -> int:
        mask = self.named.get(character, self.plain)
        for bit, one in self.sets:
            if one.accepts(character):
                mask |= bit
        return mask

    def _reach(self, states: int, *, crosses: bool) -> int:
        if not states:
            return 0
        everything = self.end * 2 - 1
        if crosses:
            return everything & -(states & -states)
        passable = everything & ~self.slashes & ~self.end
        while (further := states | (states & passable) << 1) != states:
            states = further
        return states


class WordGlobs:
    """Several globs as alternatives, asked about words."""

    __slots__ = ("_anywhere", "_automata", "alternatives", "known")

    def __init__(self, alternatives: tuple[str, ...], *, anywhere: bool) -> None:
        self.alternatives = alternatives
        self.known = globs(alternatives, anywhere=anywhere)
        self._anywhere = anywhere
        # Made at the first word that is not known whole: most lists never meet one.
        self._automata: tuple[Automaton, ...] | None = None

    def match(self, word: Word) -> Truth:
        """The strictest answer that holds for one of the globs."""
        if word.literal is not None:
            return Truth.YES if self.known.match(word.literal) else Truth.NO
        return self.match_parts(word.parts)

    def match_parts(self, parts: tuple["str | Hole", ...]) -> Truth:
        """The same for parts of a word."""
        if any(isinstance(part, str) and len(part) > _MOST_OF_A_PART for part in parts):
            parts = tuple(_shortened(parts))
        if self._automata is None:
            self._automata = tuple(_automaton(glob, anywhere=self._anywhere) for glob in self.alternatives)
        best = Truth.NO
        for automaton in self._automata:
            truth = automaton.match(parts)
            if truth is Truth.YES:
                return truth
            best = max(best, truth)
        return best


def word_globs(alternatives: Iterable[str], *, anywhere: bool = False) -> WordGlobs:
    """Compile alternatives for words; with `anywhere` they may match inside a longer text."""
    return WordGlobs(tuple(dict.fromkeys(alternatives)), anywhere=anywhere)


def _automaton(glob: str, *, anywhere: bool) -> Automaton:
    stars = plain = slashes = 0
    named: dict[str, int] = {}
    sets: list[tuple[int, One]] = []
    found = tokens(glob, anywhere=anywhere)
    for position, token in enumerate(found):
        bit = 1 << position
        match token:
            case Star():
                stars |= bit
            case One(ranges=()):
                plain |= bit
            case One():
                sets.append((bit, token))
            case str():
                named[token] = named.get(token, 0) | bit
                slashes |= 0 if token.strip("/") else bit
    named = {character: bits | plain for character, bits in named.items()}
    return Automaton(1 << len(found), stars, named, plain, tuple(sets), slashes)


def _shortened(parts: tuple["str | Hole", ...]) -> Iterable["str | Hole"]:
    half = _MOST_OF_A_PART // 2
    for part in parts:
        if isinstance(part, Hole) or len(part) <= _MOST_OF_A_PART:
            yield part
        else:
            yield part[:half]
            yield Hole(HoleKind.OTHER, "")
            yield part[-half:]

"""All globs of one predicate side by side, as one automaton over paths with holes.

Held as the bits of an integer, as in `words.py`: one for each token, one for each end, and a guard bit above each end.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from security_hooks.dsl.globs import ANY, STAR, One, Symbol, is_literal, tokens
from security_hooks.model.word import Hole, HoleKind

Parts = tuple["str | Hole", ...]


@dataclass(frozen=True, slots=True)
class PathAutomaton:
    """All globs side by side, one bit for each token, one for each end, and a guard bit above each end."""

    starts: int
    ends: int
    guards: int
    home: int
    bound: int
    near: int
    stars: int
    deep: int
    floating: int
    slashes: int
    named: dict[str, int]
    any_name: int
    sets: tuple[tuple[int, One], ...]

    def run(self, parts: Parts) -> tuple[int, int, bool]:
        """The possible and the certain states behind these parts, and whether all holes are the shell's globs."""
        possible = certain = self._rest(self.starts)
        only_globs, before = True, ""
        for part in parts:
            if isinstance(part, Hole):
                if part.kind is HoleKind.GLOB:
                    possible = self._glob(possible, part.source, begins_name=before.endswith("/"))
                    certain = self._rest(certain & self.stars)
                else:
                    only_globs = False
                    possible = ((self.guards - possible) | possible) & ~self.guards if possible else 0
                    # A path has a slash before its last name, and what is known of that name comes behind the hole.
                    certain = self._rest(certain & self.deep | (certain & self.floating) << 2)
                before = ""
                continue
            for character in part:
                mask = self._mask(character)
                stay = self.deep if character == "/" else self.stars
                possible = self._rest((possible & mask) << 1 | possible & stay)
                if not possible:
                    return 0, 0, only_globs
                certain = self._rest((certain & mask) << 1 | certain & stay)
            before = part
        return possible, certain, only_globs

    def _rest(self, states: int) -> int:
        # A star may stand for nothing; two stars never stand side by side.
        return states | (states & self.stars) << 1

    def _mask(self, character: str) -> int:
        mask = self.named.get(character, 0)
        if character == "/":
            return mask
        mask |= self.any_name
        for bit, one in self.sets:
            if one.accepts(character):
                mask |= bit
        return mask

    def _glob(self, states: int, source: str, *, begins_name: bool) -> int:
        for symbol in tokens(source):
            if isinstance(symbol, str):
                mask = self._mask(symbol)
                states = self._rest((states & mask) << 1 | states & self.stars)
            elif isinstance(symbol, One):
                states = self._one(states, symbol, dotless=begins_name)
            else:
                moved = self._one(states, ANY, dotless=begins_name)
                while (further := moved | self._one(moved, ANY, dotless=False)) != moved:
                    moved = further
                states |= moved
            begins_name = False
        return states

    def _one(self, states: int, one: One, *, dotless: bool) -> int:
        """One character of a shell's glob: any that is no slash; the first of a name is no dot."""
        passable = ~(self.slashes | self.ends | self.guards)
        if dotless:
            passable &= ~self.named.get(".", 0)
        if one.ranges:
            # What a set of the shell cannot be: the literal characters outside of it.
            for character, bits in self.named.items():
                if not one.accepts(character):
                    passable &= ~bits
        moved = (states & passable & ~self.stars) << 1 | states & self.stars
        return self._rest(moved)


def path_automaton(found: Iterable[str]) -> PathAutomaton:
    """The automaton of these globs, each of which begins with `/`, `~` or `**/`."""
    starts = ends = guards = home = bound = near = stars = deep = floating = slashes = any_name = 0
    named: dict[str, int] = {}
    sets: list[tuple[int, One]] = []
    position = 0
    for glob in dict.fromkeys(variant for given in found for variant in expanded(given)):
        symbols = symbols_of(glob)
        first = position
        starts |= 1 << first
        for symbol in symbols:
            bit = 1 << position
            match symbol:
                case None:
                    deep |= bit
                    stars |= bit
                case One(ranges=()):
                    any_name |= bit
                case One():
                    sets.append((bit, symbol))
                case str():
                    named[symbol] = named.get(symbol, 0) | bit
                    slashes |= bit if symbol == "/" else 0
                case _:
                    stars |= bit
            position += 1
        if symbols[:3] == [None, "/", STAR]:
            floating |= 1 << first
        ends |= 1 << position
        whole = (1 << position + 1) - (1 << first)
        if not glob.startswith("**/"):
            bound |= whole
            near |= whole & -(1 << first + _directory_of(glob))
            home |= 1 << first if glob[0] == "~" else 0
        guards |= 1 << position + 1
        position += 2
    return PathAutomaton(
        starts, ends, guards, home, bound, near, stars, deep, floating, slashes, named, any_name, tuple(sets)
    )  # fmt: skip


def expanded(glob: str) -> tuple[str, ...]:
    """`a/**/b` is `a/b` too, and `a/**` is `a`."""
    variants = [""]
    pieces = glob.split("/")
    for number, piece in enumerate(pieces):
        if piece == "**" and number > 0:
            variants += [f"{variant}/**" for variant in variants]
        else:
            variants = [f"{variant}/{piece}" if number else piece for variant in variants]
    return tuple(variant or "/" for variant in dict.fromkeys(variants))


def symbols_of(glob: str) -> "list[Symbol | None]":
    """Tokens, None for `**`."""
    found: list[Symbol | None] = []
    for number, piece in enumerate(glob.split("/")):
        if number:
            found.append("/")
        found += [None] if piece == "**" else tokens(piece)
    return found


def _directory_of(glob: str) -> int:
    """How many tokens of the glob are its directory, as far as that is known; all of them where that is a broad one."""
    pieces = glob.split("/")
    literal = 0
    while literal < len(pieces) - 1 and is_literal(pieces[literal]):
        literal += 1
    if literal < (2 if glob[0] == "~" else 3):
        return len(symbols_of(glob)) + 1
    return len("/".join(pieces[:literal])) + 1

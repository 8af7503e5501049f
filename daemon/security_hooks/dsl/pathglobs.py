r"""Globs over paths, as arguments of predicates about effects, asked about paths with holes.

`*` is any text within one name, `**` any number of whole names, `?` one character, `[a-z]` one of a set. `~` is a
home directory: that of the call, and root's and other people's. A glob without a slash is about the base name, in any
directory; one that begins with neither `/` nor `~` may lie below any directory. `DIR/**` is DIR and all below it.

A known path is looked up in a few tables; one with holes runs through the automaton of `pathautomaton.py`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from security_hooks.dsl.globs import ANY, STAR, Globs, One, globs, is_literal
from security_hooks.dsl.pathautomaton import Parts, PathAutomaton, expanded, path_automaton, symbols_of
from security_hooks.dsl.truth import Truth
from security_hooks.model.word import Hole, HoleKind, Word

# Of a longer literal part the middle counts as a hole.
_MOST_OF_A_PART = 2_048
_HOMES = re.compile(r"(?:/root|/home/[^/]+|/Users/[^/]+)(?=/|\Z)")
_HOMES_OF = ("/home/", "/Users/")
_ABOVE_HOMES = frozenset(("/", "/home", "/Users"))

# Many rules speak of the same lists.
_MOST_KEPT = 256


@dataclass(frozen=True, slots=True)
class Reach:
    """How much of what a path stands for the globs may name: the path itself, and what lies below it.

    `below` is about globs that are bound to a place, `near` says that what they name is directly in that directory or
    deeper, and the directory no broad one (`/etc`, `~`); `anywhere` that a glob bound to no place might name something.
    """

    itself: Truth
    below: Truth
    near: bool
    anywhere: bool


@dataclass(frozen=True, slots=True)
class PathGlobs:
    """Compiled globs. All but the automaton are for known paths only.

    `heads` are the directories, as far as they are known, of globs that are bound to a place and go on from there with
    anything; `above` the directories above what such globs name.
    """

    exact: frozenset[str]
    names: frozenset[str]
    trees: frozenset[str]
    name_globs: Globs
    in_directory: dict[str, Globs]
    others: re.Pattern[str] | None
    spells_homes: bool
    above: frozenset[str]
    heads: frozenset[str]
    lies_anywhere: bool
    automaton: PathAutomaton

    def itself(self, path: Word, home: str) -> Truth:
        """Whether the path is one that a glob names; with holes, whether each filling is, or some."""
        if path.literal is not None:
            spelled = at_home(path.literal, home)
            return Truth.YES if self._known(spelled) or self._is_spelled(path.literal, spelled) else Truth.NO
        return self._truth(self.automaton.run(_parts_at_home(path.parts, home)))

    def reach(self, path: Word, home: str) -> Reach:
        """The same with what lies below the path."""
        itself = self.itself(path, home)
        if path.literal is not None and not self._may_reach(path.literal, home):
            return Reach(itself, Truth.NO, False, self.lies_anywhere)
        parts = _parts_at_home(path.parts, home)
        last = parts[-1] if parts else ""
        # An unknown end may be no more than what stands before it.
        is_open = last == "/" or (isinstance(last, Hole) and last.kind is not HoleKind.GLOB)
        under = parts if is_open else (*parts, "/")
        possible, _, only_globs = self.automaton.run(under)
        possible &= ~self.automaton.ends
        bound = possible & self.automaton.bound
        if path.literal is not None and (path.literal in _ABOVE_HOMES or home.startswith(f"{path.literal}/")):
            bound |= self.automaton.home
        if bound and only_globs:
            return Reach(itself, Truth.YES, bool(bound & self.automaton.near), bool(possible & ~bound))
        return Reach(itself, Truth.UNKNOWN if bound else Truth.NO, False, bool(possible & ~bound))

    def _may_reach(self, literal: str, home: str) -> bool:
        """Whether a glob that is bound to a place may name something below; a quick look before the automaton's."""
        if literal in _ABOVE_HOMES or home.startswith(f"{literal}/"):
            return True
        spelled = at_home(literal, home)
        if spelled in self.above or (self.spells_homes and literal in self.above):
            return True
        for place in {spelled, literal if self.spells_homes else spelled}:
            above = place
            while above:
                if above in self.heads:
                    return True
                above = above.rpartition("/")[0]
        return "" in self.heads

    def _is_spelled(self, literal: str, spelled: str) -> bool:
        return self.spells_homes and spelled is not literal and self._known(literal)

    def _known(self, text: str) -> bool:
        if text in self.exact:
            return True
        directory, _, name = text.rpartition("/")
        if name in self.names or self.name_globs.match(name):
            return True
        here = self.in_directory.get(directory)
        if here is not None and here.match(name):
            return True
        if self.trees:
            above = text
            while above:
                if above in self.trees:
                    return True
                above = above.rpartition("/")[0]
            if "/" in self.trees and text.startswith("/"):
                return True
        return self.others is not None and self.others.fullmatch(text) is not None

    def _truth(self, states: tuple[int, int, bool]) -> Truth:
        possible, certain, only_globs = states
        automaton = self.automaton
        if certain & automaton.ends:
            return Truth.YES
        possible &= automaton.ends
        if only_globs and possible & automaton.bound:
            return Truth.YES
        return Truth.UNKNOWN if possible else Truth.NO


def path_globs(arguments: Iterable[str]) -> PathGlobs:
    """Compile globs; the same ones again are the same object."""
    return _compiled(tuple(arguments))


@lru_cache(maxsize=_MOST_KEPT)
def _compiled(arguments: tuple[str, ...]) -> PathGlobs:
    exact: set[str] = set()
    names: set[str] = set()
    trees: set[str] = set()
    name_globs: list[str] = []
    in_directory: dict[str, list[str]] = {}
    others: list[str] = []
    found = tuple(dict.fromkeys(map(canonical, arguments)))
    for glob in found:
        directory, _, name = glob.rpartition("/")
        if is_literal(glob):
            exact.add(glob)
        elif name == "**" and is_literal(directory):
            trees.add(directory or "/")
        elif directory == "**" and "**" not in name:
            (names.add if is_literal(name) else name_globs.append)(name)
        elif is_literal(directory) and "**" not in name:
            in_directory.setdefault(directory, []).append(name)
        else:
            others.append("|".join(_translate(path) for path in expanded(glob)))
    return PathGlobs(
        exact=frozenset(exact),
        names=frozenset(names),
        trees=frozenset(trees),
        name_globs=globs(name_globs),
        in_directory={directory: globs(wanted) for directory, wanted in in_directory.items()},
        others=re.compile("|".join(others), re.DOTALL) if others else None,
        spells_homes=any(_HOMES.match(glob) or glob.startswith(("/*", "/?", "/[", "/home/", "/Users/"))
                         or glob == "/**" for glob in found),
        above=frozenset(above for glob in found if not glob.startswith("**/") for above in _above(glob)),
        heads=frozenset(_head(glob) for glob in found if not glob.startswith("**/") and _goes_deeper(glob)),
        lies_anywhere=any(glob.startswith("**/") for glob in found),
        automaton=path_automaton(found),
    )  # fmt: skip


def canonical(argument: str) -> str:
    """The glob with what it leaves out: where it may lie, no slash at the end."""
    glob = argument if len(argument) == 1 else argument.rstrip("/") or "/"
    return glob if glob[0] in "/~" or glob.startswith("**/") else f"**/{glob}"


def _goes_deeper(glob: str) -> bool:
    """Whether what the glob names may lie deeper than directly in its literal directory."""
    directory, _, name = glob.rpartition("/")
    return name == "**" or not is_literal(directory)


def _head(glob: str) -> str:
    """The directories at the glob's beginning that are literal."""
    pieces = glob.split("/")
    return "/".join(pieces[: next(number for number, piece in enumerate(pieces) if not is_literal(piece))])


def _above(glob: str) -> Iterable[str]:
    """Every directory above what the glob names, as far as it is literal."""
    above = (glob if is_literal(glob) else f"{_head(glob)}/").rpartition("/")[0]
    while above:
        yield above
        above = above.rpartition("/")[0]


def _translate(glob: str) -> str:
    pattern = ""
    for symbol in symbols_of(glob):
        if symbol is None:
            pattern += ".*"
        elif symbol is STAR or symbol == STAR:
            pattern += "[^/]*"
        elif isinstance(symbol, str):
            pattern += re.escape(symbol)
        elif symbol == ANY:
            pattern += "[^/]"
        elif isinstance(symbol, One):
            body = "".join(f"{re.escape(low)}-{re.escape(high)}" for low, high in symbol.ranges if low <= high)
            pattern += f"(?!/)[{'^' if symbol.negated else ''}{body}]" if body else "(?!)"
    return pattern


def at_home(text: str, home: str) -> str:
    """The path as globs spell it: `~` for a home directory, the one given and those of others."""
    if text == home or text.startswith(f"{home}/"):
        return "~" + text[len(home) :]
    found = _HOMES.match(text)
    return text if found is None else "~" + text[found.end() :]


def _parts_at_home(parts: Parts, home: str) -> Parts:
    if any(isinstance(part, str) and len(part) > _MOST_OF_A_PART for part in parts):
        parts = tuple(piece for part in parts for piece in _shortened(part))
    first = parts[0] if parts else ""
    if not isinstance(first, str):
        return parts
    following = parts[2] if len(parts) > 2 else ""
    if first in _HOMES_OF and isinstance(following, str) and following[:1] in ("/", ""):
        return (f"~{following}", *parts[3:]) if len(parts) > 1 else parts
    return (at_home(first, home), *parts[1:])


def _shortened(part: "str | Hole") -> Parts:
    if isinstance(part, Hole) or len(part) <= _MOST_OF_A_PART:
        return (part,)
    half = _MOST_OF_A_PART // 2
    return (part[:half], Hole(HoleKind.OTHER, ""), part[-half:])

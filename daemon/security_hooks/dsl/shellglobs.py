"""What the shell's globs in a path stand for on the disk: the names that are there, links among them."""

from security_hooks.dsl.globs import escaped, globs
from security_hooks.model.word import Hole, HoleKind, Word
from security_hooks.model.world import Entry, World

MOST_FOUND = 200
MOST_NAMES = 1_000
# Of these nobody can say what they stand for without the shell's options.
_UNCERTAIN = ("**", "(")

_Name = list["str | Hole"]


def found_by(path: Word, world: World) -> tuple[str, ...] | None:
    """The paths that an absolute one with globs stands for; None where they are over `MOST_FOUND`, or not known."""
    found = [""]
    for name in _names(path):
        if all(isinstance(part, str) for part in name):
            found = [f"{directory}/{''.join(map(str, name))}" for directory in found]
            continue
        pattern = _pattern(name)
        if pattern is None:
            return None
        wanted = globs((pattern,))
        below: list[str] = []
        for directory in found:
            names = _below(directory or "/", world)
            if names is None:
                return None
            # What begins with a dot is found by what says so.
            below += [
                f"{directory}/{name}"
                for name in names
                if wanted.match(name) and (name[0] != "." or pattern.startswith((".", "[")))
            ]
            if len(below) > MOST_FOUND:
                return None
        found = below
    return tuple(found)


def _names(path: Word) -> list[_Name]:
    """The path's names, each as its parts."""
    names: list[_Name] = [[]]
    for part in path.parts:
        if isinstance(part, Hole):
            names[-1].append(part)
            continue
        first, *rest = part.split("/")
        names[-1] += [first] if first else []
        names += [[piece] if piece else [] for piece in rest]
    return [name for name in names if name]


def _pattern(name: _Name) -> str | None:
    pattern = ""
    for part in name:
        if isinstance(part, Hole):
            if part.kind is not HoleKind.GLOB or any(mark in part.source for mark in _UNCERTAIN):
                return None
            pattern += part.source.replace("[^", "[!")
        else:
            pattern += escaped(part)
    return pattern


def _below(directory: str, world: World) -> tuple[str, ...] | None:
    entry = world.kind(directory)
    if entry in (Entry.MISSING, Entry.FILE, Entry.OTHER):
        return ()
    return world.names(directory, MOST_NAMES)

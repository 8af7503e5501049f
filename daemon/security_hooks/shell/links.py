"""Names that a script itself gives to other things: symbolic links, programs under a new name, remotes."""

from typing import TYPE_CHECKING

from security_hooks.model.word import Word
from security_hooks.model.world import Entry, World
from security_hooks.shell.context import Found
from security_hooks.shell.origins import file_name
from security_hooks.shell.paths import resolve
from security_hooks.shell.programs import program_name
from security_hooks.shell.words import word_of

if TYPE_CHECKING:
    from security_hooks.shell.walk import Walker

Links = tuple[tuple[str, str], ...]
_MOST_LINKS = 32
_MOST_FOLLOWED = 8
_SYMBOLIC = frozenset(("-s", "-r"))


class Linked:
    """A world in which the links that the script has made so far stand already; the latest of one name counts."""

    __slots__ = ("_links", "_world")

    def __init__(self, world: World, links: Links) -> None:
        self._world = world
        self._links = links

    def kind(self, path: str) -> Entry:
        """What stands there, or where the script's links lead."""
        return self._world.kind(self._followed(path))

    def real(self, path: str) -> str | None:
        """The path with the script's links followed, and then those of the world."""
        return self._world.real(self._followed(path))

    def itself(self, path: str) -> str | None:
        """The path with only the directories above it followed: the link, not what it leads to."""
        above, _, name = path.rpartition("/")
        return self._world.real(f"{self._followed(above)}/{name}" if above else path)

    def read(self, path: str, most: int) -> bytes | None:
        """The content of what stands there."""
        return self._world.read(self._followed(path), most)

    def names(self, path: str, most: int) -> tuple[str, ...] | None:
        """The names in the directory there."""
        return self._world.names(self._followed(path), most)

    def _followed(self, path: str) -> str:
        for _ in range(_MOST_FOLLOWED):
            for link, target in reversed(self._links):
                if path == link or path.startswith(link + "/"):
                    path = ("" if target == "/" else target) + path[len(link) :] or "/"
                    break
            else:
                break
        return path


def note_links(walker: "Walker", found: Found) -> None:
    """Note the names that `ln`, `cp`, `mv`, `install` give to what stands elsewhere."""
    operands = found.reading.operands
    if not operands or found.program is None:
        return
    into = next((value for name, value, _ in found.reading.values if name == "-t"), None)
    here = Word((".",), found.span, ".")
    sources = operands if into is not None or len(operands) == 1 else operands[:-1]
    target = into or (here if len(operands) == 1 else operands[-1])
    is_link = found.program in ("ln", "gln") and not _SYMBOLIC.isdisjoint(found.reading.options)
    for source in sources[:_MOST_LINKS]:
        name = program_name(source)
        if name in walker.catalogue.commands:
            # Whether the target is a directory may not be known: then the copy has its old name in it.
            walker.codes.programs[file_name(target)] = source
        if is_link:
            _note_link(walker, found, source, target)


def note_remote(walker: "Walker", found: Found) -> None:
    """Note the name that `git remote add` or `set-url` gives to an address."""
    operands = found.reading.operands
    is_named = found.reading.subcommands[1:] in (["add"], ["set-url"])
    name = operands[0].literal if is_named and len(operands) > 1 else None
    if name is not None and len(walker.codes.remotes) < _MOST_LINKS:
        walker.codes.remotes += ((name, operands[1]),)


def _note_link(walker: "Walker", found: Found, source: Word, target: Word) -> None:
    link = resolve(target.parts, found.cwd).literal if target.parts else None
    inside = f"{link}/{file_name(source)}" if link is not None else None
    known = walker.codes.world.kind(link) if link is not None else Entry.UNKNOWN
    named_directory = (target.literal or "").endswith("/") or target.literal in (".", "..")
    # What a relative target means is seen from where the link stands.
    base = link if known is Entry.DIRECTORY or named_directory else (link or "").rpartition("/")[0]
    if "-r" in found.reading.options and found.cwd is not None:
        base = "".join([part for part in found.cwd if isinstance(part, str)])
    leads = resolve(source.parts, (base or "/",)).literal if source.parts else None
    if link is None or leads is None or inside is None or len(walker.codes.links) >= _MOST_LINKS:
        return
    made = inside if known is Entry.DIRECTORY or named_directory else link
    if made != leads and not leads.startswith(made + "/"):
        walker.codes.links += ((made, leads),)


def renamed(walker: "Walker", found: Found) -> tuple[Word, ...] | None:
    """The words with the program that stands behind a name which the script gave it; None where there is none."""
    programs, words = walker.codes.programs, found.words
    name = words[0].literal if words and programs else None
    if name is None or name.rpartition("/")[2] not in programs:
        return None
    searched = "PATH" in walker.state.touched or any(assigned.name == "PATH" for assigned in found.assignments)
    if "/" not in name and not searched:
        # A bare name is looked for along `PATH`.
        return None
    source = programs[name.rpartition("/")[2]]
    known = program_name(source) or ""
    return (word_of((known,), words[0].span), *words[1:]) if known != found.program else None

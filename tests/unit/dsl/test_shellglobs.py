import pytest

from security_hooks.dsl.shellglobs import MOST_FOUND, found_by
from security_hooks.model.word import Hole, HoleKind, Word
from security_hooks.model.world import NOWHERE, Entry


class Disk:
    def __init__(self, directories: dict[str, tuple[str, ...] | None]) -> None:
        self.directories = directories

    def kind(self, path: str) -> Entry:
        return Entry.DIRECTORY if path in self.directories else Entry.MISSING

    def real(self, path: str) -> str | None:
        return path

    def read(self, path: str, most: int) -> bytes | None:
        return None

    def names(self, path: str, most: int) -> tuple[str, ...] | None:
        return self.directories.get(path)


DISK = Disk(
    {
        "/": ("p",),
        "/p": ("a.c", "b.c", ".d", "[x]"),
        "/p/a.c": ("y",),
        "/p/b.c": ("y", "z"),
        "/many": tuple(map(str, range(MOST_FOUND + 1))),
        "/unknown": None,
    }
)


def glob(source: str) -> Hole:
    return Hole(HoleKind.GLOB, source)


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        (("/p/", glob("*"), ".c"), ("/p/a.c", "/p/b.c")),
        (("/p/", glob("*")), ("/p/a.c", "/p/b.c", "/p/[x]")),
        (("/p/.", glob("*")), ("/p/.d",)),
        (("/p/", glob("[^a]"), ".c"), ("/p/b.c",)),
        (("/p/[", glob("?"), "]"), ("/p/[x]",)),
        (("/p/", glob("*"), "/", glob("?")), ("/p/a.c/y", "/p/b.c/y", "/p/b.c/z")),
        (("/", glob("*"), "/q"), ("/p/q",)),
        (("/missing/", glob("*")), ()),
        (("/many/", glob("*")), None),
        (("/unknown/", glob("*")), None),
        (("/p/", glob("**"), "/y"), None),
        (("/p/", glob("@(a|b)")), None),
        (("/p/", Hole(HoleKind.PARAMETER, "$X"), glob("*")), None),
    ],
)
def test_what_globs_stand_for(parts: tuple[str | Hole, ...], found: tuple[str, ...] | None) -> None:
    assert found_by(Word(parts, (0, 0), None), DISK) == found


def test_where_nothing_is_nothing_is_found() -> None:
    assert found_by(Word(("/p/", glob("*")), (0, 0), None), NOWHERE) == ()

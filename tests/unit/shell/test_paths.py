import pytest

from security_hooks.model.effect import Scope
from security_hooks.model.event import Place
from security_hooks.model.word import Hole, HoleKind, Word
from security_hooks.shell.paths import Value, directory_of_all, is_nothing, resolve, scope_of

STAR = Hole(HoleKind.GLOB, "*", splits=True)
UNKNOWN = Hole(HoleKind.PARAMETER, "$X")
PLACE = Place("/home/me/work", "/home/me", "/home/me/work")


@pytest.mark.parametrize(
    ("parts", "cwd", "expected"),
    [
        (("/etc/passwd",), ("/w",), ("/etc/passwd",)),
        (("a/b",), ("/w",), ("/w/a/b",)),
        (("../b",), ("/w/x",), ("/w/b",)),
        (("a//b/./c/",), ("/w",), ("/w/a/b/c",)),
        (("//etc/../etc/x",), ("/w",), ("/etc/x",)),
        ((".",), ("/w",), ("/w",)),
        (("a",), None, (Hole(HoleKind.OTHER, "$PWD"), "/a")),
        (("/a", UNKNOWN, "/b"), ("/w",), ("/a", UNKNOWN, "/b")),
        (("x/../y", UNKNOWN), ("/w",), ("/w/y", UNKNOWN)),
        ((UNKNOWN, "/b"), ("/w",), (UNKNOWN, "/b")),
        ((STAR,), ("/w",), ("/w/", STAR)),
        (("/", STAR), ("/w",), ("/", STAR)),
        (("a",), (UNKNOWN,), (UNKNOWN, "/a")),
    ],
)
def test_paths_are_absolute_and_normalised_up_to_the_first_hole(
    parts: Value, cwd: Value | None, expected: Value
) -> None:
    assert resolve(parts, cwd).parts == expected


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("/tmp/x", UNKNOWN, "/../../etc"), (Hole(HoleKind.OTHER, "/tmp/x$X/../.."), "/etc")),
        ((UNKNOWN, "/.."), (Hole(HoleKind.OTHER, "$X/.."),)),
        ((UNKNOWN, "/./..//dist"), (Hole(HoleKind.OTHER, "$X/.."), "/dist")),
        ((UNKNOWN, "/a/../b"), (UNKNOWN, "/b")),
        (("/a", UNKNOWN, "/b//../c/"), ("/a", UNKNOWN, "/c")),
        (("/a/", STAR, "/../b"), ("/a/b",)),
        (("/", STAR, "/../../etc"), ("/etc",)),
        (("/a/", Hole(HoleKind.GLOB, "**"), "/../b"), (Hole(HoleKind.OTHER, "/a/**/.."), "/b")),
        ((UNKNOWN, "/..x"), (UNKNOWN, "/..x")),
    ],
)
def test_above_what_is_not_known_lies_anything(parts: Value, expected: Value) -> None:
    assert resolve(parts, ("/w",)).parts == expected


@pytest.mark.parametrize(
    ("parts", "directory"),
    [
        (("/", STAR), ("/",)),
        (("/home/me/", STAR), ("/home/me",)),
        (("/home/me/", STAR, "/"), ("/home/me",)),
        ((UNKNOWN, "/", STAR), (UNKNOWN, "/")),
        (("/home/me/.", STAR), ("/home/me",)),
        (("/home/me/a", STAR), None),
        (("/a/", Hole(HoleKind.GLOB, "?", splits=True)), None),
        (("/a/", UNKNOWN), None),
        (("/a",), None),
    ],
)
def test_everything_below_a_directory_means_the_directory(parts: Value, directory: Value | None) -> None:
    literal = parts[0] if len(parts) == 1 and isinstance(parts[0], str) else None
    found = directory_of_all(Word(parts, (0, 0), literal))
    assert (None if found is None else found.parts) == directory


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/home/me/work", Scope.PROJECT),
        ("/home/me/work/a", Scope.PROJECT),
        ("/home/me/workshop", Scope.HOME),
        ("/home/me", Scope.HOME),
        ("/home/you/a", Scope.ELSEWHERE),
        ("/tmp/x", Scope.TEMP),
        ("/private/var/folders/a", Scope.TEMP),
        ("/dev/sda", Scope.DEVICE),
        ("/", Scope.SYSTEM),
        ("/etc/passwd", Scope.SYSTEM),
        ("/etcetera", Scope.ELSEWHERE),
        ("/srv/www", Scope.ELSEWHERE),
    ],
)
def test_a_path_lies_in_the_narrowest_scope(path: str, scope: Scope) -> None:
    assert scope_of(Word((path,), (0, 0), path), PLACE) is scope


@pytest.mark.parametrize(
    ("parts", "scope"),
    [
        (("/home/me/work/a", UNKNOWN), Scope.PROJECT),
        (("/home/me/w", UNKNOWN), Scope.HOME),
        (("/etc/", UNKNOWN), Scope.SYSTEM),
        (("/", UNKNOWN), Scope.UNKNOWN),
        ((UNKNOWN, "/etc"), Scope.UNKNOWN),
    ],
)
def test_a_hole_leaves_only_what_the_beginning_says(parts: Value, scope: Scope) -> None:
    assert scope_of(Word(parts, (0, 0), None), PLACE) is scope


@pytest.mark.parametrize(
    ("path", "nothing"), [("/dev/null", True), ("/dev/fd/3", True), ("/dev/sda", False), ("/null", False)]
)
def test_some_files_hold_and_keep_nothing(path: str, nothing: bool) -> None:
    assert is_nothing(Word((path,), (0, 0), path)) is nothing


def test_a_dot_before_a_glob_is_no_part_of_the_path() -> None:
    here = Hole(HoleKind.OTHER, "$PWD")
    assert resolve(("./", Hole(HoleKind.GLOB, "*")), (here,)) == resolve((Hole(HoleKind.GLOB, "*"),), (here,))


@pytest.mark.parametrize(
    ("behind", "expected"),
    [
        ("/a/../b", (UNKNOWN, "/b")),
        ("/a/..", (UNKNOWN,)),
        ("/a/../../b", (Hole(HoleKind.OTHER, "$X/.."), "/b")),
        ("/a/b", (UNKNOWN, "/a/b")),
    ],
)
def test_what_climbs_out_of_a_hole_may_be_anywhere(behind: str, expected: Value) -> None:
    assert resolve((UNKNOWN, behind), ("/w",)).parts == expected

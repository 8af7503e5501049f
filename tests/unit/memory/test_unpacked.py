import pytest

from security_hooks.memory.unpacked import has_places, held_at, inherited, is_archive, places_of
from security_hooks.model.deed import Deed
from security_hooks.model.effect import EffectKind
from security_hooks.model.session import Trace

FETCHED = (Trace(Deed(EffectKind.CONNECTS, "a.example")),)


@pytest.mark.parametrize(
    ("path", "is_one"),
    [("/p/x.tgz", True), ("/p/x.tar.xz", True), ("/p/x.zip", True), ("/p/x.txt", False), ("/p/tgz", False)],
)
def test_archives_are_known_by_their_names(path: str, is_one: bool) -> None:
    assert is_archive(path) is is_one


@pytest.mark.parametrize(
    ("directory", "archive", "is_shared", "places"),
    [
        ("/p/out", "/p/x.tgz", False, ["/p/out/"]),
        ("/p/out/", "/p/x.tgz", False, ["/p/out/"]),
        ("/p", "/p/x.tar.gz", True, ["/p/x/"]),
        ("/p", "/d/tool-1.2-linux.tgz", True, ["/p/tool-1.2-linux/", "/p/tool-1.2/", "/p/tool-1/", "/p/tool/"]),
        ("/", "/d/x.zip", True, ["/x/"]),
        ("/p", "/d/.zip", True, []),
    ],
)
def test_in_a_directory_of_other_things_only_what_is_named_like_the_archive_counts(
    directory: str, archive: str, is_shared: bool, places: list[str]
) -> None:
    assert list(places_of(directory, [archive], is_shared=is_shared)) == places


@pytest.mark.parametrize(
    ("path", "held"),
    [
        ("/p/out/run.sh", FETCHED),
        ("/p/out/a/b/c", FETCHED),
        ("/p/out", ()),
        ("/p/outer/run.sh", ()),
        ("/p/out/mine.sh", ()),
        ("a.example/out", ()),
    ],
)
def test_what_lies_below_holds_what_was_unpacked_unless_it_is_known_better(path: str, held: tuple[Trace, ...]) -> None:
    assert held_at({"/p/out/": FETCHED, "/p/out/mine.sh": ()}, path) == held


@pytest.mark.parametrize(("paths", "has"), [((), False), (("/p/a",), False), (("/p/a", "/p/out/"), True)])
def test_directories_are_told_from_files(paths: tuple[str, ...], has: bool) -> None:
    assert has_places(paths) is has


def test_the_root_may_be_such_a_directory() -> None:
    assert inherited({"/": FETCHED}, "/x/y") == FETCHED

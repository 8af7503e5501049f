import pytest

from security_hooks.memory.reach import above, is_whole


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", True),
        ("/etc", True),
        ("/home", True),
        ("/home/u", True),
        ("/home/u/p", True),
        ("/home/u/p/src", False),
        ("/home/u/notes", False),
        ("/home/u2/x", False),
        ("/var/lib", False),
    ],
)
def test_what_has_a_home_or_a_project_in_it_is_too_large(path: str, expected: bool) -> None:
    assert is_whole(path, "/home/u", "/home/u/p") is expected


def test_a_directory_above_a_project_is_too_large() -> None:
    assert is_whole("/home/u/work", "/home/u", "/home/u/work/p")
    assert not is_whole("/home/u/work", "/home/u", None)


@pytest.mark.parametrize(("path", "expected"), [("/", []), ("/a", ["/"]), ("/a/b/c", ["/a/b", "/a", "/"])])
def test_what_lies_above_the_nearest_first(path: str, expected: list[str]) -> None:
    assert list(above(path)) == expected

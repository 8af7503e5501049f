"""What globs mean."""

import pytest

from security_hooks.dsl.globs import globs, is_literal


@pytest.mark.parametrize(
    ("glob", "text", "expected"),
    [
        ("a*c", "abbc", True),
        ("a*c", "a/b/c", True),
        ("*", "", True),
        ("?", "", False),
        ("?", "\n", True),
        ("**?", "a", True),
        ("[a-c]x", "bx", True),
        ("[!a-c]x", "bx", False),
        ("[^a-c]x", "dx", True),
        ("[]a]", "]", True),
        ("[[]", "[", True),
        ("[*]", "*", True),
        ("[*]", "x", False),
        ("[", "[", True),
        ("[z-a]", "b", False),
        ("[a-]", "-", True),
        ("a.b", "axb", False),
        ("A", "a", False),
        ("\\*", "\\x", True),
    ],
)
def test_globs(glob: str, text: str, expected: bool) -> None:
    assert globs([glob]).match(text) is expected


def test_alternatives_and_none() -> None:
    assert globs(["a", "b*"]).match("bc")
    assert not globs([]).match("")


@pytest.mark.parametrize(("glob", "expected"), [("a", True), ("[", True), ("a*", False), ("[a]", False), ("?", False)])
def test_literal(glob: str, expected: bool) -> None:
    assert is_literal(glob) is expected


def test_many_stars_take_no_time() -> None:
    assert not globs(["*a" * 40 + "b"]).match("a" * 3_000)

import pytest

from security_hooks.shell.braces import expand_braces, has_braces
from security_hooks.shell.syntax import Text


def _expand(text: str, most: int = 1000) -> list[str] | None:
    words = expand_braces((Text(text, quoted=False),), most)
    if words is None:
        return None
    return ["".join(piece.text for piece in word if isinstance(piece, Text)) for word in words]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{a,b}", "a b"),
        ("x{a,b}y", "xay xby"),
        ("{a,b}{c,d}", "ac ad bc bd"),
        ("{a,{b,c}}", "a b c"),
        ("{1..3}", "1 2 3"),
        ("{3..1}", "3 2 1"),
        ("{1..10..4}", "1 5 9"),
        ("{01..03}", "01 02 03"),
        ("{a..e..2}", "a c e"),
        ("{x}", "{x}"),
        ("{}", "{}"),
        ("{a,b", "{a,b"),
        ("{a,{b,c}", "{a,b {a,c"),
        ("a}b,c", "a}b,c"),
    ],
)
def test_braces_expand_as_in_bash(text: str, expected: str) -> None:
    assert _expand(text) == expected.split()


def test_an_empty_alternative_is_an_empty_text() -> None:
    assert _expand("a{,b}") == ["a", "ab"]


def test_quoted_braces_are_not_touched() -> None:
    pieces = (Text("{a,b}", quoted=True),)
    assert not has_braces(pieces)
    assert expand_braces(pieces, 10) == [pieces]


@pytest.mark.parametrize("text", ["{1..999999999}", "{1..9}" * 9, "{a,b}" * 30, "{a," * 30 + "}" * 30 + "{c,d}" * 20])
def test_too_many_words_are_not_made(text: str) -> None:
    assert _expand(text) is None

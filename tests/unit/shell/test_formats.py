import pytest

from security_hooks.shell.formats import formatted, unescaped_argument


@pytest.mark.parametrize(
    ("form", "arguments", "expected"),
    [
        ("%s-%s\\n", ["a", "b", "c"], "a-b\nc-\n"),
        ("%d|%5d|%-3d|%03d", ["1", "2", "3", "4"], "1|    2|3  |004"),
        ("%x %o %X %#x", ["255", "8", "255", "16"], "ff 10 FF 0x10"),
        ("%d", ["0x1f"], "31"),
        ("%d", [], "0"),
        ("%c%c", ["rx", "my"], "rm"),
        ("%.2s|%4s|%-3s|", ["abc", "d", "e"], "ab|   d|e  |"),
        ("\\x72\\155\\u0020x", [], "rm x"),
        ("%b", ["\\0162m"], "rm"),
        ("%b%s", ["a\\cb", "x"], "a"),
        ("%q", ["a/b.c"], "a/b.c"),
        ("100%%", [], "100%"),
    ],
)
def test_what_a_format_makes(form: str, arguments: list[str], expected: str) -> None:
    assert formatted(form, arguments) == expected


@pytest.mark.parametrize(
    ("form", "arguments"),
    [
        ("%d", ["010"]),
        ("%d", ["a"]),
        ("%x", ["-1"]),
        ("%q", ["a b"]),
        ("%c", [""]),
        ("%*d", ["1", "2"]),
        ("%(%F)T", []),
        ("a\\0b", []),
        ("\\xff", []),
        ("\\c", []),
        ("%5b", ["a"]),
        ("%", []),
    ],
)
def test_what_shells_and_systems_make_differently_is_not_known(form: str, arguments: list[str]) -> None:
    assert formatted(form, arguments) is None


def test_a_format_used_without_end_is_not_followed() -> None:
    assert formatted("%s", ["a"] * 1000) is None


def test_of_two_backslashes_only_the_first_half_is_an_escape() -> None:
    assert unescaped_argument("a\\\\c") is None

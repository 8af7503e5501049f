import pytest

from security_hooks.shell.escapes import unescape


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        (r"\x72\155", "rm"),
        (r"\u0072\U0000006d", "rm"),
        (r"a\nb\tc\\", "a\nb\tc\\"),
        (r"\'\"", "'\""),
        (r"\cA", "\x01"),
        (r"\q", r"\q"),
        (r"rm\0hidden", "rm"),
        (r"\xff", None),
        (r"\ud800", None),
        (r"\x", r"\x"),
    ],
)
def test_escapes_read_as_the_shell_reads_them(text: str, expected: str | None) -> None:
    assert unescape(text) == expected

import pytest

from security_hooks.shell.heredoc import body_text, take_bodies
from security_hooks.shell.syntax import HereDoc


def _take(
    text: str, delimiter: str, *, expands: bool = True, tabs: bool = False, within: bool = False
) -> tuple[str, str]:
    document = HereDoc((0, 0), delimiter, expands=expands, strips_tabs=tabs)
    rest = take_bodies(text, 0, len(text), [document], within)
    return body_text(text, document), text[rest:]


@pytest.mark.parametrize(
    ("text", "body", "rest"),
    [
        ("a\nEOF\nb", "a\n", "b"),
        ("EOF\nb", "", "b"),
        ("a\nEOF", "a\n", ""),
        ("a\n EOF\nb", "a\n EOF\nb", ""),
        ("a\nEOFx\nEOF\nb", "a\nEOFx\n", "b"),
        ("a\\\nEOF\nEOF\nb", "a\\\nEOF\n", "b"),
        ("a\\\\\nEOF\nb", "a\\\\\n", "b"),
        ("a\nEO\\\nF\nb", "a\n", "b"),
        ("a\nEOF\r\nb", "a\nEOF\r\nb", ""),
        ("", "", ""),
    ],
)
def test_a_body_ends_where_bash_ends_it(text: str, body: str, rest: str) -> None:
    assert _take(text, "EOF") == (body, rest)


def test_a_quoted_delimiter_joins_no_lines() -> None:
    assert _take("a\\\nEOF\nb", "EOF", expands=False) == ("a\\\n", "b")


def test_tabs_are_stripped_from_body_and_delimiter() -> None:
    assert _take("\ta\n\t\tb\n\tEOF\nc", "EOF", tabs=True) == ("a\nb\n", "c")


def test_in_a_substitution_the_closing_parenthesis_may_follow_the_delimiter() -> None:
    assert _take("a\nEOF) b", "EOF", within=True) == ("a\n", ") b")
    assert _take("a\nEOF) b", "EOF") == ("a\nEOF) b", "")


def test_several_documents_follow_each_other() -> None:
    text = "a\nA\nb\nB\nc"
    first = HereDoc((0, 0), "A", expands=True, strips_tabs=False)
    second = HereDoc((0, 0), "B", expands=True, strips_tabs=False)
    rest = take_bodies(text, 0, len(text), [first, second], False)
    assert (body_text(text, first), body_text(text, second), text[rest:]) == ("a\n", "b\n", "c")

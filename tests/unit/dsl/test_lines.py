"""Bytes to logical lines."""

import pytest

from security_hooks.dsl.lines import MOST_BYTES, MOST_IN_A_LINE, LogicalLine, decode, logical_lines
from security_hooks.model.diagnostic import Diagnostic


def lines(text: str) -> list[tuple[str, int]]:
    found = list(logical_lines(text, "t.rules"))
    return [(line.text, line.number) for line in found if isinstance(line, LogicalLine)]


def codes(text: str) -> list[tuple[str, int, int]]:
    found = list(logical_lines(text, "t.rules"))
    return [(line.code, line.line, line.column) for line in found if isinstance(line, Diagnostic)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("\n\n", []),
        ("a\nb", [("a", 1), ("b", 2)]),
        ("a\r\nb\r\n", [("a", 1), ("b", 2)]),
        ("\ufeffa", [("a", 1)]),
        ("\t a \t", [("\t a", 1)]),
        ("# x\n  # y\na # z", [("a # z", 3)]),
        ("match a,\nb", [("match a,", 1), ("b", 2)]),
        ('list a = "x",\n"y"\nb', [('list a = "x",\n"y"', 1), ("b", 3)]),
        ('list a = "x",\n\n# c\n"y",\nz\nb', [('list a = "x",\n\n\n"y",\nz', 1), ("b", 6)]),
        ('list a = "x",\nblock "b"', [('list a = "x",', 1), ('block "b"', 2)]),
        ('list a = "x",', [('list a = "x",', 1)]),
    ],
)
def test_lines_that_say_something(text: str, expected: list[tuple[str, int]]) -> None:
    assert lines(text) == expected
    assert codes(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\0b", ("character", 1, 2)),
        ("x\na\rb", ("character", 2, 2)),
        ("# \u202e hidden", ("character", 1, 3)),
        ("a\u200bb", ("character", 1, 2)),
        ("a\ud800", ("character", 1, 2)),
        ("a\ufeff", ("character", 1, 2)),
        ("a" * (MOST_IN_A_LINE + 1), ("too-large", 1, MOST_IN_A_LINE + 1)),
    ],
)
def test_unusable_lines_are_told_and_left_out(text: str, expected: tuple[str, int, int]) -> None:
    assert codes(text) == [expected]
    assert all("a" not in line or line == "x" for line, _ in lines(text))


@pytest.mark.parametrize(
    ("data", "code", "line", "column"),
    [
        (b"a\nb\xff", "encoding", 2, 2),
        ("ä".encode() + b"\xc3", "encoding", 1, 2),
        ("block".encode("utf-16"), "encoding", 1, 1),
        (b"x" * (MOST_BYTES + 1), "too-large", 0, 0),
    ],
)
def test_undecodable_files_are_told(data: bytes, code: str, line: int, column: int) -> None:
    text, (diagnostic,) = decode(data, "t.rules")
    assert text is None
    assert (diagnostic.code, diagnostic.line, diagnostic.column) == (code, line, column)


def test_utf8_is_decoded() -> None:
    assert decode("ä\r\n".encode(), "t.rules") == ("ä\r\n", ())

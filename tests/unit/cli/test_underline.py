import pytest

from security_hooks.cli.underline import MOST_LINES, WIDEST, place_of, underlined


@pytest.mark.parametrize(
    ("text", "spans", "expected"),
    [
        ("rm x", [(0, 2)], ["1 | rm x", "  | ^^"]),
        ("a\nb c\nd", [(2, 3), (4, 5)], ["2 | b c", "  | ^ ^"]),
        ("ab\ncd", [(1, 4)], ["1 | ab", "  |  ^", "2 | cd", "  | ^"]),
        ("a\tb", [(2, 3)], ["1 | a\\tb", "  |    ^"]),
        ("a\x1bb", [(1, 3)], ["1 | a\\x1bb", "  |  ^^^^^"]),
        ("a", [], []),
        ("", [(0, 0)], []),
    ],
)
def test_marks_stand_below_what_they_mean(text: str, spans: list[tuple[int, int]], expected: list[str]) -> None:
    assert list(underlined(text, spans)) == expected


def test_long_lines_and_long_texts_are_cut() -> None:
    line, marks = underlined("x" * 5_000 + "y" + "z" * 5_000, [(5_000, 5_001)])
    assert len(line) <= WIDEST + 10
    assert line[marks.index("^")] == "y"
    many = list(underlined("a\n" * 100, [(at, at + 1) for at in range(0, 200, 2)]))
    assert len(many) == 2 * MOST_LINES + 1
    assert many[-1] == f"and {100 - MOST_LINES} lines more"


@pytest.mark.parametrize(("at", "place"), [(0, (1, 1)), (2, (1, 3)), (3, (2, 1)), (4, (2, 2))])
def test_places_are_told_by_line_and_column(at: int, place: tuple[int, int]) -> None:
    assert place_of("ab\ncd", at) == place

import pytest

from security_hooks.shell.cursor import Journal
from security_hooks.shell.limits import Budget, ShellLimits
from security_hooks.shell.parse import parse
from security_hooks.shell.witness import disagreement


def _journal(text: str) -> Journal:
    return parse(text, Budget(ShellLimits()), {}).journal


@pytest.mark.parametrize(
    "text",
    [
        "a | b && c; d",
        "cat <<A; cat <<'B'; c\na $(x)\nA\nb\nB\nd",
        "x $(cat <<EOF\ntext\nEOF\n) y; z",
        "é; ß | 🙂 a; b",
        "`a`; `b \\`c\\``; d",
        "time { a; }; coproc X { b; }; c",
        "if a; then b; fi; for x in y; do z; done",
    ],
)
def test_two_readers_agree_on_ordinary_text(text: str) -> None:
    assert disagreement(text, _journal(text)) is None


def test_a_command_that_the_first_reader_missed_is_a_problem() -> None:
    journal = _journal("a; b; c")
    journal.programs.discard(3)
    assert disagreement("a; b; c", journal) == "two readers disagree about the command on line 1"


def test_places_are_right_behind_a_here_document() -> None:
    text = "cat <<EOF\nbody\nEOF\na"
    journal = _journal(text)
    journal.programs.discard(text.index("a", 15))
    assert disagreement(text, journal) == "two readers disagree about the command on line 4"


def test_a_text_that_takes_the_second_reader_too_long_is_over_budget() -> None:
    text = "a;" * 100_000
    journal = _journal("a")
    assert disagreement(text, journal) is None
    assert journal.budget.over

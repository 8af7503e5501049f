import pytest

from security_hooks.shell.cursor import Journal
from security_hooks.shell.limits import Budget, ShellLimits
from security_hooks.shell.parse import parse
from security_hooks.shell.witness import compared, disagreement, is_plain


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
    assert compared(text, _journal(text)) is None


def test_a_command_that_the_first_reader_missed_is_a_problem() -> None:
    journal = _journal("a; b; c")
    journal.programs.discard(3)
    assert compared("a; b; c", journal) == "two readers disagree about the command on line 1"


def test_places_are_right_behind_a_here_document() -> None:
    text = "cat <<EOF\nbody\nEOF\na"
    journal = _journal(text)
    journal.programs.discard(text.index("a", 15))
    assert compared(text, journal) == "two readers disagree about the command on line 4"


def test_a_text_that_takes_the_second_reader_too_long_is_over_budget() -> None:
    text = "a;" * 100_000
    journal = _journal("a")
    assert compared(text, journal) is None
    assert journal.budget.over


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("git status", True),
        ("cd app && npm test 2>&1 | tail -40; x &\ny > z", True),
        ("git commit -m \"fix: it\" 'a $b'", True),
        ("x --in=y ./do if.txt", True),
        ("for x in y; do z; done", False),
        ("a; time b", False),
        ('echo "$x"', False),
        ("echo `x`", False),
        ("a (b)", False),
        ("cat <<x", False),
        ("a 'b", False),
        ("a # b", False),
        ("a \\\nb", False),
        ("{ a; }", False),
        ("! a", False),
        ("é", False),
    ],
)
def test_plain_text_leaves_nothing_to_misread(text: str, plain: bool) -> None:
    assert is_plain(text) is plain


def test_the_second_reader_is_asked_of_all_but_plain_text() -> None:
    for text, said in (("a; b; c", None), ("a; b; $c", "two readers disagree about the command on line 1")):
        journal = _journal(text)
        journal.programs.discard(3)
        assert disagreement(text, journal) == said

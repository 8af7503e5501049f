"""Collecting diagnostics."""

import pytest

from security_hooks.dsl.complaints import MOST_IN_A_FILE, Complaints, did_you_mean, nearest, one_of, quoted
from security_hooks.dsl.syntax import At


def test_all_are_ordered_by_place_and_told_once() -> None:
    complaints = Complaints()
    for line in (3, 1, 3):
        complaints.error("t.rules", At(line, 1), "code", "message")
    assert [found.line for found in complaints.all()] == [1, 3]


def test_hints_are_looked_for_only_where_they_are_shown() -> None:
    complaints = Complaints()
    asked: list[int] = []

    def hint() -> str:
        asked.append(1)
        return "hint"

    for line in range(1, 2 * MOST_IN_A_FILE):
        complaints.error("t.rules", At(line, 1), "code", "message", hint)
    assert len(asked) == MOST_IN_A_FILE
    assert len(complaints.all()) == MOST_IN_A_FILE + 1


@pytest.mark.parametrize(("word", "near"), [("comand", "command"), ("zzz", None), ("command" * 50, None), ("", None)])
def test_nearest(word: str, near: str | None) -> None:
    assert nearest(word, ("argument", "command")) == near
    assert did_you_mean(word, ("command",), "else") == (f"did you mean `{near}`?" if near else "else")


def test_wording() -> None:
    assert quoted("a") == "`a`"
    assert len(quoted("a" * 500)) < 70
    assert one_of(("a",)) == "`a`"
    assert one_of(("a", "b", "c")) == "`a`, `b` or `c`"

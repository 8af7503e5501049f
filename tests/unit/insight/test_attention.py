from collections.abc import Iterator

import pytest

from security_hooks.insight.answers import Answer, Answered
from security_hooks.insight.ask_event import Ask
from security_hooks.insight.attention import BLIND_MS, OTHERS, Attention, BusiestHour, Times, attention
from security_hooks.insight.streaks import MOST_RULES

HOUR = "2026-11-21T{:02d}:30:00.000000000Z"


def asked(
    answer: Answer = Answer.APPROVED,
    wait_ms: int | None = 5_000,
    *rules: str,
    at: str = HOUR.format(12),
    is_exact: bool = True,
) -> Answered:
    ask = Ask(1, at, 0, "claude-code", 0, 0, 0, None, True, rules or ("a",))
    return Answered(ask, answer, wait_ms, is_exact, True)


def figures(*found: Answered, hours: int = 1, blind_ms: int = BLIND_MS, most: int = 15) -> Attention:
    return attention(found, hours, blind_ms, most)


def test_without_asks_there_are_no_figures() -> None:
    found = figures(hours=0)
    assert (found.asks, found.busiest, found.rules, found.per_hour) == (0, None, (), 0)
    assert found.exact == found.at_most == Times(0, None, None, None)
    assert found.longest_streak is found.current_streak is None


def test_answers_are_counted_by_kind_and_by_rule() -> None:
    found = figures(
        asked(Answer.APPROVED, 1_000, "a", "b"),
        asked(Answer.APPROVED, 3_000, "a"),
        asked(Answer.APPROVED, 1_000, "a", is_exact=False),
        asked(Answer.APPROVED, None, "a"),
        asked(Answer.PERMITTED, 40_000, "b"),
        asked(Answer.REJECTED, 100, "b", is_exact=False),
        asked(Answer.UNANSWERED, None, "a"),
        hours=2,
    )
    assert (found.asks, found.approved, found.permitted, found.rejected, found.unanswered) == (7, 4, 1, 1, 1)
    assert (found.blind, found.untimed, found.per_hour) == (2, 1, 3.5)
    assert (found.exact.answers, found.at_most.answers) == (3, 1)
    first, second = found.rules
    assert (first.rule, first.asks, first.per_hour, first.blind) == ("a", 5, 2.5, 2)
    assert (first.approved, first.permitted, first.rejected, first.unanswered) == (4, 0, 0, 1)
    assert (second.rule, second.asks, second.per_hour, second.blind) == ("b", 3, 1.5, 1)
    assert (second.exact, second.at_most.answers) == (Times(2, 1_000, 1_000, 40_000), 0)


@pytest.mark.parametrize(
    ("waits", "expected"),
    [
        ([0], Times(1, 0, 0, 0)),
        ([99, 7], Times(2, 7, 7, 99)),
        (range(1, 101), Times(100, 1, 50, 90)),
        ([1_234, 1_299, 9_999], Times(3, 1_200, 1_200, 9_900)),
        ([86_400_000], Times(1, 86_000_000, 86_000_000, 86_000_000)),
    ],
)
def test_times_are_told_to_two_digits(waits: Iterator[int], expected: Times) -> None:
    assert figures(*(asked(Answer.APPROVED, wait) for wait in waits)).exact == expected


def test_the_busiest_hour_is_one_of_the_clock() -> None:
    hours = [9, 10, 10, 9, 9, 11, 12, 13, 13]
    found = figures(*(asked(at=HOUR.format(hour)) for hour in hours))
    assert found.busiest == BusiestHour("2026-11-21T09:00:00Z", 3)
    assert found.rules[0].busiest == found.busiest


def test_a_clock_that_is_put_back_begins_its_hours_anew() -> None:
    hours = [9, 9, 10, 11, 12, 9, 9]
    assert figures(*(asked(at=HOUR.format(hour)) for hour in hours)).busiest == BusiestHour("2026-11-21T09:00:00Z", 2)


def test_only_the_busiest_rules_are_told() -> None:
    found = figures(asked(), asked(Answer.APPROVED, 1, "z"), asked(Answer.APPROVED, 1, "z"), most=1)
    assert [rule.rule for rule in found.rules] == ["z"]


def test_more_rules_than_any_policy_has_are_counted_together() -> None:
    found = figures(*(asked(Answer.APPROVED, 1, f"rule-{number}") for number in range(MOST_RULES + 9)), most=1_000)
    assert len(found.rules) == MOST_RULES + 1
    assert found.rules[0].rule == OTHERS
    assert found.rules[0].asks == 9
    assert found.current_streak is not None
    assert len(found.current_streak.rules) == MOST_RULES


@pytest.mark.parametrize(("blind_ms", "blind"), [(0, 0), (1_000, 1), (2_000, 2), (60_000, 3)])
def test_below_which_time_an_approval_is_blind_is_given(blind_ms: int, blind: int) -> None:
    found = figures(*(asked(Answer.APPROVED, wait) for wait in (999, 1_000, 2_000)), blind_ms=blind_ms)
    assert (found.blind, found.rules[0].blind, found.blind_ms) == (blind, blind, blind_ms)

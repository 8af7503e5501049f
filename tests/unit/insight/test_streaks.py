import pytest

from security_hooks.insight.answers import Answer, Answered
from security_hooks.insight.ask_event import Ask
from security_hooks.insight.counted import Counted
from security_hooks.insight.streaks import LEAST, Streak, Streaks

# An approval at once, one that took its time, one that may have, a rejection, a permit, nobody there.
_ANSWERS = {
    "b": (Answer.APPROVED, 500, True),
    "B": (Answer.APPROVED, 500, False),
    "s": (Answer.APPROVED, 5_000, True),
    "m": (Answer.APPROVED, 5_000, False),
    "t": (Answer.APPROVED, None, True),
    "r": (Answer.REJECTED, 500, False),
    "p": (Answer.PERMITTED, 500, True),
    ".": (Answer.UNANSWERED, None, False),
}


def followed(text: str) -> Streaks:
    streaks = Streaks(2_000)
    for number, letter in enumerate(text):
        ask = Ask(number, str(number), 0, "claude-code", number, 0, 0, None, True, (f"rule-{number % 2}",))
        answer, wait_ms, is_exact = _ANSWERS[letter]
        streaks.add(Answered(ask, answer, wait_ms, is_exact, True))
    return streaks


def length(streak: Streak | None) -> int:
    return 0 if streak is None else streak.asks


@pytest.mark.parametrize(
    ("text", "count", "longest", "current"),
    [
        ("", 0, 0, 0),
        ("bbbb", 0, 0, 0),
        ("bbbbb", 1, 5, 5),
        ("bbBBbb", 1, 6, 6),
        ("bbbbbbs", 1, 6, 0),
        ("bbbbbbm", 1, 6, 0),
        ("bbbbbbt", 1, 6, 0),
        ("bbbbbbr", 1, 6, 0),
        ("bbbbbbp", 1, 6, 0),
        ("bbb.bbb", 1, 6, 6),
        ("bbbrbbb", 0, 0, 0),
        ("bbbbbrbbbbbbb", 2, 7, 7),
        ("bbbbbbbrbbbbbsbbbbb", 3, 7, 5),
    ],
)
def test_a_streak_is_so_many_blind_approvals_with_no_other_answer_between(
    text: str, count: int, longest: int, current: int
) -> None:
    streaks = followed(text)
    assert (streaks.count, length(streaks.longest), length(streaks.current)) == (count, longest, current)


def test_a_streak_tells_when_it_was_and_of_which_rules() -> None:
    assert followed("rbbbbbbbs.").longest == Streak(7, "1", "7", (Counted("rule-1", 4), Counted("rule-0", 3)))


def test_of_the_longest_the_first_is_told() -> None:
    longest = followed("b" * LEAST + "r" + "b" * LEAST).longest
    assert longest is not None
    assert longest.first == "0"

import pytest

from security_hooks.memory.ask_budget import MOST, SECONDS, is_spent, share, with_question, within
from security_hooks.model.decision import Severity

INFO, LOW, MEDIUM, HIGH, CRITICAL = Severity


@pytest.mark.parametrize(
    ("per_hour", "shares"),
    [
        (0, (None, None, None)),
        (1, (1, 1, None)),
        (2, (1, 2, None)),
        (3, (1, 2, None)),
        (6, (2, 4, None)),
        (10, (4, 7, None)),
        (1000, (334, 667, None)),
    ],
)
def test_a_third_is_for_anything_and_two_for_what_is_medium(
    per_hour: int, shares: tuple[int | None, int | None, int | None]
) -> None:
    assert (share(per_hour, LOW), share(per_hour, MEDIUM), share(per_hour, HIGH)) == shares
    assert share(per_hour, INFO) == share(per_hour, LOW)
    assert share(per_hour, CRITICAL) is None


@pytest.mark.parametrize(
    ("asked", "severity", "is_over"),
    [
        (0, LOW, False),
        (1, LOW, False),
        (2, LOW, True),
        (2, INFO, True),
        (2, MEDIUM, False),
        (3, MEDIUM, False),
        (4, MEDIUM, True),
        (4, HIGH, False),
        (6, HIGH, False),
        (60, HIGH, False),
        (60, CRITICAL, False),
    ],
)
def test_of_six_questions_an_hour(asked: int, severity: Severity, is_over: bool) -> None:
    assert is_spent((0.0,) * asked, severity, 6, 1.0) is is_over


def test_what_is_over_an_hour_ago_is_spent_no_more() -> None:
    asked = with_question(with_question((), 0.0), 60.0)
    assert is_spent(asked, LOW, 6, SECONDS - 1)
    assert not is_spent(asked, LOW, 6, SECONDS)
    assert within(asked, SECONDS) == (60.0,)


def test_what_is_remembered_is_bounded() -> None:
    asked: tuple[float, ...] = ()
    for _ in range(MOST + 5):
        asked = with_question(asked, 1.0)
    assert len(asked) == MOST

import pytest

from security_hooks.memory.tally import MOST_NAMES, MOST_STEPS, STEPS, Tally

HOUR = 3_600


def names(*numbers: int) -> tuple[bytes, ...]:
    return tuple(number.to_bytes(2, "big") for number in numbers)


def test_what_was_spent_counts_for_a_window_and_no_longer_than_one_step_more() -> None:
    tally = Tally()
    tally.spend((), 5, 0.0, HOUR)
    assert tally.spent(HOUR, HOUR) == 5
    assert tally.spent(HOUR + HOUR / STEPS, HOUR) == 0


def test_a_name_counts_once_while_it_counts_and_lasts_from_its_last_time() -> None:
    tally = Tally()
    tally.spend(names(1, 2), 0, 0.0, HOUR)
    assert tally.needed(names(1, 2, 3), 10.0, HOUR) == 1
    tally.spend(names(1, 3), 0, HOUR / 2, HOUR)
    assert tally.spent(HOUR / 2, HOUR) == 3
    # The second is over by now, the first was met again in between.
    assert tally.spent(HOUR * 1.2, HOUR) == 2
    assert tally.needed(names(1, 2), HOUR * 1.2, HOUR) == 1


def test_it_says_when_enough_of_it_is_over() -> None:
    tally = Tally()
    tally.spend((), 3, 0.0, HOUR)
    tally.spend((), 4, 600.0, HOUR)
    assert tally.frees(2, 600.0, HOUR) == pytest.approx(HOUR - 600 + HOUR / STEPS)
    assert tally.frees(4, 600.0, HOUR) == pytest.approx(HOUR + HOUR / STEPS)
    assert tally.frees(8, 600.0, HOUR) is None
    waited = 600.0 + (tally.frees(4, 600.0, HOUR) or 0)
    assert tally.spent(waited, HOUR) == 0


def test_names_that_were_forgotten_count_again() -> None:
    tally = Tally()
    many = names(*range(MOST_NAMES + 10))
    tally.spend(many, 0, 0.0, HOUR)
    assert len(tally.names) == MOST_NAMES
    assert tally.needed(many, 1.0, HOUR) == 10
    assert tally.spent(1.0, HOUR) == MOST_NAMES + 10


def test_windows_that_change_lose_nothing_and_leave_no_more_steps() -> None:
    tally = Tally()
    tally.spend((), 1, 0.0, 86_400)
    for number in range(1, 2 * MOST_STEPS):
        tally.spend((), 1, 86_400 / STEPS + number, 1)
    assert len(tally.steps) <= MOST_STEPS
    assert tally.spent(4_000.0, 86_400) == 2 * MOST_STEPS


def test_it_is_the_same_after_it_was_kept() -> None:
    tally = Tally()
    tally.spend(names(1, 2), 3, 7.0, HOUR)
    after = Tally(tally.kept())
    assert after.spent(8.0, HOUR) == 5
    assert after.needed(names(1, 4), 8.0, HOUR) == 1

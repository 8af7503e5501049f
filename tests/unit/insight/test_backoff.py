"""Waits between tries."""

import pytest

from security_hooks.insight.backoff import Backoff


def test_waits_double_up_to_the_longest_and_begin_again() -> None:
    backoff = Backoff(lambda: 0.0, 1.0, 8.0)
    assert [backoff.failed() for _ in range(5)] == [0.5, 1.0, 2.0, 4.0, 4.0]
    assert backoff.failures == 5
    backoff.succeeded()
    assert backoff.failed() == 0.5


@pytest.mark.parametrize(("chance", "seconds"), [(0.0, 0.5), (0.5, 0.75), (0.999, 0.9995)])
def test_half_of_a_wait_is_chance(chance: float, seconds: float) -> None:
    assert Backoff(lambda: chance, 1.0, 8.0).failed() == seconds


@pytest.mark.parametrize(("wanted", "seconds"), [(0.1, 0.5), (30.0, 30.0), (1e9, 80.0)])
def test_a_peer_may_ask_for_more_but_not_for_ever(wanted: float, seconds: float) -> None:
    assert Backoff(lambda: 0.0, 1.0, 8.0).failed(wanted) == seconds


def test_years_of_failures_overflow_nothing() -> None:
    backoff = Backoff(lambda: 0.0)
    assert [backoff.failed() for _ in range(5000)][-1] == 30.0

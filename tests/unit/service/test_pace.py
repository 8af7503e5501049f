import pytest

from security_hooks.service import pace
from security_hooks.service.pace import CHEAP, CREDIT, SHARE, Pace


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(pace, "time", made)
    return made


def test_what_comes_now_and_then_does_not_wait(clock: Clock) -> None:
    account = Pace()
    for _ in range(100):
        account.charge(CREDIT / 2)
        assert account.wait() == 0
        clock.now += CREDIT / SHARE


def test_what_comes_all_the_time_waits_until_it_is_earned_back(clock: Clock) -> None:
    account = Pace()
    account.charge(CREDIT + 0.001)
    assert account.wait() == pytest.approx(0.001 / SHARE)
    clock.now += 0.0005 / SHARE
    assert account.wait() == pytest.approx(0.0005 / SHARE)
    clock.now += 0.0005 / SHARE
    assert account.wait() == pytest.approx(0, abs=1e-6)


def test_credit_does_not_grow_without_end(clock: Clock) -> None:
    account = Pace()
    clock.now += 1_000_000
    account.charge(2 * CREDIT)
    assert account.wait() == pytest.approx(CREDIT / SHARE)


def test_what_is_cheap_costs_nothing(clock: Clock) -> None:
    account = Pace()
    for _ in range(100_000):
        account.charge(CHEAP / 2)
    assert account.wait() == 0

"""Laws of budgets: they never forget in favour of whoever spends, they decay and do no more, and they stay small."""

from hypothesis import given
from hypothesis import strategies as st

from security_hooks.memory import ledger as ledgers
from security_hooks.memory import tally as tallies
from security_hooks.memory.ledger import Ledger
from security_hooks.memory.tally import MOST_NAMES, MOST_STEPS, STEPS, Tally
from security_hooks.model.spending import Resource
from security_hooks.policy.config_budgets import rate_of, stricter_rate

NAMES = st.integers(0, 12).map(lambda number: number.to_bytes(1, "big"))
SECONDS = st.sampled_from([1, 60, 3_600, 86_400])
PAUSES = st.floats(0, 50_000, allow_nan=False)
SPENT = st.lists(st.tuples(PAUSES, st.lists(NAMES, max_size=5, unique=True), st.integers(0, 3)), max_size=40)
RATES = st.builds(
    lambda count, time, unit: f"{count} per {time}{unit}", st.integers(1, 50), st.integers(1, 60), st.sampled_from("sm")
)


def played(spent: list[tuple[float, list[bytes], int]], seconds: int) -> tuple[Tally, float]:
    tally, now = Tally(), 0.0
    for pause, names, amount in spent:
        now += pause
        tally.spend(names, amount, now, seconds)
    return tally, now


def truly(spent: list[tuple[float, list[bytes], int]], seconds: int) -> int:
    """What was spent within the window before the last of it, by keeping everything."""
    at, now = [], 0.0
    for pause, names, amount in spent:
        now += pause
        at.append((now, names, amount))
    within = [(names, amount) for then, names, amount in at if then > now - seconds]
    return len({name for names, _ in within for name in names}) + sum(amount for _, amount in within)


@given(SPENT, SECONDS)
def test_no_window_holds_less_than_was_spent_in_it(spent: list[tuple[float, list[bytes], int]], seconds: int) -> None:
    tally, now = played(spent, seconds)
    assert tally.spent(now, seconds) >= truly(spent, seconds)


@given(SPENT, SECONDS, SECONDS)
def test_nor_does_a_longer_one_that_is_asked_about_besides(
    spent: list[tuple[float, list[bytes], int]], seconds: int, other: int
) -> None:
    tally, now = Tally(), 0.0
    for number, (pause, names, amount) in enumerate(spent):
        now += pause
        tally.spend(names, amount, now, (seconds, other)[number % 2])
    for window in (seconds, other):
        assert tally.spent(now, window) >= truly(spent, window)


@given(SPENT, SECONDS, st.lists(PAUSES, min_size=1, max_size=8))
def test_without_more_it_only_gets_less_and_in_the_end_nothing(
    spent: list[tuple[float, list[bytes], int]], seconds: int, pauses: list[float]
) -> None:
    tally, now = played(spent, seconds)
    before = tally.spent(now, seconds)
    for pause in pauses:
        now += pause
        after = tally.spent(now, seconds)
        assert after <= before
        before = after
    assert tally.spent(now + seconds * (STEPS + 1) / STEPS, seconds) == 0


@given(SPENT, SECONDS, st.integers(1, 20))
def test_after_the_time_that_is_told_there_is_room(
    spent: list[tuple[float, list[bytes], int]], seconds: int, amount: int
) -> None:
    tally, now = played(spent, seconds)
    before = tally.spent(now, seconds)
    waits = tally.frees(amount, now, seconds)
    assert (waits is None) == (before < amount)
    if waits is not None:
        # What is told to a person is rounded up to a second.
        assert tally.spent(now + waits + 1e-6, seconds) <= before - amount


@given(SPENT, SECONDS, st.lists(NAMES, max_size=5, unique=True))
def test_what_a_call_needs_is_what_it_then_adds(
    spent: list[tuple[float, list[bytes], int]], seconds: int, names: list[bytes]
) -> None:
    tally, now = played(spent, seconds)
    before, needed = tally.spent(now, seconds), tally.needed(names, now, seconds)
    tally.spend(names, 0, now, seconds)
    assert tally.spent(now, seconds) == before + needed


@given(SPENT, SECONDS, st.integers(0, 10_000))
def test_a_restart_gives_nothing_back(spent: list[tuple[float, list[bytes], int]], seconds: int, away: int) -> None:
    before, now = Ledger(), 0.0
    for pause, names, amount in spent:
        now += pause
        before.spend("s", Resource.HOSTS, names, amount, now, seconds)
    after = Ledger()
    after.restore(before.dump(100, now), 100 + away, 5.0)
    one, other = before.tally("s", Resource.HOSTS), after.tally("s", Resource.HOSTS)
    later = after.time(5.0)
    assert abs(later - (now + away)) < 1e-3
    assert (0 if one is None else one.spent(now + away, seconds)) == (
        0 if other is None else other.spent(later, seconds)
    )


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9_000), PAUSES), max_size=30))
def test_it_stays_small(spent: list[tuple[int, int, float]]) -> None:
    ledger, now = Ledger(), 0.0
    for holder, first, pause in spent:
        now += pause
        names = [number.to_bytes(3, "big") for number in range(first, first + 3_000)]
        ledger.spend(str(holder), Resource.FILES_WRITTEN, names, 1, now, 3_600)
    held = [tally for tallies in ledger._holders.values() for tally in tallies.values()]
    assert all(len(tally.names) <= MOST_NAMES and len(tally.steps) <= MOST_STEPS for tally in held)
    assert sum(len(tally.names) for tally in held) == ledger._names <= ledgers.MOST_NAMES
    assert tallies.MOST_NAMES < ledgers.MOST_NAMES


@given(RATES, RATES)
def test_what_is_taken_for_stricter_lets_no_more_through_in_any_window(base: str, wanted: str) -> None:
    after, held = rate_of(stricter_rate(base, wanted)), rate_of(base)
    assert after is not None
    assert held is not None
    # The most that the stricter one lets through in a window of the other: one burst in each of its own.
    assert after.count * -(-held.seconds // after.seconds) <= held.count

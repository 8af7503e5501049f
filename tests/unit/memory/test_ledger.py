import msgspec
import pytest

from security_hooks.memory import ledger as module
from security_hooks.memory.ledger import MOST_HOLDERS, Ledger
from security_hooks.model.spending import Resource

HOUR = 3_600
FILES = Resource.FILES_DELETED


def spent(ledger: Ledger, holder: str, now: float) -> int:
    tally = ledger.tally(holder, FILES)
    return 0 if tally is None else tally.spent(now, HOUR)


def test_what_is_saved_goes_on_where_it_was_and_time_passed_meanwhile() -> None:
    before, after = Ledger(), Ledger()
    before.spend("a", FILES, (b"x",), 4, before.time(100.0), HOUR)
    after.restore(before.dump(1_000_000, before.time(100.0)), 1_000_600, 5.0)
    now = after.time(5.0)
    assert now == 700.0
    assert spent(after, "a", now) == 5
    tally = after.tally("a", FILES)
    assert tally is not None
    assert tally.needed((b"x", b"y"), now, HOUR) == 1
    assert spent(after, "a", after.time(5.0 + 2 * HOUR)) == 0


def test_a_clock_that_was_put_back_gives_nothing_back() -> None:
    before, after = Ledger(), Ledger()
    before.spend("a", FILES, (), 4, before.time(100.0), HOUR)
    after.restore(before.dump(1_000_000, before.time(100.0)), 0, 0.0)
    assert after.time(0.0) == 100.0


def test_what_no_longer_counts_is_not_saved() -> None:
    ledger = Ledger()
    ledger.spend("a", FILES, (), 4, 0.0, HOUR)
    assert len(list(ledger.dump(0, 2 * HOUR))) == 2
    assert len(list(ledger.dump(0, 100_000.0))) == 1
    assert len(ledger) == 0


def test_the_holder_longest_unheard_of_goes_but_not_a_lasting_one() -> None:
    ledger = Ledger(frozenset({"machine"}))
    for holder in ("machine", *map(str, range(MOST_HOLDERS))):
        ledger.spend(holder, FILES, (), 1, 0.0, HOUR)
    assert len(ledger) == MOST_HOLDERS
    assert ledger.tally("machine", FILES) is not None
    assert ledger.tally("0", FILES) is None


def test_past_so_many_names_they_go_and_what_they_counted_for_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_NAMES", 3)
    ledger = Ledger()
    ledger.spend("a", FILES, (b"1", b"2"), 0, 0.0, HOUR)
    ledger.spend("b", FILES, (b"1", b"2"), 0, 0.0, HOUR)
    tally = ledger.tally("a", FILES)
    assert tally is not None
    assert (spent(ledger, "a", 1.0), tally.needed((b"1",), 1.0, HOUR)) == (2, 1)
    ledger.spend("a", FILES, (b"1",), 0, 1.0, HOUR)
    assert spent(ledger, "a", 1.0) == 3


@pytest.mark.parametrize("data", [b"", b"\xff", msgspec.msgpack.encode({"unix": 0})])
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        Ledger().restore([data], 0, 0.0)


def test_what_does_not_say_when_it_was_saved_is_refused() -> None:
    ledger = Ledger()
    ledger.spend("a", FILES, (), 4, 0.0, HOUR)
    with pytest.raises(msgspec.ValidationError):
        Ledger().restore(list(ledger.dump(0, 0.0))[1:], 0, 0.0)
    Ledger().restore((), 0, 0.0)

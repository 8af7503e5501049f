from pathlib import Path

import pytest
from tests.logs.asks import CODEX, GEMINI, AskLog

from security_hooks.insight.answers import answers
from security_hooks.insight.ask_event import Ask, AskEvent, ask_event
from security_hooks.insight.ask_source import ask_events, only
from security_hooks.insight.attention import BLIND_MS
from security_hooks.insight.feed import current_store
from security_hooks.insight.filter import Filter
from security_hooks.insight.stats import stats
from security_hooks.insight.store import Store
from security_hooks.model.record import RecordKind


def log_of_a_day() -> AskLog:
    """Asks among much else."""
    log = AskLog()
    log.daemon(0, RecordKind.START)
    for number in range(20):
        log.passes(number, "ls", f"l{number}")
        log.ran(number, "ls", f"l{number}")
    log.ask(30, call="a")
    log.ran(31, call="a", took=500)
    log.permit(50, log.ask(40, call="b", client=CODEX))
    log.takes_permit(51, call="c", client=CODEX)
    log.ran(52, call="c", client=CODEX)
    log.ask(60, client=GEMINI)
    log.passes(61, client=GEMINI)
    log.ran(62, client=GEMINI)
    log.ask(70, call="d")
    log.prompt(71)
    return log


def store_of(log: AskLog, place: Path) -> Store:
    return current_store(None, log.write(place / "audit"))


def test_only_what_matters_to_asks_is_read_and_tells_the_same(tmp_path: Path) -> None:
    log = log_of_a_day()
    store = store_of(log, tmp_path)
    found = list(ask_events(store, 1))
    told = [event for line in log.lines if (event := ask_event(line)) is not None]
    assert len(found) == 11
    assert list(answers(found)) == list(answers(told))
    store.close()


def test_what_is_before_the_first_is_not_read(tmp_path: Path) -> None:
    store = store_of(log_of_a_day(), tmp_path)
    asks = [event.seq for event in ask_events(store, 50) if isinstance(event, Ask)]
    assert asks == [51]
    store.close()


def test_a_result_after_the_time_that_is_asked_for_is_known(tmp_path: Path) -> None:
    store = store_of(log_of_a_day(), tmp_path)
    found = stats(store, Filter(until="2026-11-21T12:00:31"), BLIND_MS).attention
    assert (found.asks, found.approved, found.blind, found.exact.median_ms) == (1, 1, 1, 500)
    store.close()


@pytest.mark.parametrize(
    ("asked", "counts"),
    [
        (Filter(), (4, 1, 1, 1, 1)),
        (Filter(clients=("codex-cli",)), (1, 0, 1, 0, 0)),
        (Filter(clients=("claude-code",)), (2, 1, 0, 1, 0)),
        (Filter(verdicts=("ask",)), (4, 1, 1, 1, 1)),
        (Filter(verdicts=("allow",)), (0, 0, 0, 0, 0)),
        (Filter(rules=("fr*",), since="2026-11-21T12:01:00"), (2, 0, 0, 1, 1)),
    ],
)
def test_the_asks_are_those_of_the_filter(asked: Filter, counts: tuple[int, ...], tmp_path: Path) -> None:
    store = store_of(log_of_a_day(), tmp_path)
    found = stats(store, asked, BLIND_MS)
    told = found.attention
    assert (told.asks, told.approved, told.permitted, told.rejected, told.unanswered) == counts
    assert found.asks_per_hour == told.per_hour == counts[0]
    store.close()


def test_a_clients_own_question_about_a_call_is_no_ask_of_its_own(tmp_path: Path) -> None:
    log = AskLog()
    log.ask(0)
    log.ask(1, call="b", hook_event_name="PermissionRequest")
    store = store_of(log, tmp_path)
    found = stats(store, Filter(), BLIND_MS)
    assert (found.calls, found.asks_per_hour, found.attention.asks) == (2, 1.0, 1)
    assert [row.calls for row in found.outcomes] == [1]
    store.close()


def test_chosen_asks_are_picked_in_order() -> None:
    log = AskLog()
    for number in range(5):
        log.ask(number, call=str(number))
    events: list[AskEvent] = [event for event in map(ask_event, log.lines) if event is not None]
    assert [each.ask.seq for each in only(answers(events), iter([0, 2, 5, 9]))] == [2, 5]
    assert list(only(answers(events), iter([]))) == []

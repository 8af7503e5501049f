"""Laws of asks and their answers, over logs in which anything follows anything."""

import json
import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from tests.logs.asks import CLAUDE, CODEX, GEMINI, AskLog

from security_hooks.insight.answers import Answer, answers
from security_hooks.insight.ask_event import ask_event
from security_hooks.insight.attention import BLIND_MS, attention
from security_hooks.insight.feed import current_store
from security_hooks.insight.filter import Filter
from security_hooks.insight.stats import MOST_RULES, stats

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["ask", "ask", "ran", "ran", "passes", "prompt", "permit", "takes_permit"]),
        st.sampled_from([CLAUDE, GEMINI, CODEX]),
        st.sampled_from(["one", "two"]),
        st.sampled_from(["frob", "grob"]),
        st.sampled_from(["a", "b"]),
        # The clock goes back now and then.
        st.sampled_from([0.0, 0.5, 1.0, 30.0, 4_000.0, -1.0, -5_000.0]),
        st.sampled_from([("frob",), ("frob", "grob"), ()]),
    ),
    max_size=40,
)


def log_of(steps: list[tuple[str, str, str, str, str, float, tuple[str, ...]]]) -> AskLog:
    log = AskLog()
    digests: dict[tuple[str, str], str] = {}
    now = 0.0
    for step, client, session, command, call, later, rules in steps:
        now += later
        match step:
            case "ask":
                digests[client, command] = log.ask(now, command, call, client, rules=rules, session_id=session)
            case "ran":
                log.ran(now, command, call, client, took=200, session_id=session)
            case "passes":
                log.passes(now, command, call, client, session_id=session)
            case "prompt":
                log.prompt(now, client, session_id=session)
            case "permit":
                log.permit(now, digests.get((client, command), "0" * 64))
            case "takes_permit":
                log.takes_permit(now, command, f"{call}2", client, session_id=session)
    return log


@given(STEPS)
def test_every_ask_is_answered_once_in_one_way_and_no_result_answers_two(
    steps: list[tuple[str, str, str, str, str, float, tuple[str, ...]]],
) -> None:
    log = log_of(steps)
    records = [json.loads(line) for line in log.lines]
    asks = [record["seq"] for record in records if record["fields"].get("verdict") == "ask"]
    happened = Counter(record["fields"].get("kind_of_event", record["kind"]) for record in records)
    taken = sum("permit" in record["fields"] for record in records)

    found = list(answers(event for line in log.lines if (event := ask_event(line)) is not None))
    assert [each.ask.seq for each in found] == asks
    became = Counter(each.answer for each in found)
    assert became.total() == len(asks)
    assert sum(each.ran_as_asked for each in found) <= happened["post_tool"]
    assert became[Answer.APPROVED] <= happened["post_tool"]
    assert became[Answer.PERMITTED] <= taken
    assert became[Answer.REJECTED] == 0 or happened["prompt"] > 0
    assert all(each.wait_ms is None or each.wait_ms >= 0 for each in found)

    figures = attention(found, 1, BLIND_MS, MOST_RULES)
    assert figures.asks == figures.approved + figures.permitted + figures.rejected + figures.unanswered == len(asks)
    assert figures.exact.answers + figures.at_most.answers + figures.untimed == figures.approved + figures.permitted
    assert figures.blind <= figures.approved
    longest = 0 if figures.longest_streak is None else figures.longest_streak.asks
    assert longest <= figures.blind


@given(STEPS)
def test_the_store_tells_of_asks_what_the_log_tells(
    steps: list[tuple[str, str, str, str, str, float, tuple[str, ...]]],
) -> None:
    log = log_of(steps)
    with tempfile.TemporaryDirectory() as place:
        store = current_store(None, log.write(Path(place) / "audit"))
        kept = stats(store, Filter(), BLIND_MS)
        store.close()
    found = answers(event for line in log.lines if (event := ask_event(line)) is not None)
    assert kept.attention == attention(found, kept.hours, BLIND_MS, MOST_RULES)

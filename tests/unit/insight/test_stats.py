from collections.abc import Callable

import pytest

from security_hooks.insight.attention import BLIND_MS
from security_hooks.insight.counted import Counted
from security_hooks.insight.filter import Filter
from security_hooks.insight.stats import MOST_PERIODS, RuleHits, stats
from security_hooks.insight.store import Store

Append = Callable[..., int]
Kept = Callable[[], Store]


def test_nothing_counts_to_nothing(append: Append, kept: Kept) -> None:
    found = stats(kept(), Filter(), BLIND_MS)
    assert (found.calls, found.periods, found.latency_us, found.first) == (0, (), {}, "")


def test_calls_are_counted_by_everything(append: Append, kept: Kept) -> None:
    append("allow", 0, action="git_safe", severity="info", elapsed_us=10)
    append("ask", 30, action="git_safe", severity="high", elapsed_us=20, findings=[{"rule": "a"}, {"rule": "b"}])
    append("ask", 3_700, client="codex-cli", findings=[{"rule": "a"}], script="x")
    append("deny", 3_700, findings=[{"rule": "a"}, {"rule": "a"}], failure={"reason": "internal"})
    append("allow", 3_700, kind_of_event="post_tool", client="codex-cli", script="x", outcome="succeeded")
    append("allow", 3_800, would="deny")
    found = stats(kept(), Filter(), BLIND_MS)
    assert found.calls == 5
    assert found.verdicts == (Counted("allow", 2), Counted("ask", 2), Counted("deny", 1))
    assert found.would == (Counted("deny", 1),)
    assert found.clients == (Counted("claude-code", 4), Counted("codex-cli", 1))
    assert found.rules == (RuleHits("a", 3, 2, 1, 1.0), RuleHits("b", 1, 1, 0, 0.5))
    assert found.actions == (Counted("git_safe", 2),)
    assert found.severities == (Counted("info", 1), Counted("high", 1))
    assert found.failures == (Counted("internal", 1),)
    assert found.outcomes == (Counted("never ran", 1), Counted("succeeded", 1))
    assert (found.hours, found.asks_per_hour) == (2, 1.0)
    assert found.latency_us == {"p50": 10, "p90": 20, "p99": 20, "max": 20}
    assert stats(kept(), Filter(verdicts=("deny",)), BLIND_MS).calls == 1


def test_percentiles_are_of_all_that_were_timed(append: Append, kept: Kept) -> None:
    for number in range(1, 101):
        append(elapsed_us=number)
    assert stats(kept(), Filter(), BLIND_MS).latency_us == {"p50": 50, "p90": 90, "p99": 99, "max": 100}


@pytest.mark.parametrize(
    ("seconds", "period", "count"),
    [
        (0, 60, 1),
        (59, 60, 1),
        (60, 60, 2),
        (2_000, 60, 34),
        (3_600, 300, 13),
        (86_400, 3_600, 25),
        (10**8, 2_592_000, 39),
    ],
)
def test_periods_are_few_and_leave_no_gap(seconds: int, period: int, count: int, append: Append, kept: Kept) -> None:
    append("ask", 0)
    append("deny", seconds)
    found = stats(kept(), Filter(), BLIND_MS)
    assert found.period_seconds == period
    assert count - 1 <= len(found.periods) <= min(count + 1, MOST_PERIODS)
    assert sum(each.allow + each.ask + each.deny for each in found.periods) == 2
    assert found.periods[0].ask == found.periods[-1].deny == 1


def test_what_rules_would_have_said_is_counted_by_rule_and_comes_first(append: Append, kept: Kept) -> None:
    for _ in range(3):
        append("allow", findings=[{"rule": "watched", "verdict": None}])
    asking = [{"rule": "asks", "verdict": "ask"}, {"rule": "watched", "verdict": None}]
    append("allow", would="ask", findings=asking)
    append("allow", 3_700, would="deny", findings=[{"rule": "denies", "verdict": "deny"}, *asking])
    append("ask", would="ask", findings=asking)
    found = stats(kept(), Filter(), BLIND_MS)
    assert found.rules == (
        RuleHits("asks", 3, 1, 0, 0.5, 1, 0),
        RuleHits("denies", 1, 0, 0, 0.0, 0, 1),
        RuleHits("watched", 6, 1, 0, 0.5),
    )
    assert (found.asks_per_hour, found.would_asks_per_hour) == (0.5, 0.5)

from collections.abc import Callable

import pytest

from security_hooks.insight.filter import Filter, condition, says
from security_hooks.insight.query import find
from security_hooks.insight.store import Store
from security_hooks.model.record import Json, RecordKind

Effects = list[Json]


@pytest.fixture
def store(append: Callable[..., int], kept: Callable[[], Store]) -> Store:
    """Records 1 to 6."""
    finding: Json = [{"rule": "git-force-push", "tier": "suspicious", "verdict": "ask", "severity": "high"}]
    read: Effects = [{"kind": "reads", "target": "/home/u/.ssh/id"}]
    linked: Effects = [{"kind": "writes", "target": "/p/x", "real": "/etc/passwd"}]
    connects: Effects = [{"kind": "connects", "target": "api.example.com"}, {"kind": "reads_env", "target": "/home"}]
    append("allow", 0, script="git status", action="git_safe", severity="info", call_id="1", session="a")
    append("ask", 60, script="git push -f 100%_é", action="git_remote_write", severity="medium", findings=finding)
    append("deny", 120, tool="Read", client="codex-cli", effects=read, action="filesystem_read", severity="info")
    append("allow", 180, would="deny", effects=linked, commands=[{"action": "db_exec"}], session="b", script="x")
    append("allow", 240, effects=connects, kind_of_event="post_tool", call_id="1", session="a", outcome="failed")
    append("", 300, kind=RecordKind.RELOAD, problems=["Git is 'quoted' \"twice\""])
    return kept()


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Filter(), [1, 2, 3, 4, 5, 6]),
        (Filter(since="2026-11-21T12:03:00", until="2026-11-21T12:05:00"), [4, 5]),
        (Filter(after=4), [5, 6]),
        (Filter(kinds=("reload",)), [6]),
        (Filter(clients=("codex-cli", "none")), [3]),
        (Filter(sessions=("a", "b")), [1, 4, 5]),
        (Filter(tools=("Read",)), [3]),
        (Filter(verdicts=("ask", "deny")), [2, 3]),
        (Filter(would=("deny",)), [3, 4]),
        (Filter(outcomes=("failed",)), [1]),
        (Filter(outcomes=("succeeded",)), []),
        (Filter(rules=("git-*",)), [2]),
        (Filter(rules=("git",)), []),
        (Filter(actions=("git_*", "db_*")), [1, 2, 4]),
        (Filter(severity="info"), [1, 2, 3]),
        (Filter(severity="medium"), [2]),
        (Filter(severity="high"), [2]),
        (Filter(severity="critical"), []),
        (Filter(paths=("/home/u",)), [3]),
        (Filter(paths=("/home/u/.ssh/id",)), [3]),
        (Filter(paths=("/home/u/.ss",)), []),
        (Filter(paths=("*/passwd",)), [4]),
        (Filter(paths=("/p/", "/home")), [3, 4]),
        (Filter(hosts=("*.EXAMPLE.com",)), [5]),
        (Filter(hosts=("/home",)), []),
        (Filter(text="git"), [1, 2, 6]),
        (Filter(text="GIT STATUS"), [1]),
        (Filter(text="100%_é"), [2]),
        (Filter(text="1000"), []),
        (Filter(text="%"), [2]),
        (Filter(text="quoted' \"twice"), [6]),
        (Filter(text="kind_of_event"), []),
        (Filter(text="git", verdicts=("ask",), rules=("*",)), [2]),
        (Filter(sessions=("' OR 1 --",)), []),
    ],
)
def test_a_filter_finds_what_it_asks_for(asked: Filter, expected: list[int], store: Store) -> None:
    assert [found.seq for found in find(store, asked)] == expected


def test_nothing_that_was_given_stands_in_the_sql() -> None:
    given = "'; DROP TABLE records; --"
    several = (given, "*")
    asked = Filter(
        since=given,
        until=given,
        after=3,
        kinds=several,
        clients=several,
        sessions=several,
        tools=several,
        verdicts=several,
        would=several,
        outcomes=several,
        rules=several,
        actions=several,
        severity="high",
        paths=several,
        hosts=several,
        text=given,
    )
    sql, values = condition(asked)
    assert "DROP" not in sql
    assert sql.count("?") == len(values)


@pytest.mark.parametrize("line", ["", "[]", "{}", '{"fields":7}', '{"fields":{"script":7}}', "[" * 100_000])
def test_what_is_no_record_says_nothing(line: str) -> None:
    assert says(line, "x") is False

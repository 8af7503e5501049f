from collections.abc import Callable
from pathlib import Path

import pytest

from security_hooks.insight.filter import Filter
from security_hooks.insight.query import COLUMNS, cells, find, find_last, select
from security_hooks.insight.store import Store, StoreError

Append = Callable[..., int]
Kept = Callable[[], Store]


def test_the_last_come_oldest_first_and_tell_whether_there_are_more(append: Append, kept: Kept) -> None:
    for _ in range(4):
        append("deny")
        append("allow")
    found, is_more = find_last(kept(), Filter(verdicts=("deny",)), 2)
    assert ([record.seq for record in found], is_more) == ([5, 7], True)
    found, is_more = find_last(kept(), Filter(verdicts=("deny",)), 4)
    assert ([record.seq for record in found], is_more) == ([1, 3, 5, 7], False)


def test_a_record_is_as_the_log_has_it(append: Append, kept: Kept, audit_log: Path) -> None:
    append(script="l\u00e4")
    (found,) = find(kept(), Filter())
    assert found.line.encode() + b"\n" == (audit_log / "00000001.jsonl").read_bytes()
    assert (found.outcome, found.result) == (None, None)


@pytest.mark.parametrize(
    ("first", "second", "outcome"),
    [
        ({"call_id": "1", "script": "a"}, {"call_id": "1", "script": "b"}, "failed"),
        ({"script": "a"}, {"script": "a"}, "failed"),
        ({"input": {"/x": "1"}}, {"input": {"/x": "1"}}, "failed"),
        ({"script": "a"}, {"script": "b"}, None),
        ({"call_id": "1"}, {"call_id": "2"}, None),
        ({"call_id": "1"}, {"call_id": "1", "session": "other"}, None),
        ({"call_id": "1"}, {"call_id": "1", "client": "gemini-cli"}, None),
    ],
)
def test_an_outcome_is_joined_by_call_or_content(
    first: dict[str, str], second: dict[str, str], outcome: str | None, append: Append, kept: Kept
) -> None:
    append(**first)
    append(kind_of_event="post_tool", outcome="failed", **second)
    found = list(find(kept(), Filter()))
    assert [record.outcome for record in found] == [outcome, None]
    assert found[0].result == (2 if outcome else None)


def test_of_calls_that_are_alike_each_result_is_the_last_ones(append: Append, kept: Kept) -> None:
    for outcome in ("failed", "succeeded"):
        append(script="make")
        append(kind_of_event="post_tool", outcome=outcome, script="make")
    append(kind_of_event="post_tool", outcome="ran", script="make")
    assert [record.outcome for record in find(kept(), Filter())] == ["failed", None, "succeeded", None, None]


def test_cells_have_the_columns_the_rules_and_the_outcome(append: Append, kept: Kept) -> None:
    append("ask", script="x", findings=[{"rule": "a"}, {"rule": "b"}], severity="high")
    (row,) = cells(kept(), Filter())
    told = dict(zip((*COLUMNS, "rules", "outcome"), row, strict=True))
    assert (told["seq"], told["verdict"], told["rules"], told["outcome"]) == (1, "ask", "a b", None)


def test_a_store_that_cannot_be_asked_says_so(append: Append, kept: Kept) -> None:
    append()
    with pytest.raises(StoreError, match="cannot be asked"):
        list(select(kept(), "SELECT nothing FROM nowhere"))

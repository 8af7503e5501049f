from typing import Any

import pytest

from security_hooks.service.insight_examination import MUCH, insight_of

NOON = 1_795_262_400
SINK: dict[str, Any] = {
    "name": "siem",
    "kind": "http",
    "sequence": 5,
    "behind": 0,
    "failures": 0,
    "down_since": 0,
    "error": "",
    "mend": "",
    "warning": "",
    "missed": 0,
    "unreadable": 0,
    "rejected": 0,
}
STORE: dict[str, Any] = {"enabled": True, "sequence": 5, "behind": 0, "failures": 0, "problem": ""}
DOWN = {"failures": 2, "down_since": NOON - 60, "error": "Connection refused", "mend": "start the peer", "behind": 7}


def said(
    sink: dict[str, Any] | None = None,
    store: dict[str, Any] | None = None,
    retention: dict[str, Any] | None = None,
    started: str = "by hand",
    **insight: Any,
) -> list[tuple[str, str, str, str]]:
    status: dict[str, Any] = {
        "started": started,
        "audit": {"directory": "/s/audit", "retention": retention or {"problem": ""}},
        "insight": {
            "needed": True,
            "pid": 7,
            "restarts": 0,
            "failures": 0,
            "problem": "",
            "store": STORE | (store or {}),
            "sinks": [] if sink is None else [SINK | sink],
            "metrics": {"address": "", "problem": ""},
            **insight,
        },
    }
    return [told for told in insight_of(status, NOON) if told[1] != "well"]


def test_all_that_is_well_is_told_with_how_far_it_has_come() -> None:
    status: dict[str, Any] = {"insight": {"store": STORE, "sinks": [SINK]}, "audit": {"directory": "/s/audit"}}
    assert list(insight_of(status, NOON)) == [
        ("store", "well", "up to record 5, 0 behind", ""),
        ("sink", "well", "siem (http): delivered up to record 5, 0 behind", ""),
    ]


def test_nothing_is_said_where_there_is_nothing() -> None:
    assert said({}) == said() == said(store={"enabled": False}) == list(insight_of({}, NOON)) == []


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({}, "warning"),
        ({"failures": 5}, "bad"),
        ({"down_since": NOON - 599}, "warning"),
        ({"down_since": NOON - 601}, "bad"),
    ],
)
def test_a_sink_that_is_down_is_told_since_when_and_why_and_for_long_is_bad(change: dict[str, Any], state: str) -> None:
    ((what, found, finding, mend),) = said(DOWN | change)
    assert (what, found, mend) == ("sink", state, "start the peer")
    assert finding.endswith("UTC, 7 records wait: Connection refused")
    assert finding.startswith("siem (http) takes nothing since 2026-11-2")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"missed": 3}, "3 records were gone"),
        ({"rejected": 2}, "2 records were refused for good"),
        ({"unreadable": 1}, "1 records were no records"),
        ({"warning": "its cursor cannot be written"}, "its cursor cannot be written"),
    ],
)
def test_what_a_sink_has_lost_is_a_warning(change: dict[str, Any], says: str) -> None:
    ((what, state, finding, mend),) = said(change)
    assert (what, state) == ("sink", "warning")
    assert says in finding
    assert mend


@pytest.mark.parametrize(
    ("change", "state", "says"),
    [
        ({"problem": "the disk is full", "failures": 1}, "warning", "the disk is full"),
        ({"problem": "the disk is full", "failures": 5}, "bad", "the disk is full"),
        ({"behind": MUCH + 1}, "warning", "10001 records behind"),
    ],
)
def test_a_store_that_fails_or_lags_is_told(change: dict[str, Any], state: str, says: str) -> None:
    ((what, found, finding, mend),) = said(store=change)
    assert (what, found) == ("store", state)
    assert says in finding
    assert mend
    assert "/s/insight" in mend or "problem" not in change


@pytest.mark.parametrize(
    ("insight", "state", "says"),
    [
        ({"restarts": 2}, None, ""),
        ({"restarts": 3, "problem": "hangs, and was killed"}, "warning", "died 3 times; the last one hangs"),
        ({"restarts": 1, "failures": 1, "pid": None, "problem": "ended"}, "warning", "does not run"),
        ({"restarts": 9, "failures": 5, "pid": None}, "bad", "does not run, 5 tries in a row"),
        ({"pid": None, "needed": False}, None, ""),
    ],
)
def test_a_process_that_dies_again_and_again_is_told(insight: dict[str, Any], state: str | None, says: str) -> None:
    told = said(**insight)
    assert [found for _, found, _, _ in told] == ([] if state is None else [state])
    assert not told or says in told[0][2]


@pytest.mark.parametrize(
    ("started", "mend"),
    [
        ("systemd", "journalctl --user"),
        ("on demand", "tail -n 50 /s/daemon.log"),
        ("by hand", "see the daemon's stderr"),
    ],
)
def test_where_it_says_why_is_told(started: str, mend: str) -> None:
    ((_, _, _, told),) = said(restarts=3, started=started)
    assert told.startswith(mend)


def test_metrics_and_retention_that_fail_are_warnings() -> None:
    assert said(metrics={"problem": "Address already in use"})[0][:3] == (
        "metrics",
        "warning",
        "not served: Address already in use",
    )
    told = said(retention={"problem": "no room", "mend": "df -h /s", "since": NOON, "failures": 1})
    assert told == [("retention", "warning", "since 2026-11-21 12:00:00 UTC: no room", "df -h /s")]

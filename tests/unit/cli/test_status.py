import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from security_hooks.cli import status
from security_hooks.cli.main import main

REPORT: dict[str, Any] = {
    "well": True,
    "version": "1.0",
    "pid": 7,
    "worker_pid": 8,
    "loop": "uvloop",
    "started": "systemd",
    "since": 17,
    "up_seconds": 60,
    "socket": "/run/s",
    "policy": {
        "mode": "enforce",
        "generation": 3,
        "digest": "0123456789abcdef",
        "rules": 9,
        "problems": [],
        "warnings": [],
    },
    "calls": {
        "calls": 2,
        "verdicts": {"allow": 1, "ask": 0, "deny": 1},
        "would": {},
        "failures": {},
        "median_us": 100,
        "p99_us": 300,
    },
    "judging": {"pid": 9, "restarts": 0, "timeouts": 0, "waiting": 0},
    "anomalies": {
        "alerts": [],
        "asking": [],
        "secret_values": {"values": 3, "waiting": 0, "not_looked_at": 0},
        "blind_spots": {"watch": True, "pid": None, "restarts": 0, "sessions": [], "alarms": []},
    },
    "granted": {"nap_seconds": 0, "grants": []},
    "audit": {
        "directory": "/s/audit",
        "sequence": 5,
        "full": False,
        "retention": {"problem": "", "mend": "", "since": 0, "failures": 0},
    },
    "insight": {
        "well": True,
        "needed": True,
        "pid": 10,
        "restarts": 0,
        "failures": 0,
        "problem": "",
        "store": {"enabled": True, "sequence": 5, "behind": 0, "failures": 0, "problem": ""},
        "sinks": [],
        "metrics": {"address": "", "problem": ""},
    },
}
SINK = {
    "name": "siem",
    "kind": "http",
    "state": "delivering",
    "sequence": 5,
    "behind": 0,
    "delivered": 5,
    "failures": 0,
    "failures_in_all": 0,
    "error": "",
    "warning": "",
    "missed": 0,
    "unreadable": 0,
    "rejected": 0,
}


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Change what the daemon says: sections are merged."""

    def say(**changes: Any) -> None:
        report = {
            name: value | changes.get(name, {}) if isinstance(value, dict) else changes.get(name, value)
            for name, value in REPORT.items()
        }
        monkeypatch.setattr(status, "ask_status", lambda _: report)

    return say


def shown(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    return {line[:9].strip(): line[9:] for line in capsys.readouterr().out.splitlines()}


def test_all_is_well(says: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    says()
    assert main(["status", "--socket", "/run/s"]) == 0
    assert shown(capsys) == {
        "daemon": "version 1.0, pid 7, uvloop",
        "started": "systemd, up 60 s",
        "socket": "/run/s",
        "mode": "enforce",
        "policy": "generation 3, 9 rules, digest 0123456789ab",
        "calls": "2: 1 allow, 0 ask, 1 deny",
        "latency": "median 100 us, 99th percentile 300 us",
        "secrets": "3 remembered",
        "audit": "record 5 in /s/audit",
        "store": "up to record 5",
    }


def test_what_needs_a_person_is_told_and_ends_in_1(
    says: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    says(
        well=False,
        policy={"problems": ["a.rules:1:1: bad [x]"], "warnings": ["b: odd [y]"]},
        calls={"failures": {"bad_payload": 2}},
        audit={"full": True},
        judging={"restarts": 1, "timeouts": 2},
    )
    assert main(["status", "--socket", "/run/s"]) == 1
    lines = shown(capsys)
    assert lines["problem"] == "a.rules:1:1: bad [x]"
    assert lines["warning"] == "b: odd [y]"
    assert lines["failures"] == "2 bad_payload"
    assert lines["judging"] == "1 restarts, 2 calls not judged in time"
    assert "the disk is full" in lines["audit"]


def test_what_ran_unseen_and_what_is_not_known_are_told(
    says: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    alarm = {"at": "2026-11-21T12:00:00.000000000Z", "severity": "high", "alarm": "Bash of codex-cli ran"}
    rows = [{"client": "codex-cli", "session": "s", "seen": 4, "unseen": 1, "unhooked": 2, "unmeasured": "it is gone"}]
    spots = {"watch": True, "pid": 1, "restarts": 0, "sessions": rows, "alarms": [alarm]}
    says(anomalies={"blind_spots": spots})
    assert main(["status", "--socket", "/run/s"]) == 0
    lines = shown(capsys)
    assert lines["unseen"] == "2026-11-21 12:00:00 high: Bash of codex-cli ran"
    assert lines["measured"].startswith("4 tool uses in transcripts were judged, 1 were not, 2 of a kind")
    assert lines["unknown"] == "what ran in session s of codex-cli: it is gone"
    says(anomalies={"blind_spots": spots | {"watch": False, "sessions": [], "alarms": []}})
    main(["status", "--socket", "/run/s"])
    assert "not followed" in shown(capsys)["unseen"]


def test_what_stood_out_and_what_is_asked_about_are_told(
    says: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    alert = {"at": "2026-11-21T12:00:00.000000000Z", "severity": "high", "alarm": "12 of 20 calls were denied"}
    says(anomalies={"alerts": [alert], "asking": [{"client": "codex-cli", "tool": "Bash", "why": "15 failed"}]})
    assert main(["status", "--socket", "/run/s"]) == 0
    lines = shown(capsys)
    assert lines["anomaly"] == "2026-11-21 12:00:00 high: 12 of 20 calls were denied"
    assert lines["asking"].startswith("about every call of Bash of codex-cli: 15 failed; ")
    assert "`security-hooks anomalies clear Bash`" in lines["asking"]


def test_without_a_policy_or_calls(says: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    says(
        well=False,
        policy={"mode": None, "generation": 0, "digest": "", "rules": 0},
        calls={"median_us": None, "p99_us": None},
    )
    assert main(["status", "--socket", "/run/s"]) == 1
    lines = shown(capsys)
    assert lines["policy"] == "none in force: every call is denied"
    assert "latency" not in lines


def test_observe_mode_cannot_be_overlooked(says: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    says(policy={"mode": "observe"})
    assert main(["status", "--socket", "/run/s"]) == 0
    assert shown(capsys)["mode"] == "observe: nothing is blocked"


def test_json_is_the_report_itself(says: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    says(well=False)
    assert main(["status", "--json", "--socket", "/run/s"]) == 1
    assert json.loads(capsys.readouterr().out) == REPORT | {"well": False}


def test_a_daemon_of_another_version_is_one_clear_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for report in ({"well": True}, REPORT | {"policy": 5}, REPORT | {"calls": {}}):
        monkeypatch.setattr(status, "ask_status", lambda _, told=report: told)
        assert main(["status", "--socket", "/run/s"]) == 69
        printed = capsys.readouterr()
        assert printed.out == ""
        assert "another version" in printed.err


def test_without_a_daemon_it_ends_in_69(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--socket", str(tmp_path / "none")]) == 69
    assert "start it with `security-hooks start`" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "up to record 5"),
        ({"enabled": False}, "switched off: `audit query` reads the log itself"),
        ({"behind": 3, "sequence": 2}, "up to record 2, 3 behind"),
        ({"problem": "no room"}, "up to record 5; no room"),
    ],
)
def test_the_store_tells_how_far_it_is(
    changes: dict[str, Any], line: str, says: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    says(insight={"store": REPORT["insight"]["store"] | changes})
    assert main(["status"]) == 0
    assert shown(capsys)["store"] == line


def test_sinks_and_metrics_are_told(says: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    says(insight={"sinks": [SINK], "metrics": {"address": "127.0.0.1:9464", "problem": ""}})
    assert main(["status", "--socket", "/run/s"]) == 0
    rows = shown(capsys)
    assert rows["sink"] == "siem (http): record 5, 0 behind"
    assert rows["metrics"] == "127.0.0.1:9464"
    assert "insight" not in rows


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"restarts": 1}, "its process died 1 time"),
        ({"restarts": 1, "problem": "ended"}, "its process died 1 time, the last one ended"),
        ({"restarts": 2, "pid": None}, "its process died 2 times; its process is not running"),
        ({"needed": False, "pid": None}, None),
    ],
)
def test_the_process_that_reads_the_log_tells_of_its_deaths(
    changes: dict[str, Any], line: str | None, says: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    says(insight=changes)
    assert main(["status"]) == 0
    assert shown(capsys).get("insight") == line


def test_a_sink_that_fails_is_told(says: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    failing = SINK | {"failures": 7, "error": "Connection refused", "behind": 3, "missed": 1, "warning": "no room"}
    says(well=False, insight={"sinks": [failing], "metrics": {"address": "", "problem": "no package"}})
    assert main(["status", "--socket", "/run/s"]) == 1
    rows = shown(capsys)
    assert rows["sink"] == (
        "siem (http): record 5, 3 behind; fails (7 times in a row): Connection refused; 1 missed; no room"
    )
    assert rows["metrics"] == "not served: no package"


def test_what_was_not_looked_through_for_secrets_is_told(
    says: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    known = {"values": 3, "waiting": 1, "not_looked_at": 2}
    says(anomalies={"secret_values": known})
    main(["status", "--socket", "/run/s"])
    assert shown(capsys)["secrets"] == "3 remembered, 1 long outputs waiting; 2 outputs were too long to be looked at"


def test_a_log_that_is_not_kept_within_its_limits_has_a_line(
    says: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    says(audit={"retention": {"problem": "no room", "mend": "df -h /s", "since": 17, "failures": 1}})
    assert main(["status"]) == 0
    assert "audit    not kept within its limits: no room; to mend it: df -h /s" in capsys.readouterr().out


def test_what_would_have_been_is_told_beside_what_was(
    says: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    says(calls={"verdicts": {"allow": 2, "ask": 0, "deny": 0}, "would": {"ask": 1}})
    assert main(["status"]) == 0
    assert "calls    2: 2 allow, 0 ask, 0 deny; would have been: 1 ask" in capsys.readouterr().out

"""The real daemon, the process beside it, and the questions that a person asks of the log."""

import csv
import io
import json
import os
import signal
from typing import Any

import pytest

pytestmark = pytest.mark.slow

DENIED = "rm -rf ~"


def insight(daemon: Any) -> dict[str, Any]:
    told: dict[str, Any] = daemon.status()["insight"]
    return told


def is_current(daemon: Any) -> bool:
    told = insight(daemon)
    return told["pid"] is not None and told["store"]["behind"] == 0


def query(daemon: Any, *words: str) -> list[dict[str, Any]]:
    done = daemon.run("audit", "query", "--json", "--state-dir", daemon.state, *words)
    assert done.returncode in (0, 1), done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def play(daemon: Any, event: str, command: str, call_id: str, **more: object) -> int:
    """Send one event of Claude Code through the real shim; its exit status."""
    told = {
        "session_id": "s",
        "cwd": "/home/user/project",
        "hook_event_name": event,
        "tool_name": "Bash",
        "tool_input": {"command": command},
        "tool_use_id": call_id,
        "permission_mode": "default",
        **more,
    }
    shim = daemon.open_shim()
    shim.communicate(json.dumps(told).encode(), timeout=20)
    return int(shim.returncode)


def test_a_call_is_found_by_what_it_does_and_what_became_of_it(daemon: Any) -> None:
    assert play(daemon, "PreToolUse", "cat ../secret/notes && git status", "t1") == 0
    assert play(daemon, "PostToolUseFailure", "cat ../secret/notes && git status", "t1", error="Exit code 1") == 0
    assert play(daemon, "PreToolUse", DENIED, "t2") == 2
    daemon.wait_until(lambda: is_current(daemon))
    (found,) = query(daemon, "--path", "/home/user/secret", "--action", "git_*", "--outcome", "failed")
    fields = found["fields"]
    assert (fields["call_id"], fields["sent"], found["result"]["outcome"]) == ("t1", "nothing", "failed")
    assert {"kind": "reads", "target": "/home/user/secret/notes"} in fields["effects"]
    (denied,) = query(daemon, "--verdict", "deny", "--severity", "high")
    assert (denied["fields"]["script"], denied["fields"]["sent"]) == (DENIED, "deny")
    assert query(daemon, "--text", "nowhere") == []
    told = json.loads(daemon.run("audit", "stats", "--json", "--state-dir", daemon.state).stdout)
    assert told["calls"] == 2
    assert {count["name"]: count["calls"] for count in told["verdicts"]} == {"allow": 1, "deny": 1}
    exported = daemon.run("audit", "export", "--format", "csv", "--kind", "decision", "--state-dir", daemon.state)
    rows = list(csv.DictReader(io.StringIO(exported.stdout)))
    assert [(row["call_id"], row["outcome"]) for row in rows] == [("t1", "failed"), ("t1", ""), ("t2", "")]
    assert daemon.verify().returncode == 0


def test_its_death_changes_nothing_but_what_status_tells(daemon: Any) -> None:
    daemon.wait_until(lambda: is_current(daemon))
    os.kill(insight(daemon)["pid"], signal.SIGKILL)
    assert daemon.call(DENIED).verdict == "deny"
    assert daemon.call("git status").verdict == "allow"
    assert len(query(daemon, "--kind", "decision")) == 2
    daemon.wait_until(lambda: insight(daemon)["restarts"] == 1 and is_current(daemon))
    assert daemon.status()["well"] is True
    shown = daemon.run("status", "--socket", daemon.socket).stdout
    assert "its process died 1 time" in shown


def test_one_that_hangs_delays_nobody(daemon: Any) -> None:
    daemon.wait_until(lambda: is_current(daemon))
    pid = insight(daemon)["pid"]
    os.kill(pid, signal.SIGSTOP)
    assert [daemon.call("git status").verdict for _ in range(20)] == ["allow"] * 20
    assert len(query(daemon, "--kind", "decision")) == 20
    assert insight(daemon)["store"]["behind"] > 0
    os.kill(pid, signal.SIGCONT)
    daemon.wait_until(lambda: is_current(daemon))


def test_switched_off_there_is_no_process_and_questions_are_answered_all_the_same(unstarted: Any) -> None:
    unstarted.config.mkdir()
    (unstarted.config / "config.toml").write_text('[insight]\nprocess = "off"\n')
    unstarted.start()
    assert unstarted.call("git status").verdict == "allow"
    assert insight(unstarted)["pid"] is None
    assert len(query(unstarted, "--kind", "decision")) == 1
    (unstarted.config / "config.toml").write_text('[insight]\nprocess = "on"\n')
    unstarted.wait_until(lambda: is_current(unstarted))
    unstarted.stop()
    assert [record["kind"] for record in query(unstarted, "-n", "1")] == ["stop"]

"""Anomalies while the daemon runs: the real daemon, the real shim, and a person at a terminal of their own."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from tests.e2e.conftest import PATIENCE
from tests.fakes.terminal import ours_at_terminal

from security_hooks.service.inquiry import ask
from security_hooks.service.wire import CLEAR

pytestmark = pytest.mark.slow
ASK = '[anomalies]\nfailing_tools = "ask"\n'


def send(daemon: Any, event: str, **fields: Any) -> str:
    """One hook event of Claude Code through the shim; what the shim prints."""
    payload = {"session_id": "s", "cwd": "/home/user/project", "hook_event_name": event, **fields}
    shim = daemon.open_shim()
    said, _ = shim.communicate(json.dumps(payload).encode(), timeout=PATIENCE)
    return str(said, "utf-8")


def fail(daemon: Any, times: int) -> None:
    for _ in range(times):
        send(daemon, "PostToolUseFailure", tool_name="Bash", tool_input={"command": "make"}, error="Exit code 2")


def until(daemon: Any, is_so: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """What `status` says of anomalies once it is so."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        told: dict[str, Any] = daemon.status()["anomalies"]
        if is_so(told):
            return told
        time.sleep(0.02)
    pytest.fail(f"it never was so:\n{daemon.log}")


def test_a_tool_that_fails_is_asked_about_until_a_person_clears_it(unstarted: Any) -> None:
    unstarted.config.mkdir(parents=True)
    (unstarted.config / "config.toml").write_text(ASK)
    daemon = unstarted.start()
    assert daemon.call("ls").verdict == "allow"
    fail(daemon, 20)
    told = until(daemon, lambda told: told["asking"])
    assert [alert["anomaly"] for alert in told["alerts"]] == ["tool-failure-rate"]
    asked = daemon.call("ls")
    assert asked.verdict == "ask"
    assert "security-hooks anomalies clear Bash" in asked.stdout

    # This test is no person: it has no terminal, or an agent stands above it.
    assert json.loads(ask(daemon.socket, CLEAR, b"Bash"))["unknown"] is False
    assert daemon.run("anomalies", "clear", "Bash", "--socket", daemon.socket).returncode == 64
    assert daemon.call("security-hooks anomalies clear Bash").verdict == "deny"
    status, said = ours_at_terminal(daemon, "anomalies", "clear", "Bash")
    assert (status, "cleared" in said) == (0, True)
    assert daemon.call("ls").verdict == "allow"
    assert ours_at_terminal(daemon, "anomalies", "clear", "Bash")[0] == 1

    (cleared,) = [record for record in daemon.records() if record["kind"] == "permit" and "cleared" in record]
    assert cleared["tool"] == "Bash"
    assert daemon.verify().returncode == 0


def test_what_stands_out_is_told_once_when_a_session_starts_and_is_in_the_log(daemon: Any) -> None:
    for number in range(6):
        assert daemon.call(f"rm -rf / # {number}").verdict == "deny"
    until(daemon, lambda told: told["alerts"])
    (alarm,) = [record for record in daemon.records() if record["kind"] == "alarm"]
    assert (alarm["anomaly"], alarm["severity"], alarm["observed"]) == ("deny-rate", "low", 6)
    first, second = (send(daemon, "SessionStart", source="startup") for _ in range(2))
    assert "6 of 6 calls were denied" in json.loads(first)["systemMessage"]
    assert "calls were denied" not in second
    found = daemon.run("anomalies", "--json", "--state-dir", daemon.state)
    assert found.returncode == 1
    assert [alert["anomaly"] for alert in json.loads(found.stdout)["alerts"]] == ["deny-rate"]
    assert "6 of 6 calls were denied" in daemon.run("status", "--socket", daemon.socket).stdout


def test_what_was_before_a_restart_is_not_told_again(daemon: Any) -> None:
    for number in range(6):
        daemon.call(f"rm -rf / # {number}")
    until(daemon, lambda told: told["alerts"])
    assert daemon.stop() == 0
    daemon.start()
    daemon.call("rm -rf / # again")
    # By the time that a later alarm is there, the earlier ones would be.
    fail(daemon, 20)
    told = until(daemon, lambda told: told["alerts"])
    assert [alert["anomaly"] for alert in told["alerts"]] == ["tool-failure-rate"]

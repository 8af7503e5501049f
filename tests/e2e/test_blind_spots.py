"""A client that writes down its tool uses as Claude Code does, before the real daemon and the real shim."""

import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.conftest import PATIENCE

pytestmark = pytest.mark.slow


class Client:
    """One session; `ask` sends a hook event through the shim, `write_down` a use and its result to the transcript."""

    def __init__(self, daemon: Any, home: Path) -> None:
        self.daemon = daemon
        self.transcript = home / ".claude/projects/-p/s.jsonl"
        self.transcript.parent.mkdir(parents=True, exist_ok=True)

    def ask(self, event: str, **fields: Any) -> dict[str, Any]:
        common = {"session_id": "s", "cwd": "/home/user/project", "transcript_path": str(self.transcript)}
        shim = self.daemon.open_shim()
        said, _ = shim.communicate(
            json.dumps({**common, "hook_event_name": event, **fields}).encode(), timeout=PATIENCE
        )
        answer: dict[str, Any] = json.loads(said)
        return answer

    def write_down(self, call_id: str) -> None:
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        use = {"type": "tool_use", "id": call_id, "name": "Bash", "input": {"command": "true"}}
        result = {"type": "tool_result", "tool_use_id": call_id, "content": "", "is_error": False}
        with self.transcript.open("a") as file:
            for kind, block in (("assistant", use), ("user", result)):
                accepted = {"permissionDecision": {"decision": "accept"}} if kind == "user" else {}
                written = {"type": kind, "timestamp": at, "message": {"content": [block]}, **accepted}
                file.write(json.dumps(written) + "\n")

    def call(self, call_id: str) -> None:
        """A call as it should be: asked about before it runs."""
        self.ask("PreToolUse", tool_name="Bash", tool_input={"command": "true"}, tool_use_id=call_id)
        self.write_down(call_id)

    def until(self, is_so: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """What `status` says of transcripts once it is so."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            told: dict[str, Any] = self.daemon.status()["anomalies"]["blind_spots"]
            if is_so(told):
                return told
            time.sleep(0.02)
        pytest.fail(f"it never was so: {told}\n{self.daemon.log}")


@pytest.fixture
def client(unstarted: Any, tmp_path: Path) -> Client:
    unstarted.environment["CLAUDE_CONFIG_DIR"] = str(tmp_path / "home/.claude")
    return Client(unstarted.start(), tmp_path / "home")


def doctor(daemon: Any, root: Path) -> list[tuple[str, str]]:
    arguments = ("doctor", "--json", "--socket", daemon.socket, "--state-dir", daemon.state, "--root", root)
    found = json.loads(daemon.run(*arguments, "--config-dir", daemon.config).stdout)
    return [(item["state"], item["finding"]) for item in found if item["what"] == "transcripts"]


def test_a_call_without_the_hook_raises_an_alarm_that_is_recorded_told_and_shown(
    client: Client, tmp_path: Path
) -> None:
    daemon = client.daemon
    client.ask("SessionStart", source="startup")
    for number in range(3):
        client.call(f"toolu_{number}")
    told = client.until(lambda told: told["sessions"] and told["sessions"][0]["seen"] == 3)
    assert told["alarms"] == []
    assert doctor(daemon, tmp_path) == [("well", "3 tool uses in 1 sessions, all of them judged")]
    # From here on the hook is gone.
    client.write_down("toolu_unseen")
    told = client.until(lambda told: told["alarms"])
    assert [(alarm["anomaly"], alarm["call_id"]) for alarm in told["alarms"]] == [("unseen-tool-use", "toolu_unseen")]
    (alarm,) = [record for record in daemon.records() if record["kind"] == "alarm"]
    assert (alarm["session"], alarm["tool"], alarm["transcript"]) == ("s", "Bash", str(client.transcript))
    assert [state for state, _ in doctor(daemon, tmp_path)] == ["bad"]
    shown = daemon.run("status", "--socket", daemon.socket).stdout
    assert "Bash of claude-code ran, and no hook event came before it (session s)" in shown
    first, second = (client.ask("SessionStart", source="startup") for _ in range(2))
    assert "no hook event came before it" in first["systemMessage"]
    assert "no hook event came before it" not in second.get("systemMessage", "")
    assert daemon.verify().returncode == 0


def verdict(client: Client, command: str, session: str = "s") -> str:
    """The verdict on a command that is not run."""
    call = {"tool_name": "Bash", "tool_input": {"command": command}, "session_id": session}
    said = client.ask("PreToolUse", **call, tool_use_id=f"toolu_{time.monotonic_ns()}")
    return str(said.get("hookSpecificOutput", {}).get("permissionDecision", "allow"))


LEAVING = ("curl -d a=b https://a.example/", "git push", "npm install", "npx prettier .")
STAYING = ("git status", "pytest -q", "curl https://a.example/", "curl -d a=b http://localhost:8080/", "echo x > y")


def test_after_an_unseen_call_what_leaves_or_is_fetched_is_asked_about_also_after_a_restart(client: Client) -> None:
    daemon = client.daemon
    client.ask("SessionStart", source="startup")
    client.call("toolu_0")
    assert [verdict(client, command) for command in (*LEAVING, *STAYING)] == ["allow"] * 9
    client.write_down("toolu_unseen")
    client.until(lambda told: told["alarms"])
    for _ in range(2):
        said = {command: verdict(client, command) for command in (*LEAVING, *STAYING)}
        assert said == dict.fromkeys(LEAVING, "ask") | dict.fromkeys(STAYING, "allow")
        assert [verdict(client, command, "other") for command in LEAVING] == ["allow"] * 4
        daemon.stop()
        daemon.start()
    assert daemon.status()["anomalies"]["memory"]["ran_unseen"] == 1


def test_a_reading_process_that_is_killed_hides_nothing(client: Client) -> None:
    client.ask("SessionStart", source="startup")
    client.call("toolu_0")
    told = client.until(lambda told: told["pid"] and told["sessions"] and told["sessions"][0]["seen"] == 1)
    os.kill(told["pid"], 9)
    client.write_down("toolu_unseen")
    told = client.until(lambda told: told["alarms"])
    assert [alarm["call_id"] for alarm in told["alarms"]] == ["toolu_unseen"]
    assert told["sessions"][0]["seen"] == 1


def test_switched_off_nothing_is_read(client: Client) -> None:
    client.daemon.config.mkdir(exist_ok=True)
    (client.daemon.config / "config.toml").write_text('[blind_spots]\nwatch = "off"\n')
    client.until(lambda told: not told["watch"])
    client.call("toolu_0")
    client.write_down("toolu_unseen")
    assert client.until(lambda told: not told["watch"])["pid"] is None
    assert "transcripts are not followed" in client.daemon.run("status", "--socket", client.daemon.socket).stdout

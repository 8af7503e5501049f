"""What confines a session, call by call: the real daemon, the real shim, payloads in the form of each client."""

import json
from typing import Any

import pytest
from tests.e2e.conftest import PATIENCE

pytestmark = pytest.mark.slow
RULES = """
suspicious "small"
  match command("frob")
  severity low
  nudge "a small thing"
suspicious "grave"
  match command("grob")
  severity critical
  nudge "a grave thing"
"""
KNOWN = '[executables]\nappend = ["frob", "grob"]\n'
# Before a tool, after it, after one that failed; what the shell tool is called; how its results tell.
CLIENTS: dict[str, dict[str, Any]] = {
    "claude-code": {
        "before": "PreToolUse",
        "tool": "Bash",
        "succeeded": {"hook_event_name": "PostToolUse", "tool_response": {"stdout": "", "interrupted": False}},
        "failed": {"hook_event_name": "PostToolUseFailure", "error": "Exit code 1", "is_interrupt": False},
    },
    "gemini-cli": {
        "before": "BeforeTool",
        "tool": "run_shell_command",
        "succeeded": {"hook_event_name": "AfterTool", "tool_response": {"llmContent": "", "returnDisplay": ""}},
        "failed": {
            "hook_event_name": "AfterTool",
            "tool_response": {"llmContent": "", "returnDisplay": "Command exited with code: 1"},
        },
    },
    "codex-cli": {
        "before": "PreToolUse",
        "tool": "Bash",
        "succeeded": {"hook_event_name": "PostToolUse", "tool_response": "fine"},
    },
}


class Session:
    """One session of a client, a call after the other."""

    def __init__(self, daemon: Any, client: str, name: str = "s") -> None:
        self.daemon, self.client, self.name, self.number = daemon, client, name, 0

    def send(self, command: str, extra: dict[str, Any]) -> tuple[str, str]:
        """The verdict, and all that the shim said."""
        call: dict[str, Any] = {
            "session_id": self.name,
            "cwd": "/home/user/project",
            "tool_name": CLIENTS[self.client]["tool"],
            "tool_input": {"command": command},
        }
        if self.client != "gemini-cli":
            call |= {"tool_use_id": f"toolu_{self.number}", "permission_mode": "default"}
        shim = self.daemon.open_shim(self.client)
        stdout, stderr = shim.communicate(json.dumps(call | extra).encode(), timeout=PATIENCE)
        if shim.returncode == 2:
            return "deny", str(stdout + stderr, "utf-8")
        said = json.loads(stdout or "{}")
        verdict = said.get("hookSpecificOutput", {}).get("permissionDecision") or said.get("decision", "allow")
        return verdict, str(stdout, "utf-8")

    def call(self, command: str) -> tuple[str, str]:
        self.number += 1
        return self.send(command, {"hook_event_name": CLIENTS[self.client]["before"]})

    def verdicts(self, *commands: str) -> list[str]:
        return [self.call(command)[0] for command in commands]

    def ends(self, command: str, how: str) -> None:
        self.send(command, CLIENTS[self.client][how])


def started(unstarted: Any, configuration: str) -> Any:
    (unstarted.config / "rules").mkdir(parents=True)
    (unstarted.config / "rules/mine.rules").write_text(RULES)
    (unstarted.config / "config.toml").write_text(KNOWN + configuration)
    return unstarted.start()


@pytest.mark.parametrize("client", CLIENTS)
def test_a_session_that_has_called_enough_is_stopped_until_a_person_raises_the_limit(
    unstarted: Any, client: str
) -> None:
    limit = "[limits]\nmax_tool_calls_per_session = {}\n"
    daemon = started(unstarted, limit.format(3))
    session = Session(daemon, client)
    assert session.verdicts("ls a", "rm -rf /", "ls b", "ls c") == ["allow", "deny", "allow", "allow"]
    verdict, said = session.call("ls d")
    assert verdict == "deny"
    assert "max_tool_calls_per_session" in said
    assert Session(daemon, client, "other").verdicts("ls a") == ["allow"]
    (daemon.config / "config.toml").write_text(KNOWN + limit.format(4))
    daemon.wait_until(lambda: session.verdicts("ls e") == ["allow"])
    assert session.verdicts("ls f") == ["deny"]
    assert daemon.verify().returncode == 0


@pytest.mark.parametrize("client", [name for name, shape in CLIENTS.items() if "failed" in shape])
def test_trying_again_what_failed_costs_nothing(unstarted: Any, client: str) -> None:
    session = Session(started(unstarted, "[limits]\nmax_tool_calls_per_session = 2\n"), client)
    assert session.verdicts("make x") == ["allow"]
    session.ends("make x", "failed")
    assert session.verdicts("make x") == ["allow"]
    session.ends("make x", "succeeded")
    assert session.verdicts("make x", "make x") == ["allow", "deny"]


@pytest.mark.parametrize("client", CLIENTS)
def test_a_minute_holds_so_many_calls(unstarted: Any, client: str) -> None:
    session = Session(started(unstarted, "[limits]\ntool_calls_per_minute = 2\n"), client)
    assert session.verdicts("ls a", "ls b") == ["allow", "allow"]
    verdict, said = session.call("ls c")
    assert (verdict, "tool_calls_per_minute" in said) == ("deny", True)


@pytest.mark.parametrize("client", ["claude-code", "gemini-cli"])
def test_a_spent_budget_denies_small_questions_and_puts_grave_ones(unstarted: Any, client: str) -> None:
    asking = '[clients.gemini-cli]\nask = "ask"\n' if client == "gemini-cli" else ""
    daemon = started(unstarted, f"[verdict]\nasks_per_hour = 3\n{asking}")
    session = Session(daemon, client)
    assert session.verdicts("frob a", "frob b", "grob a", "frob c", "grob b") == ["ask", "deny", "ask", "deny", "ask"]
    _, said = session.call("frob d")
    assert "asks_per_hour" in said
    assert "security-hooks allow-once" in said
    assert Session(daemon, client, "other").verdicts("frob a") == ["ask"]
    last = [record for record in daemon.records() if record["kind"] == "decision"][-2]
    assert (last["verdict"], last["answered"]) == ("ask", "deny")


def test_codex_denies_each_question_and_spends_nothing(unstarted: Any) -> None:
    session = Session(started(unstarted, "[verdict]\nasks_per_hour = 1\n"), "codex-cli")
    for _ in range(3):
        verdict, said = session.call("frob a")
        assert (verdict, "asks_per_hour" in said) == ("deny", False)

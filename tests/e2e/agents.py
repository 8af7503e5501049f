"""Agents of each client at work, call by call: payloads as they were recorded, through the real shim."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.conftest import Answer, Daemon, answer

RECORDED = Path(__file__).parents[1] / "protocol"
# The recorded payload of each moment of a client.
PAYLOADS = {
    "claude-code": {
        "starts": "SessionStart.startup",
        "shell": "PreToolUse.Bash",
        "ran": "PostToolUse.Bash",
        "failed": "PostToolUseFailure.Bash",
        "sub-agent": "PreToolUse.Bash.in_subagent",
        "read": "PreToolUse.Read",
        "write": "PreToolUse.Write",
    },
    "gemini-cli": {
        "starts": "SessionStart.startup",
        "shell": "BeforeTool.run_shell_command",
        "ran": "AfterTool.run_shell_command",
        "failed": "AfterTool.run_shell_command.exit3",
        "sub-agent": "BeforeTool.run_shell_command.from_subagent",
        "read": "BeforeTool.read_file.relative",
        "write": "BeforeTool.write_file",
    },
    "codex-cli": {
        "starts": "session_start.startup",
        "shell": "pre_tool_use.exec_command",
        "ran": "post_tool_use.exec_command",
        "sub-agent": "pre_tool_use.exec_command.subagent",
        "write": "pre_tool_use.apply_patch",
    },
}
CLIENTS = tuple(PAYLOADS)
PUSH_UNTESTED = """
block "push-untested"
  match command("git") and subcommand("push")
  unless after(command("pytest")) within "1h"
  nudge "Run pytest first"
"""
# The name of each client's program, as the process tree has it.
PROGRAMS = {"claude-code": "claude", "gemini-cli": "gemini", "codex-cli": "codex"}
_PROGRAM = """#!/bin/sh
if [ $# -gt 0 ]; then "$@"; exit; fi
while read -r line; do sh -c "$line"; echo; done
"""


def started_with(daemon: Daemon, rules: str) -> Daemon:
    """The daemon, started with the shipped rules and these."""
    (daemon.config / "rules").mkdir(parents=True)
    (daemon.config / "rules/mine.rules").write_text(rules)
    return daemon.start()


@dataclass
class Agent:
    """One session of a client, at work in `cwd`. What its calls would do, the test does itself or leaves undone."""

    daemon: Daemon
    client: str
    cwd: Path
    session: str = "0a000000-0000-4000-8000-000000000001"
    count: int = 0

    def payload(self, moment: str, given: dict[str, Any] | None = None) -> bytes:
        """The recorded payload with another session, directory and input."""
        recorded = RECORDED / self.client / f"{PAYLOADS[self.client][moment]}.in.json"
        call = json.loads(recorded.read_bytes())
        call |= {"session_id": self.session, "cwd": str(self.cwd)}
        if given is not None:
            call["tool_input"] = given
        if "tool_use_id" in call:
            call["tool_use_id"] = f"call_{self.session[:8]}_{self.count}"
        return json.dumps(call).encode()

    def send(self, moment: str, given: dict[str, Any] | None = None) -> Answer:
        shim = self.daemon.open_shim(self.client)
        assert shim.stdin is not None
        shim.stdin.write(self.payload(moment, given))
        shim.stdin.close()
        shim.stdin = None
        return answer(shim)

    def verdict(self, moment: str, given: dict[str, Any]) -> str:
        """The verdict on a call; Codex and Gemini, which put no question, are told to stop instead."""
        self.count += 1
        said = self.send(moment, given).verdict
        verdict = self.stopped_by()[0]
        assert said == ("deny" if verdict == "ask" and self.client != "claude-code" else verdict)
        return verdict

    def asks(self, command: str, *, moment: str = "shell") -> str:
        """The verdict on a command."""
        return self.verdict(moment, {"command": command})

    def runs(self, command: str, *, moment: str = "shell") -> None:
        """A command that is let through, and that does not fail."""
        assert self.asks(command, moment=moment) == "allow", (command, self.stopped_by())
        self.send("ran", {"command": command})

    def fails(self, command: str) -> None:
        """A command that is let through and fails."""
        assert self.asks(command) == "allow", (command, self.stopped_by())
        self.send("failed", {"command": command})

    def writes(self, name: str, text: str) -> None:
        """The client's own tool writes a file, and it stands there afterwards."""
        path = self.cwd / name
        if self.client == "codex-cli":
            lines = "".join(f"+{line}\n" for line in text.splitlines())
            given = {"command": f"*** Begin Patch\n*** Add File: {name}\n{lines}*** End Patch\n"}
        else:
            given = {"file_path": str(path), "content": text}
        assert self.verdict("write", given) == "allow", self.stopped_by()
        path.write_text(text)

    def reads(self, path: str) -> str:
        """The verdict on reading a file: by the client's own tool, where it has one."""
        if "read" not in PAYLOADS[self.client]:
            return self.asks(f"cat {path}")
        return self.verdict("read", {"file_path": path})

    def stopped_by(self) -> tuple[str, list[str]]:
        """The verdict of the last decision, and the rules that objected."""
        decision = [record for record in self.daemon.records() if record["kind"] == "decision"][-1]
        found: Any = decision.get("findings", [])
        return str(decision["verdict"]), [str(one["rule"]) for one in found if one["verdict"] not in (None, "allow")]

    def alerts(self) -> list[str]:
        """The rules that only watched, in the order in which they matched, for this session."""
        found: list[str] = []
        for record in self.daemon.records():
            if record["kind"] == "decision" and record.get("session") == self.session:
                findings: Any = record.get("findings", [])
                found += [str(one["rule"]) for one in findings if one["tier"] == "watch"]
        return found


class Program:
    """A running program by a client's name, which starts what it is told; it ends with its input."""

    def __init__(self, place: Path, client: str) -> None:
        self.path = place / PROGRAMS[client]
        self.path.write_text(_PROGRAM)
        self.path.chmod(0o755)
        self._process = subprocess.Popen([self.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, line: str) -> None:
        """Have a shell started by the program run a line to its end."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "\n"

    def end(self) -> None:
        self._process.communicate()

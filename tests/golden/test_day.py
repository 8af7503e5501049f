"""A day of ordinary agent work, `day/`: hardly any of it may be interrupted by the shipped policy.

In the Markdown files a line in a block of `cases` is one call, and so is each whole block of `bash`; a line of
`tools.jsonl` is the call of another tool, as its client sends it.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from tests.shipped import shipped_snapshot

from security_hooks.clients import client_named
from security_hooks.model.decision import Decision, Verdict
from security_hooks.model.event import HookEvent
from security_hooks.policy.cases import parse_cases
from security_hooks.service.offline import Offline, fictitious_project
from security_hooks.service.offline_sessions import OfflineSessions

DAY = Path(__file__).with_name("day")
HOME = "/home/user"
CWD = f"{HOME}/project"
EVENTS = {"claude-code": "PreToolUse", "codex-cli": "PreToolUse", "gemini-cli": "BeforeTool"}
SHELLS = {"claude-code": "Bash", "codex-cli": "Bash", "gemini-cli": "run_shell_command"}
# Until the end of the block: fences within a here-document are not at the end of a paragraph.
BLOCK = re.compile(r"^```bash\n(.*?)\n```$(?=\n(?:```|#|\Z)|\Z)", re.MULTILINE | re.DOTALL)


class Call(msgspec.Struct, frozen=True):
    """One call of a tool, and where it stands."""

    place: str
    client: str
    tool: str
    input: dict[str, object]

    def event(self) -> HookEvent:
        """The same, decoded."""
        client = client_named(self.client)
        assert client is not None
        return client.decode(self.payload())

    def payload(self) -> bytes:
        """What the client sends before the call."""
        identity = {"session_id": self.place, "turn_id": "1", "tool_use_id": "1", "model": "m"}
        where = {"cwd": CWD, "transcript_path": f"{HOME}/.agent/session.jsonl", "permission_mode": "default"}
        event = {"hook_event_name": EVENTS[self.client], "timestamp": "2026-01-01T00:00:00.000Z"}
        return json.dumps(identity | where | event | {"tool_name": self.tool, "tool_input": self.input}).encode()


def _calls() -> Iterator[Call]:
    for file in sorted(DAY.glob("*.md")):
        text = file.read_text()
        cases, problems = parse_cases(text, file.name)
        assert not problems
        commands = [(case.line, case.command) for case in cases]
        commands += [(text.count("\n", 0, block.start()) + 1, block[1]) for block in BLOCK.finditer(text)]
        for number, (line, command) in enumerate(sorted(commands)):
            client = tuple(SHELLS)[number % len(SHELLS)]
            yield Call(f"{file.name}:{line}", client, SHELLS[client], {"command": command})
    for number, text in enumerate((DAY / "tools.jsonl").read_text().splitlines(), 1):
        row = json.loads(text)
        yield Call(f"tools.jsonl:{number}", row["client"], row["tool_name"], row["tool_input"])


CALLS = tuple(_calls())


@pytest.fixture(scope="module")
def offline() -> Offline:
    return Offline(shipped_snapshot(), fictitious_project)


@pytest.fixture(scope="module")
def decisions(offline: Offline) -> dict[str, Decision]:
    return {call.place: offline.payload(call.client, call.payload(), HOME).decision for call in CALLS}


def _rules(decision: Decision) -> set[str]:
    return {finding.rule for finding in decision.findings if finding.verdict is not None}


def test_the_day_is_long_enough_and_of_every_client() -> None:
    assert len(CALLS) > 1000
    assert {call.client for call in CALLS} == set(EVENTS)


def test_at_most_one_call_in_a_hundred_is_interrupted(decisions: dict[str, Decision]) -> None:
    interrupted = {
        place: _rules(decision) for place, decision in decisions.items() if decision.verdict is not Verdict.ALLOW
    }
    print(f"{len(interrupted)} of {len(CALLS)} ordinary calls are interrupted")
    assert len(interrupted) * 100 <= len(CALLS), interrupted


def test_what_sessions_did_before_interrupts_nothing_more(offline: Offline, decisions: dict[str, Decision]) -> None:
    # One session for each page of the day and each client, and one for the whole day of each.
    for session in ("page", ""):
        sessions = OfflineSessions(offline)
        for call in CALLS:
            event = replace(call.event(), session_id=call.place.partition(":")[0] if session else "day")
            decision = sessions.event(event, HOME).decision
            assert _rules(decision) <= _rules(decisions[call.place]), call


def test_no_call_fails(decisions: dict[str, Decision]) -> None:
    failed = [place for place, decision in decisions.items() if decision.failure is not None]
    assert not failed

import json
from typing import Any

import pytest

from security_hooks.audit.failure import AuditError
from security_hooks.clients import client_named
from security_hooks.model.decision import Basis, Decision, Finding, Severity, Tier, Verdict
from security_hooks.model.record import AuditRecord, RecordKind
from security_hooks.policy.built import Build
from security_hooks.policy.config import Config, Mode, OnFailingTool
from security_hooks.policy.snapshot import assemble_at_once
from security_hooks.service.exchange import Exchange
from security_hooks.service.failing_tools import MOST, RULE, FailingTools
from security_hooks.service.peer import Peer

PERSON, AGENT = Peer(1000, 7), Peer(1000, 8)
ALLOWED = Decision(Verdict.ALLOW, Basis.DEFAULT)
APPROVED = Decision(Verdict.ALLOW, Basis.RULE, explicit=True)
WATCHED = Finding("seen", Tier.WATCH, True, None, "", "ls", 0, "a.rules", 1, Severity.LOW)


class Desk:
    def __init__(self) -> None:
        self.records: list[AuditRecord] = []
        self.cleared: list[str] = []
        self.error: AuditError | None = None
        objections = {AGENT.pid: "only a person decides this"}
        self.tools = FailingTools(objections.get, self._append, self.cleared.append)
        self.tools.stop("claude-code", "Bash", "15 of the last 20 calls failed")

    def _append(self, record: AuditRecord) -> int:
        if self.error is not None:
            raise self.error
        self.records.append(record)
        return len(self.records)

    def clear(self, tool: str = "Bash", peer: Peer = PERSON) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.tools.clear(tool.encode(), peer))
        return answer


def exchange(
    client: str = "claude-code",
    event: str = "PreToolUse",
    tool: str = "Bash",
    on_failing: OnFailingTool = OnFailingTool.ASK,
    mode: Mode = Mode.ENFORCE,
) -> Exchange:
    known = client_named(client)
    assert known is not None
    payload = {
        "session_id": "s",
        "hook_event_name": event,
        "cwd": "/p",
        "tool_name": tool,
        "tool_input": {"command": "ls", "file_path": "/p/a"},
    }
    snapshot = assemble_at_once(Build("d", Config(mode=mode, on_failing_tool=on_failing), ()), 1)
    event_seen = known.decode(json.dumps(payload).encode())
    return Exchange(PERSON, name=client, client=known, event=event_seen, snapshot=snapshot)


@pytest.mark.parametrize("decision", [ALLOWED, APPROVED])
def test_a_call_of_a_failing_tool_is_asked_about_and_says_how_a_person_ends_that(decision: Decision) -> None:
    asked = Desk().tools.restrict(exchange(), decision)
    assert (asked.verdict, asked.would, asked.basis, asked.explicit) == (Verdict.ASK, Verdict.ASK, Basis.RULE, False)
    assert asked.findings[0].rule == RULE
    assert "15 of the last 20 calls failed" in asked.findings[0].nudge
    assert "`security-hooks anomalies clear Bash`" in asked.findings[0].nudge


def test_what_was_found_stays() -> None:
    watched = Decision(Verdict.ALLOW, Basis.DEFAULT, (WATCHED,))
    assert Desk().tools.restrict(exchange(), watched).findings[1:] == (WATCHED,)


@pytest.mark.parametrize("verdict", [Verdict.ASK, Verdict.DENY])
def test_what_is_asked_about_or_denied_stays_as_it_is(verdict: Verdict) -> None:
    decision = Decision(verdict, Basis.RULE, would=verdict)
    assert Desk().tools.restrict(exchange(), decision) is decision


@pytest.mark.parametrize(
    "call",
    [
        exchange(tool="Read"),
        exchange(client="codex-cli"),
        exchange(event="PostToolUse"),
        exchange(on_failing=OnFailingTool.ALARM),
        Exchange(PERSON),
    ],
    ids=["tool", "client", "result", "configured", "unread"],
)
def test_other_calls_are_left_alone(call: Exchange) -> None:
    assert Desk().tools.restrict(call, ALLOWED) is ALLOWED


def test_in_observe_mode_nothing_is_blocked() -> None:
    decision = Desk().tools.restrict(exchange(mode=Mode.OBSERVE), ALLOWED)
    assert (decision.verdict, decision.would) == (Verdict.ALLOW, Verdict.ASK)


def test_a_person_clears_a_tool_which_is_recorded() -> None:
    desk = Desk()
    assert desk.clear() == {"cleared": "Bash"}
    assert desk.cleared == ["Bash"]
    (record,) = desk.records
    assert record.kind is RecordKind.PERMIT
    assert record.fields == {"tool": "Bash", "cleared": True, "peer_pid": PERSON.pid}
    assert desk.tools.restrict(exchange(), ALLOWED) is ALLOWED
    assert desk.tools.report() == []


def test_an_agent_clears_nothing() -> None:
    desk = Desk()
    assert desk.clear(peer=AGENT) == {"refused": "only a person decides this", "unknown": False}
    assert desk.tools.restrict(exchange(), ALLOWED).verdict is Verdict.ASK
    assert not desk.cleared


def test_a_tool_that_is_not_asked_about_is_named_as_unknown() -> None:
    assert Desk().clear("Read") == {"refused": "no such tool is asked about", "unknown": True}


def test_what_cannot_be_recorded_is_not_cleared() -> None:
    desk = Desk()
    desk.error = AuditError("full")
    with pytest.raises(AuditError):
        desk.clear()
    assert desk.tools.restrict(exchange(), ALLOWED).verdict is Verdict.ASK


def test_tools_are_bounded_and_told() -> None:
    desk = Desk()
    assert desk.tools.report() == [{"client": "claude-code", "tool": "Bash", "why": "15 of the last 20 calls failed"}]
    for number in range(MOST):
        desk.tools.stop("claude-code", str(number), "")
    assert len(desk.tools.report()) == MOST
    assert desk.tools.restrict(exchange(), ALLOWED) is ALLOWED

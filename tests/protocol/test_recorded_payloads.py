"""Every recorded payload decodes to the event beside it, and each decision on it to the replies beside it."""

import json
from enum import Enum
from pathlib import Path

import pytest
from msgspec.structs import fields

from security_hooks.clients import CLIENTS, client_named
from security_hooks.model.decision import Basis, Decision, Finding, Severity, Tier, Verdict
from security_hooks.model.event import NO_OUTPUT, HookEvent, InputString, McpTarget, Output, ToolCall

HERE = Path(__file__).parent
PAYLOADS = sorted(HERE.glob("*/*.in.json"))


def found(tier: Tier, verdict: Verdict) -> Finding:
    return Finding("demo-rule", tier, True, verdict, "do it otherwise", "it", 0, "demo.rules", 3, Severity.HIGH)


DECISIONS = {
    "no objection": Decision(Verdict.ALLOW, Basis.DEFAULT),
    "explicit allow": Decision(Verdict.ALLOW, Basis.RULE, explicit=True),
    "ask": Decision(Verdict.ASK, Basis.RULE, (found(Tier.SUSPICIOUS, Verdict.ASK),)),
    "deny": Decision(Verdict.DENY, Basis.RULE, (found(Tier.BLOCK, Verdict.DENY),)),
}


def plain(value: object) -> object:
    """A value as JSON data, without the fields that say nothing."""
    if isinstance(value, HookEvent | ToolCall | McpTarget | InputString | Output):
        members = {field.name: getattr(value, field.name) for field in fields(type(value))}
        return {name: plain(member) for name, member in members.items() if member not in (None, (), False, NO_OUTPUT)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value


def outcome(path: Path) -> object:
    client = client_named(path.parent.name)
    assert client is not None
    event = client.decode(path.read_bytes())
    replies = {
        name: [reply.exit_status, reply.stdout, reply.stderr]
        for name, decision in DECISIONS.items()
        for reply in [client.encode(event, decision, client.ask_policies[0])]
    }
    return {"event": plain(event), "replies": replies}


@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: f"{path.parent.name}/{path.name.removesuffix('.in.json')}")
def test_recorded_payload_gives_the_expected_event_and_replies(path: Path) -> None:
    expected = json.loads(path.with_name(path.name.replace(".in.json", ".out.json")).read_bytes())
    assert outcome(path) == expected


def test_every_client_has_recordings() -> None:
    assert {path.parent.name for path in PAYLOADS} == {client.name for client in CLIENTS}


def test_every_expectation_has_its_payload() -> None:
    expected = {path.with_name(path.name.replace(".out.json", ".in.json")) for path in HERE.glob("*/*.out.json")}
    assert expected == set(PAYLOADS)

"""The registry of clients."""

import json
from typing import Any

import pytest

from security_hooks.clients import CLIENTS, client_named
from security_hooks.clients.client import AskPolicy, Client
from security_hooks.model.decision import Basis, Decision, Finding, Severity, Tier, Verdict
from security_hooks.model.event import EventKind, HookEvent
from security_hooks.service.wire import LONGEST_TEXT

NOTE = 'for a person: run "allow-once" K7M2RWQ4'
LONG = Finding("r", Tier.SUSPICIOUS, True, Verdict.ASK, "\u00e9" * 2_000, "\u00e9" * 300, 0, "a.rules", 1, Severity.LOW)
ASKED = Decision(Verdict.ASK, Basis.RULE, (LONG,) * 5)


def test_every_client_is_found_by_its_exact_name() -> None:
    assert [client.name for client in CLIENTS] == ["claude-code", "gemini-cli", "codex-cli"]
    assert all(client_named(client.name) is client for client in CLIENTS)
    for name in ("", "claude", "Claude-Code", "claude-code ", "status"):
        assert client_named(name) is None


def test_every_client_can_deny_what_it_cannot_ask() -> None:
    for client in CLIENTS:
        assert AskPolicy.DENY in client.ask_policies
        assert AskPolicy.REWRITE not in client.ask_policies


@pytest.mark.parametrize(
    ("client", "policy"), [(client, policy) for client in CLIENTS for policy in client.ask_policies]
)
def test_a_note_is_for_the_person_alone(client: Client, policy: AskPolicy) -> None:
    reply = client.encode(HookEvent(client.name, EventKind.PRE_TOOL, "PreToolUse", "s"), ASKED, policy, NOTE)
    assert "K7M2RWQ4" not in reply.stderr
    assert max(len(reply.stdout), len(reply.stderr)) <= LONGEST_TEXT
    if client.name == "codex-cli":
        assert not reply.stdout
        return
    answer: dict[str, Any] = json.loads(reply.stdout)
    assert answer.pop("systemMessage").endswith(NOTE)
    assert "K7M2RWQ4" not in json.dumps(answer)


@pytest.mark.parametrize("client", CLIENTS)
def test_a_denial_in_place_of_an_ask_says_how_it_is_permitted_where_it_can_be(client: Client) -> None:
    event = HookEvent(client.name, EventKind.PRE_TOOL, "PreToolUse", "s")
    with_note, without = (client.encode(event, ASKED, AskPolicy.DENY, note) for note in (NOTE, ""))
    assert "`security-hooks asks`" in with_note.stdout + with_note.stderr
    assert "`security-hooks asks`" not in without.stdout + without.stderr
    assert "`except` rule" in without.stdout + without.stderr

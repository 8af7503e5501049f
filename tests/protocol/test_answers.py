"""Each row of `docs/clients.md` is what the code answers: per client, event, permission mode, setting and verdict."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from security_hooks.clients import CLIENTS, client_named
from security_hooks.clients.client import AskPolicy, Client
from security_hooks.model.decision import Basis, Decision, Finding, Severity, Tier, Verdict
from security_hooks.model.failure import Failure, Reason
from security_hooks.model.reply import HookReply

DOCUMENT = Path(__file__).parents[2] / "docs" / "clients.md"
MODES = (None, "default", "acceptEdits", "bypassPermissions", "plan", "dontAsk", "auto", "not-yet-invented")
UNKNOWN_EVENT = "an event that we do not know"
REASON = "security-hooks: "

ALLOW = Decision(Verdict.ALLOW, Basis.DEFAULT)
APPROVE = Decision(Verdict.ALLOW, Basis.RULE, explicit=True)


def found(tier: Tier, verdict: Verdict) -> Finding:
    return Finding("demo-rule", tier, True, verdict, "do it otherwise", "it", 0, "demo.rules", 3, Severity.HIGH)


ASK = Decision(Verdict.ASK, Basis.RULE, (found(Tier.SUSPICIOUS, Verdict.ASK),))
DENY = Decision(Verdict.DENY, Basis.RULE, (found(Tier.BLOCK, Verdict.DENY),))
FAILED = Decision(Verdict.DENY, Basis.FAILURE, failure=Failure(Reason.NO_POLICY))

Row = tuple[str, str, str | None, str, str, Decision, str]


def tables() -> Iterator[tuple[str, list[str]]]:
    client = ""
    for line in DOCUMENT.read_text().splitlines():
        if line.startswith("## "):
            client = line.removeprefix("## ")
        elif line.startswith("| ") and client_named(client) and not line.startswith(("| Event", "| ---")):
            yield client, [cell.strip() for cell in line.strip("|").split("|")]


def rows() -> Iterator[Row]:
    for client, (events, modes, settings, allow, approve, ask, deny) in tables():
        cells = {"no objection": (ALLOW, allow), "explicit allow": (APPROVE, approve), "ask": (ASK, ask)}
        cells |= {"deny": (DENY, deny), "failure": (FAILED, deny)}
        for event in events.split(", "):
            for mode in modes_in(modes):
                for setting in settings.split(", "):
                    for name, (decision, cell) in cells.items():
                        yield client, event, mode, setting, name, decision, cell


def modes_in(cell: str) -> Iterator[str | None]:
    for word in cell.split(", "):
        if word == "any":
            yield from MODES
        elif word == "any other":
            yield from (None, "not-yet-invented")
        else:
            yield word


ROWS = list(rows())


def payload(event: str, mode: str | None) -> bytes:
    given = {"command": "git status", "file_path": "/home/dev/a", "content": ""}
    data: dict[str, object] = {"session_id": "s", "cwd": "/home/dev", "hook_event_name": event, "prompt": "p"}
    data |= {"tool_name": "anything", "tool_input": given}
    return json.dumps(data if mode is None else data | {"permission_mode": mode}).encode()


def shape(client: Client, reply: HookReply) -> str:
    """The word of the document's first table for a reply; fails on anything that it has no word for."""
    if reply == HookReply(0, "" if client.name == "codex-cli" else "{}"):
        return "silence"
    if reply.stderr:
        assert reply.stderr.startswith(REASON)
    if not reply.stdout:
        assert reply.exit_status == 2
        return "text + 2"
    word = json_word(json.loads(reply.stdout))
    return word + (" + text" if reply.stderr else "") + (" + 2" if reply.exit_status == 2 else "")


def json_word(data: object) -> str:
    match data:
        case {"hookSpecificOutput": {"hookEventName": "PreToolUse", "permissionDecision": "allow"}}:
            return "allow"
        case {
            "hookSpecificOutput": {
                "hookEventName": "PreToolUse",
                "permissionDecision": "ask" | "deny" as word,
                "permissionDecisionReason": str(reason),
            }
        } if reason.startswith(REASON):
            return str(word)
        case {
            "hookSpecificOutput": {
                "hookEventName": "PermissionRequest",
                "decision": {"behavior": "deny", "message": str(reason)},
            }
        } if reason.startswith(REASON):
            return "refuse"
        case {"decision": "block", "reason": str(reason)} if reason.startswith(REASON):
            return "block"
        case {"decision": "deny", "reason": str(reason)} if reason.startswith(REASON):
            return "deny"
        case {"decision": "ask", "systemMessage": str(reason)} if reason.startswith(REASON):
            return "ask"
    raise AssertionError(data)


@pytest.mark.parametrize("name", [client.name for client in CLIENTS])
def test_answers_are_as_documented(name: str) -> None:
    client = client_named(name)
    assert client is not None
    for row in ROWS:
        where, event, mode, setting, _, decision, cell = row
        if where != name:
            continue
        told = client.decode(payload("BeforeEverything" if event == UNKNOWN_EVENT else event, mode))
        assert shape(client, client.encode(told, decision, AskPolicy(setting))) == cell, row


@pytest.mark.parametrize("name", [client.name for client in CLIENTS])
@pytest.mark.parametrize("reason", list(Reason))
def test_what_cannot_be_read_is_answered_as_documented(name: str, reason: Reason) -> None:
    client = client_named(name)
    assert client is not None
    section = DOCUMENT.read_text().split(f"## {name}\n")[1].split("\n## ")[0]
    assert f"A call that cannot be read: {shape(client, client.fail(Failure(reason)))}." in section


def test_every_client_event_and_setting_has_a_row() -> None:
    for client in CLIENTS:
        mine = [row for row in ROWS if row[0] == client.name]
        assert {AskPolicy(row[3]) for row in mine} >= set(client.ask_policies)
        recorded = {
            json.loads(path.read_bytes())["hook_event_name"]
            for path in (Path(__file__).parent / client.name).glob("*.in.json")
        }
        quiet = {"CwdChanged", "InstructionsLoaded", "TaskCompleted", "TaskCreated", "UserPromptExpansion"}
        assert recorded - quiet <= {row[1] for row in mine}


def test_a_rewrite_that_no_client_takes_is_a_denial() -> None:
    for client in CLIENTS:
        for event in ("PreToolUse", "BeforeTool"):
            told = client.decode(payload(event, "default"))
            assert client.encode(told, ASK, AskPolicy.REWRITE) == client.encode(told, ASK, AskPolicy.DENY)

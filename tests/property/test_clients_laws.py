"""Laws of the clients: any bytes are read or refused, and no denial is ever open to the client that gets it.

`lets_it_happen` says what the real clients do with a reply. It is written from what they were seen to do, not from
our code, and takes the part of the doubter: whatever was not seen to block, runs.
"""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from security_hooks.clients import CLIENTS
from security_hooks.clients.client import AskPolicy, Client
from security_hooks.model.decision import Basis, Decision, Finding, Severity, Tier, Verdict
from security_hooks.model.event import EventKind, HookEvent
from security_hooks.model.failure import CallError, Failure, Reason
from security_hooks.model.reply import HookReply

LONGEST = 4_000
EVENTS = {
    "claude-code": {
        EventKind.PRE_TOOL: "PreToolUse",
        EventKind.PERMISSION: "PermissionRequest",
        EventKind.PROMPT: "UserPromptSubmit",
        EventKind.CONFIG_CHANGE: "ConfigChange",
    },
    "gemini-cli": {EventKind.PRE_TOOL: "BeforeTool", EventKind.PROMPT: "BeforeAgent"},
    "codex-cli": {
        EventKind.PRE_TOOL: "PreToolUse",
        EventKind.PERMISSION: "PermissionRequest",
        EventKind.PROMPT: "UserPromptSubmit",
    },
}
RUNS, ASKS, BLOCKED = "runs", "asks", "blocked"

texts = st.text(max_size=300) | st.sampled_from(
    ["", "{", '"', "\\", "\ud800", "\n\n", "\x1b[0m", "\u20ac" * 50_000, "x" * 100_000]
)
modes = st.sampled_from([None, "default", "acceptEdits", "bypassPermissions", "plan", "dontAsk", "auto"]) | texts
clients = st.sampled_from(CLIENTS)
policies = st.sampled_from(AskPolicy)
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)
FIELDS = (
    *("hook_event_name", "session_id", "cwd", "tool_name", "tool_input", "permission_mode", "prompt", "file_path"),
    *("mcp_server", "mcp_context", "tool_use_id", "turn_id", "agent_id"),
)
WORDS = (
    *("PreToolUse", "PermissionRequest", "PostToolUse", "BeforeTool", "AfterTool", "ConfigChange", "UserPromptSubmit"),
    *("Bash", "Write", "Monitor", "apply_patch", "write_stdin", "run_shell_command", "replace", "web_fetch"),
    *("mcp__a__b", "mcp_a_b", "discovered_tool_x", "/w"),
)
inputs = st.dictionaries(
    st.sampled_from(["command", "file_path", "dir_path", "prompt", "content", "chars", "url", "pattern"])
    | st.text(max_size=5),
    values | st.text(max_size=30),
    max_size=4,
)
payloads = st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(WORDS) | inputs | values, max_size=10)


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    return Finding(
        rule=draw(texts),
        tier=draw(st.sampled_from(Tier)),
        certain=draw(st.booleans()),
        verdict=draw(st.none() | st.sampled_from(Verdict)),
        nudge=draw(texts),
        evidence=draw(texts),
        command=None,
        file=draw(texts),
        line=draw(st.integers(0, 99_999)),
        severity=Severity.HIGH,
    )


@st.composite
def decisions(draw: st.DrawFn, verdicts: st.SearchStrategy[Verdict]) -> Decision:
    basis = draw(st.sampled_from(Basis))
    failure = Failure(draw(st.sampled_from(Reason)), draw(texts)) if basis is Basis.FAILURE else None
    found = tuple(draw(st.lists(findings(), max_size=6)))
    return Decision(draw(verdicts), basis, found, draw(st.booleans()), failure=failure)


def event(client: Client, kind: EventKind, name: str, mode: str | None = None) -> HookEvent:
    return HookEvent(client.name, kind, name, "s", permission_mode=mode)


def object_in(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def claude_does(name: str, reply: HookReply) -> str:
    own = object_in(reply.stdout).get("hookSpecificOutput", {})
    if name == "PermissionRequest":
        # The person is asked unless the hook answers; what exit status 2 does here was not seen.
        behavior = own.get("decision", {}).get("behavior") if own.get("hookEventName") == name else None
        return {"deny": BLOCKED, "allow": RUNS}.get(str(behavior), ASKS)
    if reply.exit_status == 2:
        return BLOCKED
    if own.get("hookEventName") != name:
        return RUNS
    return {"deny": BLOCKED, "ask": ASKS}.get(own.get("permissionDecision"), RUNS)


def gemini_does(_name: str, reply: HookReply) -> str:
    word = object_in(reply.stdout).get("decision")
    if word in ("deny", "block"):
        return BLOCKED
    if word == "ask":
        return ASKS
    has_text = bool(reply.stdout.strip() or reply.stderr.strip())
    is_json = bool(object_in(reply.stdout) or (not reply.stdout and object_in(reply.stderr)))
    return BLOCKED if reply.exit_status > 1 and has_text and not is_json else RUNS


def codex_does(name: str, reply: HookReply) -> str:
    if reply.exit_status == 2 and reply.stderr.strip():
        return BLOCKED
    return ASKS if name == "PermissionRequest" else RUNS


DOES = {"claude-code": claude_does, "gemini-cli": gemini_does, "codex-cli": codex_does}


def keeps_the_contract(reply: HookReply) -> None:
    assert reply.exit_status in (0, 2)
    for stream in (reply.stdout, reply.stderr):
        assert len(stream) <= LONGEST
        assert stream == "" or (stream.isascii() and stream.isprintable())
    if reply.stdout:
        assert isinstance(json.loads(reply.stdout), dict)
    assert not reply.stderr.startswith(("{", "[", '"', " ", "-")) and not reply.stderr[:1].isdigit()
    assert reply.exit_status == 0 or reply.stdout.strip() or reply.stderr.strip()


def is_read_or_refused(client: Client, payload: bytes) -> bool:
    try:
        return isinstance(client.decode(payload), HookEvent)
    except CallError as error:
        return error.failure.reason is Reason.BAD_PAYLOAD


@given(clients, st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(client: Client, payload: bytes) -> None:
    assert is_read_or_refused(client, payload)


@given(clients, payloads, st.booleans())
def test_any_object_is_read_or_refused(client: Client, data: dict[str, object], escapes: bool) -> None:
    whole = {"session_id": "s", "hook_event_name": "PreToolUse"} | data
    assert is_read_or_refused(client, json.dumps(whole, ensure_ascii=escapes).encode("utf-8", "replace"))


@given(clients, st.sampled_from(EventKind), texts, modes, decisions(st.sampled_from(Verdict)), policies)
def test_every_reply_keeps_the_contract(
    client: Client, kind: EventKind, name: str, mode: str | None, decision: Decision, policy: AskPolicy
) -> None:
    keeps_the_contract(client.encode(event(client, kind, name, mode), decision, policy))


@given(clients, st.data(), modes, decisions(st.just(Verdict.DENY)), policies)
def test_no_denial_is_open(
    client: Client, data: st.DataObject, mode: str | None, decision: Decision, policy: AskPolicy
) -> None:
    kind, name = data.draw(st.sampled_from(sorted(EVENTS[client.name].items(), key=str)))
    reply = client.encode(event(client, kind, name, mode), decision, policy)
    assert DOES[client.name](name, reply) == BLOCKED


@given(clients, st.data(), modes, decisions(st.just(Verdict.ASK)), policies)
def test_no_ask_is_open_and_none_is_sent_where_it_was_not_configured(
    client: Client, data: st.DataObject, mode: str | None, decision: Decision, policy: AskPolicy
) -> None:
    kind, name = data.draw(st.sampled_from(sorted(EVENTS[client.name].items(), key=str)))
    done = DOES[client.name](name, client.encode(event(client, kind, name, mode), decision, policy))
    assert done in (ASKS, BLOCKED)
    if kind is not EventKind.PERMISSION and (policy is not AskPolicy.ASK or policy not in client.ask_policies):
        assert done == BLOCKED


@given(clients, modes, decisions(st.just(Verdict.ALLOW)), policies)
def test_only_an_explicit_allow_approves_and_only_a_tool_call_of_claude_code(
    client: Client, mode: str | None, decision: Decision, policy: AskPolicy
) -> None:
    for kind, name in EVENTS[client.name].items():
        reply = client.encode(event(client, kind, name, mode), decision, policy)
        approves = '"allow"' in reply.stdout
        assert reply == HookReply(0, "" if client.name == "codex-cli" else "{}") or approves
        if approves:
            assert (client.name, name, decision.explicit) == ("claude-code", "PreToolUse", True)
            assert mode in ("default", "acceptEdits")


@given(clients, st.sampled_from(Reason), texts)
def test_what_could_not_be_read_is_closed_for_a_tool_and_a_prompt(client: Client, reason: Reason, detail: str) -> None:
    reply = client.fail(Failure(reason, detail))
    keeps_the_contract(reply)
    for kind, name in EVENTS[client.name].items():
        done = DOES[client.name](name, reply)
        assert done == BLOCKED or (kind is EventKind.PERMISSION and done == ASKS)

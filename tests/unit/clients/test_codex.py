"""Codex CLI's payloads: kinds of tools, and what is refused."""

import json
from typing import Any

import pytest

from security_hooks.clients.client import AskPolicy
from security_hooks.clients.codex import decode, encode
from security_hooks.model.decision import Basis, Decision, Verdict
from security_hooks.model.event import EventKind, HookEvent, McpTarget, ToolCall, ToolKind
from security_hooks.model.failure import CallError, Failure, Reason
from security_hooks.model.reply import HookReply


def event(name: str = "PreToolUse", /, **fields: object) -> HookEvent:
    data: dict[str, Any] = {"session_id": "s", "cwd": "/w", "hook_event_name": name} | fields
    return decode(json.dumps(data).encode())


def tool(name: str, given: object, **fields: object) -> ToolCall:
    call = event(tool_name=name, tool_input=given, **fields).tool
    assert call is not None
    return call


@pytest.mark.parametrize(
    "fields",
    [
        {"session_id": 1},
        {"hook_event_name": None},
        {"cwd": "w"},
        {"tool_name": None},
        {"tool_input": "ls"},
        {"tool_input": {"cmd": "ls"}},
        {"tool_input": {"command": ["bash", "-lc", "ls"]}},
        {"tool_name": "apply_patch", "tool_input": {}},
        {"tool_name": "view_image", "tool_input": {"path": 1}},
        {"tool_name": "write_stdin", "tool_input": {"chars": ["ls"]}},
    ],
)
def test_a_payload_without_what_we_rely_on_is_refused(fields: dict[str, object]) -> None:
    whole: dict[str, object] = {"tool_name": "Bash", "tool_input": {"command": "ls"}}
    with pytest.raises(CallError) as caught:
        event(**(whole | fields))
    assert caught.value.failure.reason is Reason.BAD_PAYLOAD


def test_keys_for_a_terminal_are_read_as_shell_text_but_not_trusted_to_be() -> None:
    call = tool("write_stdin", {"session_id": 1, "chars": "rm -rf /\n", "cwd": "file:///w"})
    assert (call.kind, call.script, call.unanalysed_code) == (ToolKind.SHELL, "rm -rf /\n", True)
    assert tool("write_stdin", {"session_id": 1}).script is None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Bash", ToolKind.SHELL),
        ("apply_patch", ToolKind.PATCH),
        ("spawn_agent", ToolKind.AGENT),
        ("multi_agent_v1wait_agent", ToolKind.AGENT),
        ("collaborationspawn_agent", ToolKind.AGENT),
        ("clockcurr_time", ToolKind.OTHER),
        ("exec", ToolKind.CODE),
        ("mcp__demo__Bash", ToolKind.MCP),
        ("exec_command", ToolKind.OTHER),
    ],
)
def test_tools_have_their_kind(name: str, kind: ToolKind) -> None:
    assert tool(name, {"command": "ls"}).kind is kind


@pytest.mark.parametrize("name", ["shell", "local_shell", "container.exec", "exec_command", "exec"])
def test_shells_by_another_name_are_unanalysed_code(name: str) -> None:
    assert tool(name, {"command": ["bash", "-lc", "ls"]}).unanalysed_code
    assert tool(name, {"cmd": "ls"}).unanalysed_code


def test_an_mcp_tool_has_its_server() -> None:
    assert tool("mcp__demo__delete__it", {}).mcp == McpTarget("demo", "delete__it", others=("demo__delete",))
    call = tool("read_mcp_resource", {"server": "demo", "uri": "file:///x"})
    assert (call.kind, call.mcp, call.urls) == (ToolKind.MCP, McpTarget("demo", "read_mcp_resource"), ("file:///x",))


@pytest.mark.parametrize(
    ("path", "cwd", "read"), [("x.png", "/w", "/w/x.png"), ("/x", "/w", "/x"), ("~/x", None, "./~/x"), ("x", None, "x")]
)
def test_a_path_is_relative_to_the_payloads_directory(path: str, cwd: str | None, read: str) -> None:
    assert tool("view_image", {"path": path}, cwd=cwd).paths == (read,)


def test_nothing_is_ever_written_to_standard_output() -> None:
    for name in ("PreToolUse", "PermissionRequest", "UserPromptSubmit", "SessionStart", "Stop", "Unheard"):
        told = event(name, tool_name="Bash", tool_input={"command": "ls"})
        for verdict in Verdict:
            for policy in AskPolicy:
                assert encode(told, Decision(verdict, Basis.RULE, explicit=True), policy).stdout == ""


def test_an_unknown_event_is_no_error() -> None:
    assert event("Unheard").kind is EventKind.OTHER


def test_a_refused_stop_would_become_the_next_prompt() -> None:
    failed = Decision(Verdict.DENY, Basis.FAILURE, failure=Failure(Reason.INTERNAL))
    assert encode(event("Stop"), failed, AskPolicy.DENY) == HookReply(0)

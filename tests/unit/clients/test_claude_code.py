"""Claude Code's payloads: kinds of events, kinds of tools, and what is refused."""

import json
from typing import Any

import pytest

from security_hooks.clients.claude_code import decode, encode
from security_hooks.clients.client import AskPolicy
from security_hooks.model.decision import Basis, Decision, Verdict
from security_hooks.model.event import EventKind, HookEvent, McpTarget, ToolCall, ToolKind
from security_hooks.model.failure import CallError, Failure, Reason


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
        {"session_id": None},
        {"session_id": 1},
        {"hook_event_name": None},
        {"hook_event_name": ["PreToolUse"]},
        {"cwd": 1},
        {"cwd": "relative"},
        {"tool_name": None},
        {"tool_name": 7},
        {"tool_input": None},
        {"tool_input": "ls"},
        {"tool_input": []},
        {"tool_input": {}},
        {"tool_input": {"command": None}},
        {"tool_input": {"command": ["rm", "-rf", "/"]}},
        {"tool_name": "Write", "tool_input": {"content": "x"}},
        {"tool_name": "Write", "tool_input": {"file_path": "/x", "content": 1}},
        {"tool_name": "Monitor", "tool_input": {"command": 1}},
        {"tool_name": "WebFetch", "tool_input": {"url": ["https://a.example"]}},
    ],
)
def test_a_payload_without_what_we_rely_on_is_refused(fields: dict[str, object]) -> None:
    whole: dict[str, object] = {"tool_name": "Bash", "tool_input": {"command": "ls"}}
    with pytest.raises(CallError) as caught:
        event(**(whole | fields))
    assert caught.value.failure.reason is Reason.BAD_PAYLOAD


def test_fields_that_we_do_not_use_are_ignored() -> None:
    call = tool(
        "Bash", {"command": "ls", "timeout": "soon"}, effort=1, transcript_path=[], tool_use_id=5, agent_id=False
    )
    assert (call.script, call.call_id) == ("ls", None)


def test_a_call_without_a_cwd_is_read() -> None:
    assert event(cwd=None, tool_name="Bash", tool_input={"command": "ls"}).cwd is None


@pytest.mark.parametrize(
    ("given", "script", "unanalysed"),
    [
        ({"command": "tail -f x", "description": "d", "timeout_ms": 5, "persistent": True}, "tail -f x", False),
        ({"ws": {"url": "wss://a.example"}, "description": "d"}, None, True),
        ({"command": "ls", "ws": {"url": "wss://a.example"}}, "ls", True),
        ({"description": "d"}, None, True),
    ],
)
def test_a_monitor_is_a_shell_tool(given: dict[str, object], script: str | None, *, unanalysed: bool) -> None:
    call = tool("Monitor", given)
    assert (call.kind, call.script, call.unanalysed_code) == (ToolKind.SHELL, script, unanalysed)


@pytest.mark.parametrize(
    ("name", "given", "unanalysed"),
    [
        ("PowerShell", {"command": "Get-Date"}, True),
        ("Workflow", {"name": "w"}, True),
        ("Skill", {"skill": "hello"}, True),
        ("CronCreate", {"cron": "* * * * *", "prompt": "p"}, True),
        ("CronList", {}, False),
        ("ScheduleWakeup", {"prompt": "p", "delaySeconds": 1}, True),
        ("ScheduleWakeup", {"stop": True}, False),
        ("Agent", {"prompt": "p", "description": "d"}, False),
        ("Agent", {"prompt": "p", "isolation": "worktree"}, False),
        ("Agent", {"prompt": "p", "isolation": "remote"}, True),
        ("SomethingNew", {"text": "x"}, False),
        ("SomethingNew", {"script": "x"}, True),
        ("bash", {"command": "ls"}, True),
        ("mcp__shell__run", {"command": "ls"}, True),
        ("mcp__notes__add", {"text": "ls"}, False),
    ],
)
def test_code_and_later_prompts_that_we_cannot_read_are_marked(
    name: str, given: dict[str, object], *, unanalysed: bool
) -> None:
    assert tool(name, given).unanalysed_code is unanalysed


def test_a_workflow_names_its_script() -> None:
    assert tool("Workflow", {"scriptPath": "/w/x.js"}).paths == ("/w/x.js",)


@pytest.mark.parametrize(
    ("name", "server", "target"),
    [
        ("mcp__demo__echo", {"name": "demo"}, McpTarget("demo", "echo")),
        ("mcp__a__b__echo", {"name": "a__b"}, McpTarget("a__b", "echo")),
        ("mcp__my_server__echo", {"name": "my server"}, McpTarget("my server", "echo")),
        ("mcp__demo__echo", None, McpTarget("demo", "echo")),
        ("mcp__demo__echo", {"name": 7}, McpTarget("demo", "echo")),
        ("mcp__other__echo", {"name": "demo"}, McpTarget("demo", "echo")),
        ("odd", {"name": "demo"}, McpTarget("demo", "odd")),
    ],
)
def test_an_mcp_tool_has_its_server(name: str, server: object, target: McpTarget) -> None:
    call = tool(name, {"text": "x"}, **({} if server is None else {"mcp_server": server}))
    assert (call.kind, call.mcp) == (ToolKind.MCP, target)


def test_an_mcp_tool_that_looks_like_a_shell_is_none_and_a_shell_stays_one() -> None:
    assert tool("mcp__x__Bash", {"command": "ls"}).kind is ToolKind.MCP
    call = tool("Bash", {"command": "ls"}, mcp_server={"name": "x"})
    assert (call.kind, call.script, call.mcp) == (ToolKind.SHELL, "ls", McpTarget("x", "Bash"))


@pytest.mark.parametrize(("path", "read"), [("/a/b", "/a/b"), ("b", "/w/b"), ("~/b", "~/b")])
def test_paths_are_absolute_but_for_the_home(path: str, read: str) -> None:
    assert tool("Read", {"file_path": path}).paths == (read,)


def test_an_unknown_event_is_no_error_and_its_tool_is_judged() -> None:
    told = event("BeforeEverything", tool_name="Bash", tool_input={"command": "ls"})
    assert told.kind is EventKind.OTHER
    assert told.tool is not None
    assert told.tool.script == "ls"
    assert event("BeforeEverything").tool is None
    with pytest.raises(CallError):
        event("BeforeEverything", tool_name="Bash", tool_input="ls")


def test_an_event_that_cannot_be_stopped_holds_no_call_to_judge() -> None:
    assert event("PermissionDenied", tool_name="Bash", tool_input={"command": "ls"}).tool is None


def test_a_settings_change_names_its_file_and_is_a_write_of_it() -> None:
    nameless, named = (
        event("ConfigChange", source="skills"),
        event("ConfigChange", file_path="/w/.claude/settings.json"),
    )
    assert (nameless.settings_path, named.settings_path) == (None, "/w/.claude/settings.json")
    assert nameless.tool is not None and named.tool is not None
    assert (nameless.tool.paths, named.tool.paths) == ((), ("/w/.claude/settings.json",))
    assert (nameless.tool.name, nameless.tool.kind) == ("ConfigChange", ToolKind.WRITE)


@pytest.mark.parametrize("name", ["Stop", "SubagentStop", "PostToolUse", "SessionStart"])
def test_a_failure_never_keeps_a_session_from_ending(name: str) -> None:
    failed = Decision(Verdict.DENY, Basis.FAILURE, failure=Failure(Reason.INTERNAL))
    told = event(name, tool_name="Bash", tool_input={"command": "ls"})
    assert encode(told, failed, AskPolicy.DENY).stdout == "{}"
    assert encode(told, failed, AskPolicy.DENY).exit_status == 0

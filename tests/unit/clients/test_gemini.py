"""Gemini CLI's payloads: kinds of tools, its paths, its MCP tools, and what is refused."""

import json
from typing import Any

import pytest

from security_hooks.clients.client import AskPolicy
from security_hooks.clients.gemini import decode, encode
from security_hooks.model.decision import Basis, Decision, Verdict
from security_hooks.model.event import EventKind, HookEvent, McpTarget, ToolCall, ToolKind
from security_hooks.model.failure import CallError, Failure, Reason


def event(name: str = "BeforeTool", /, **fields: object) -> HookEvent:
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
        {"hook_event_name": 1},
        {"cwd": ""},
        {"tool_name": None},
        {"tool_input": None},
        {"tool_input": {"dir_path": "sub"}},
        {"tool_input": {"command": "ls", "dir_path": 1}},
        {"tool_input": {"command": "ls", "dir_path": "a\0b"}},
        {"tool_name": "read_file", "tool_input": {"path": "x"}},
        {"tool_name": "web_fetch", "tool_input": {"prompt": 1}},
        {"mcp_context": "x"},
        {"mcp_context": {"server_name": "x"}},
        {"mcp_context": {"server_name": "x", "tool_name": "y", "command": "c", "args": [1]}},
    ],
)
def test_a_payload_without_what_we_rely_on_is_refused(fields: dict[str, object]) -> None:
    whole: dict[str, object] = {"tool_name": "run_shell_command", "tool_input": {"command": "ls"}}
    with pytest.raises(CallError) as caught:
        event(**(whole | fields))
    assert caught.value.failure.reason is Reason.BAD_PAYLOAD


@pytest.mark.parametrize(
    ("dir_path", "cwd", "runs_in"),
    [
        ("sub", "/w", "/w/sub"),
        ("../x", "/w", "/x"),
        ("/etc", "/w", "/etc"),
        ("~", "/w", "/w/~"),
        ("/etc", None, "/etc"),
    ],
)
def test_a_shell_command_runs_in_its_own_directory(dir_path: str, cwd: str | None, runs_in: str) -> None:
    told = event(cwd=cwd, tool_name="run_shell_command", tool_input={"command": "ls", "dir_path": dir_path})
    assert told.cwd == cwd
    assert told.tool is not None
    assert told.tool.cwd == runs_in


def test_a_relative_directory_below_an_unknown_one_is_unknown() -> None:
    assert tool("run_shell_command", {"command": "ls", "dir_path": "sub"}, cwd=None).cwd is None


def test_a_home_sign_is_a_plain_name() -> None:
    assert tool("write_file", {"file_path": "~/.bashrc", "content": ""}).paths == ("/w/~/.bashrc",)
    assert tool("write_file", {"file_path": "~/.bashrc", "content": ""}, cwd=None).paths == ("./~/.bashrc",)


def test_an_edit_may_reach_a_file_below_by_the_end_of_its_path() -> None:
    call = tool("replace", {"file_path": "@settings.json", "old_string": "a", "new_string": "b"})
    assert call.paths == ("/w/settings.json", "/w/@settings.json")
    assert call.sought == ("settings.json", "@settings.json")
    assert tool("replace", {"file_path": "/w/x", "old_string": "a", "new_string": "b"}).sought == ()


def test_an_absolute_path_behind_an_at_sign_leaves_the_directory() -> None:
    assert "/etc/passwd" in tool("read_file", {"file_path": "@/etc/passwd"}).paths


def test_addresses_are_found_in_the_prompt_of_a_fetch() -> None:
    assert tool("web_fetch", {"prompt": "compare https://a.example, http://b.example/x"}).urls == (
        "https://a.example",
        "http://b.example/x",
    )
    assert tool("web_fetch", {"url": "https://a.example"}).urls == ("https://a.example",)


@pytest.mark.parametrize(
    ("name", "context", "target"),
    [
        (
            "mcp_my-server_run_shell_command",
            {"server_name": "my-server", "tool_name": "run_shell_command", "command": "python3", "args": ["s.py"]},
            McpTarget("my-server", "run_shell_command", ("python3", "s.py")),
        ),
        (
            "anything",
            {"server_name": "s", "tool_name": "t", "url": "https://a.example"},
            McpTarget("s", "t", url="https://a.example"),
        ),
        ("mcp_s_run_shell_command", None, McpTarget("s", "run_shell_command", others=("s_run", "s_run_shell"))),
    ],
)
def test_an_mcp_tool_stays_one_however_it_calls_itself(name: str, context: object, target: McpTarget) -> None:
    call = tool(name, {"command": "ls"}, mcp_context=context)
    assert (call.kind, call.mcp, call.script, call.unanalysed_code) == (ToolKind.MCP, target, None, True)


def test_a_tool_known_by_its_whole_name_is_read_as_what_it_is() -> None:
    call = tool("run_shell_command", {"command": "ls"}, mcp_context={"server_name": "s", "tool_name": "t"})
    assert (call.kind, call.script, call.mcp) == (ToolKind.SHELL, "ls", McpTarget("s", "t"))


def test_who_asked_for_a_call_changes_nothing_about_it() -> None:
    plain = tool("run_shell_command", {"command": "ls"})
    assert tool("run_shell_command", {"command": "ls"}, original_request_name="read_file") == plain


@pytest.mark.parametrize(
    ("name", "given", "unanalysed"),
    [
        ("discovered_tool_lint", {"path": "x"}, True),
        ("activate_skill", {"name": "x"}, False),
        ("invoke_agent", {"agent_name": "a", "prompt": "p"}, False),
        ("something_new", {"script": "x"}, True),
        ("something_new", {"text": "x"}, False),
    ],
)
def test_code_that_we_cannot_read_is_marked(name: str, given: dict[str, object], *, unanalysed: bool) -> None:
    assert tool(name, given).unanalysed_code is unanalysed


def test_an_unknown_event_is_no_error() -> None:
    assert event("BeforeEverything").kind is EventKind.OTHER
    told = event("BeforeEverything", tool_name="read_file", tool_input={"file_path": "x"})
    assert told.tool is not None
    assert told.tool.paths == ("/w/x",)


def test_a_refused_end_of_turn_would_start_another_one() -> None:
    failed = Decision(Verdict.DENY, Basis.FAILURE, failure=Failure(Reason.INTERNAL))
    assert encode(event("AfterAgent"), failed, AskPolicy.DENY).stdout == "{}"

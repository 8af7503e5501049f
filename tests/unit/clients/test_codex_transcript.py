"""Lines as Codex CLI 0.169.0 writes them, without what does not matter here."""

import json
from typing import Any

import pytest

from security_hooks.clients.codex_transcript import read
from security_hooks.model.transcript import Began, Delegated, Ended, ToolUse

AGENT = "01a1fe1a-ce57-7521-9563-3eec8a27b644"


def line(kind: str, **payload: Any) -> bytes:
    written = {"timestamp": "1970-01-01T00:00:07.500Z", "type": "response_item", "payload": {"type": kind, **payload}}
    return json.dumps(written).encode()


def item(kind: str, call_id: str = "call_1", **more: Any) -> bytes:
    return line("item_completed", item={"type": kind, "id": call_id, **more}, started_at_ms=8_250)


@pytest.mark.parametrize(
    ("written", "tool"),
    [
        (line("function_call", name="exec_command", arguments='{"cmd": "ls"}', call_id="call_1"), "exec_command"),
        (line("custom_tool_call", name="apply_patch", input="*** Begin Patch", call_id="call_1"), "apply_patch"),
        (
            line("function_call", name="mark", namespace="mcp__demo", arguments="{}", call_id="call_1"),
            "mcp__demo__mark",
        ),
        (
            line("function_call", name="exec", namespace="mcp__demo", arguments="{}", call_id="call_1"),
            "mcp__demo__exec",
        ),
    ],
)
def test_a_use_is_a_call_of_a_tool_that_is_hooked(written: bytes, tool: str) -> None:
    assert read(written) == (Began(ToolUse("call_1", tool, "call_1", "", 7.5)),)


def test_what_is_typed_into_a_terminal_is_known_to_have_no_hook() -> None:
    typed, looked = (
        read(line("function_call", name="write_stdin", arguments=json.dumps({"chars": keys}), call_id="call_1"))
        for keys in ("ls\n", "")
    )
    assert typed == (Began(ToolUse("call_1", "write_stdin", "call_1", "", 7.5, is_hooked=False)),)
    assert looked == ()


@pytest.mark.parametrize(
    ("output", "ran"),
    [
        ("Chunk ID: 71e25e\nWall time: 0.0000 seconds\nProcess exited with code 3\n", True),
        ("Chunk ID: 7e5ff6\nWall time: 0.2503 seconds\nProcess running with session ID 91121\n", True),
        ("Exit code: 0\nWall time: 0 seconds\nOutput:\nSuccess.", True),
        ([{"type": "input_text", "text": "Wall time: 0.0031 seconds\nOutput:"}], True),
        ('{"goal":null}', True),
        ("Command blocked by PreToolUse hook: security-hooks: denied", False),
        ("Tool call blocked by PreToolUse hook: security-hooks: denied", False),
        ("unsupported call: nope", False),
        ("failed to parse function arguments: missing field `cmd`", False),
        ("TTY execution is disabled by config; omit `tty` or set it to false.", False),
        ("write_stdin failed: Unknown process id 0", False),
        ("apply_patch verification failed: Failed to read file to update", False),
    ],
)
def test_a_result_is_that_of_a_call_that_ran_where_it_looks_like_one(output: Any, ran: bool) -> None:
    assert read(line("function_call_output", call_id="call_1", output=output)) == (Ended("call_1", ran),)


def test_what_completed_as_an_item_ran() -> None:
    assert read(item("CommandExecution", status="failed", exit_code=2)) == (Ended("call_1", True),)
    assert read(item("FileChange", status="declined")) == (Ended("call_1", False),)
    assert read(item("AgentMessage")) == ()


def test_a_call_out_of_a_script_shows_as_an_item_alone() -> None:
    key = "exec-b1fc9a2b-a1cd-47de-95e6-35f95a9dbb67"
    script = line("custom_tool_call", name="exec", namespace="functions", input="await tools.x()", call_id="call_0")
    assert read(script) == ()
    assert read(item("CommandExecution", key, status="completed")) == (
        Began(ToolUse(key, "CommandExecution", key, "", 8.25)),
        Ended(key, True),
    )


def test_an_agent_that_was_started_is_told_of() -> None:
    agents = [{"thread_id": AGENT}, {"thread_id": "../../x"}]
    assert read(item("CollabAgentToolCall", status="completed", receiver_agents=agents)) == (
        Ended("call_1", True),
        Delegated(AGENT),
    )

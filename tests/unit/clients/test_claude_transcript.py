"""Lines as Claude Code 2.1.329 writes them, without what does not matter here."""

import json
from typing import Any

import pytest

from security_hooks.clients.claude_transcript import read
from security_hooks.model.transcript import Began, Ended, ToolUse

ACCEPTED = {"decision": "accept", "source": "config", "reasonType": "mode"}
BY_HOOK = {"decision": "reject", "source": "hook", "reasonType": "hook", "reasonCode": "hook:PreToolUse"}
BY_PERSON = {"decision": "reject", "source": "config", "reasonCode": "unknown"}


def line(kind: str, *blocks: dict[str, Any], **more: Any) -> bytes:
    when = "1970-01-01T00:00:07.754Z"
    return json.dumps({"type": kind, "message": {"content": list(blocks)}, "timestamp": when, **more}).encode()


def result(content: Any, is_error: bool | None, **more: Any) -> bytes:
    block = {"type": "tool_result", "tool_use_id": "toolu_1", "content": content, "is_error": is_error}
    return line("user", block, **more)


def test_a_use_is_a_block_of_the_assistants() -> None:
    use = {"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {"command": "ls"}}
    assert read(line("assistant", {"type": "text", "text": '"tool_use"'}, use)) == (
        Began(ToolUse("toolu_1", "Bash", "toolu_1", "", 7.754)),
    )
    assert read(line("progress", use)) == ()


@pytest.mark.parametrize(
    ("written", "ran"),
    [
        (result("(Bash completed with no output)", False, permissionDecision=ACCEPTED), True),
        (result([{"type": "text", "text": "of an MCP server"}], None, permissionDecision=ACCEPTED), True),
        (result("Exit code 3", True, permissionDecision=ACCEPTED), True),
        (result("File does not exist.", True, permissionDecision=ACCEPTED), True),
        (result("PreToolUse:Bash hook error: no", True, permissionDecision=BY_HOOK), False),
        (result("mkdir needs approval", True, permissionDecision=BY_PERSON), False),
        (result("<tool_use_error>Error: No such tool available: Nope</tool_use_error>", True), False),
        (result("<tool_use_error>InputValidationError: Bash failed</tool_use_error>", True), False),
        (result("<tool_use_error>String to replace not found in file.</tool_use_error>", True), False),
        # Versions that tell no decision.
        (result("done", False), True),
        (result("Exit code 3\nno", True), True),
    ],
)
def test_a_result_tells_whether_the_tool_was_let_run(written: bytes, ran: bool) -> None:
    assert read(written) == (Ended("toolu_1", ran),)


def test_other_lines_hold_nothing() -> None:
    assert read(b'{"type":"attachment","attachment":{"type":"hook_success","toolUseID":"toolu_1"}}') == ()
    assert read(line("user", {"type": "text", "text": "hello"})) == ()
    assert read(b'{"type":"assistant","message":{"content":[{"type":"tool_use"') is None

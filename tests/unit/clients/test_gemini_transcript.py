"""Lines as Gemini CLI 0.61.0 writes them, without what does not matter here."""

import json
from typing import Any

import pytest

from security_hooks.clients.gemini import decode
from security_hooks.clients.gemini_transcript import read
from security_hooks.model.transcript import Began, Ended
from security_hooks.service.answered_calls import AnsweredCalls, Match


def line(*calls: dict[str, Any]) -> bytes:
    return json.dumps({"type": "gemini", "timestamp": "1970-01-01T00:00:07.500Z", "toolCalls": list(calls)}).encode()


def call(name: str, given: dict[str, Any], status: str = "success", when: str = "t") -> dict[str, Any]:
    return {"id": f"{name}__call-0", "name": name, "args": given, "status": status, "timestamp": when}


def test_a_message_holds_calls_that_have_ended() -> None:
    began, ended, *more = read(line(call("read_file", {"file_path": "a"}), call("nope", {}, "error"))) or ()
    assert isinstance(began, Began)
    assert (began.use.tool, began.use.call_id, began.use.at) == ("read_file", None, 7.5)
    assert ended == Ended(began.use.key, True)
    assert [mark.ran for mark in more if isinstance(mark, Ended)] == [False]
    assert read(b'{"type":"gemini","timestamp":"1970-01-01T00:00:07.500Z","content":""}') == ()


def test_the_same_id_at_another_time_is_another_call() -> None:
    keys = {
        mark.use.key
        for when in ("1", "2")
        for mark in read(line(call("glob", {"pattern": "*"}, when=when))) or ()
        if isinstance(mark, Began)
    }
    assert len(keys) == 2


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("run_shell_command", {"command": "touch a", "description": "makes it"}),
        ("run_shell_command", {"command": "touch \ud83d\ude00", "dir_path": "src"}),
        ("read_file", {"file_path": "n.txt", "wait_for_previous": True}),
        ("write_file", {"file_path": "a", "content": "x" * 9_000}),
        ("replace", {"file_path": "n.txt", "old_string": "zz", "new_string": "y", "instruction": "i"}),
        ("mcp_demo_mark", {"path": "/p", "deep": [{"a": "b"}, "c"]}),
        ("list_background_processes", {}),
    ],
)
def test_a_call_is_known_again_by_its_content(name: str, given: dict[str, Any]) -> None:
    event = {"session_id": "s", "cwd": "/p", "hook_event_name": "BeforeTool", "tool_name": name, "tool_input": given}
    tool = decode(json.dumps(event).encode()).tool
    assert tool is not None
    answered = AnsweredCalls()
    answered.add(tool, is_denied=False)
    (began,) = [mark for mark in read(line(call(name, given))) or () if isinstance(mark, Began)]
    (other,) = [
        mark
        for mark in read(line(call(name, given | {"more": "text", "command": "rm"}))) or ()
        if isinstance(mark, Began)
    ]
    assert answered.take(other.use, ran=True) is Match.NOTHING
    assert answered.take(began.use, ran=True) is Match.LET_RUN
    assert answered.take(began.use, ran=True) is Match.NOTHING

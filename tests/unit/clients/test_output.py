import json
from pathlib import Path

import pytest

from security_hooks.clients import client_named
from security_hooks.clients.output import MOST_CHARACTERS, output_of
from security_hooks.model.event import EventKind, Output

PAYLOADS = Path(__file__).parents[2] / "protocol"


@pytest.mark.parametrize(
    ("client", "file", "text"),
    [
        ("claude-code", "PostToolUse.Bash", "hi\nerr"),
        ("claude-code", "PostToolUse.Read", "one\ntwo\nthree\n"),
        ("claude-code", "PostToolUse.mcp__demo__echo", "echo: hi"),
        ("claude-code", "PostToolUse.ReadMcpResourceTool", "one"),
        ("claude-code", "PostToolUse.Edit", "one\ntwo\nthree\n"),
        ("claude-code", "PostToolUseFailure.Bash", "Exit code 3\nout\nerr"),
        ("gemini-cli", "AfterTool.run_shell_command", "hello"),
        ("gemini-cli", "AfterTool.read_file.relative", "alpha\nbeta\n"),
        ("gemini-cli", "AfterTool.mcp_my-server_echo", "echo: {'text': 'hi'}"),
        ("codex-cli", "post_tool_use.exec_command", "/home/dev/project/sub\r\nhi\r\n"),
        ("codex-cli", "post_tool_use.mcp__demo__echo", 'echo:{"text": "hi", "n": 3}'),
    ],
)
def test_the_output_that_a_client_tells_is_read(client: str, file: str, text: str) -> None:
    known = client_named(client)
    assert known is not None
    assert text in known.decode((PAYLOADS / client / f"{file}.in.json").read_bytes()).output.texts


@pytest.mark.parametrize("client", ["claude-code", "gemini-cli", "codex-cli"])
def test_every_recorded_event_after_a_call_has_output_and_no_other(client: str) -> None:
    known = client_named(client)
    assert known is not None
    for file in sorted((PAYLOADS / client).glob("*.in.json")):
        event = known.decode(file.read_bytes())
        is_after = event.kind in (EventKind.POST_TOOL, EventKind.POST_TOOL_FAILURE)
        assert is_after or event.output == Output(), file
        data = json.loads(file.read_bytes())
        has_text = bool(data.get("error")) or any(isinstance(v, str) and v for v in _leaves(data.get("tool_response")))
        assert not is_after or "view_image" in file.name or bool(event.output.texts) == has_text, file


def _leaves(value: object) -> list[object]:
    if isinstance(value, dict):
        return [leaf for member in value.values() for leaf in _leaves(member)]
    if isinstance(value, list):
        return [leaf for member in value for leaf in _leaves(member)]
    return [value]


def read(response: object) -> Output:
    return output_of(EventKind.POST_TOOL, {"tool_response": response})


def test_a_name_that_may_be_a_secrets_stays_with_its_value() -> None:
    assert read({"user": "a", "apiKey": "b"}).texts == ("a", "apiKey=b")


def test_pictures_are_left_out_and_the_same_text_comes_once() -> None:
    assert read([{"base64": "AAAA"}, "x", {"text": "x"}]).texts == ("x",)


@pytest.mark.parametrize("response", ["x" * (MOST_CHARACTERS + 1), ["x"] * 20_000, [["x" * MOST_CHARACTERS], "y"]])
def test_what_is_too_much_is_cut_and_said_to_be(response: object) -> None:
    output = read(response)
    assert output.is_cut
    assert sum(map(len, output.texts)) <= MOST_CHARACTERS


def test_deep_output_ends_the_reading() -> None:
    deep: object = "x"
    for _ in range(100):
        deep = [deep]
    assert read(deep) == Output((), is_cut=True)

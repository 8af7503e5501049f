import pytest

from security_hooks.clients import client_named
from security_hooks.clients.transcript import is_transcript, moment, object_in

HOME = {"claude-code": "/h/.claude", "codex-cli": "/h/.codex", "gemini-cli": "/h/.gemini"}


@pytest.mark.parametrize(
    ("client", "path", "is_one"),
    [
        ("claude-code", "/h/.claude/projects/-p/s.jsonl", True),
        ("codex-cli", "/h/.codex/sessions/2026/01/02/rollout-a.jsonl", True),
        ("gemini-cli", "/h/.gemini/tmp/p/chats/session-a.jsonl", True),
        ("claude-code", "/h/.claude/settings.json", False),
        ("claude-code", "/h/.claude/projects/-p/s.json", False),
        ("claude-code", "/h/.claude/projects/../../.ssh/s.jsonl", False),
        ("claude-code", "/h/.claude/projects//s.jsonl", False),
        ("claude-code", "/h/.claude/projects/a\0/s.jsonl", False),
        ("claude-code", "/other/.claude/projects/-p/s.jsonl", False),
        ("claude-code", "/dev/fd/0", False),
        ("codex-cli", "/h/.claude/projects/-p/s.jsonl", False),
    ],
)
def test_only_what_lies_where_the_client_keeps_them_is_a_transcript(client: str, path: str, is_one: bool) -> None:
    known = client_named(client)
    assert known is not None
    assert is_transcript(path, HOME[client], known.transcripts) is is_one


def test_agents_transcripts_lie_beside_that_of_their_session() -> None:
    places = {
        client: known.transcripts.agents("/d/a.jsonl", "s")
        for client in HOME
        if (known := client_named(client)) is not None
    }
    assert places == {"claude-code": "/d/a", "codex-cli": None, "gemini-cli": "/d/s"}
    gemini = client_named("gemini-cli")
    assert gemini is not None
    assert [gemini.transcripts.agents("/d/a.jsonl", session) for session in ("", "..", "a/b")] == [None] * 3


@pytest.mark.parametrize("client", HOME)
@pytest.mark.parametrize(
    "line",
    [b'{"toolCalls" "tool_use" "item_completed"', b'[["tool_use"],["toolCalls"],["x_call"]]', b'"tool_use toolCalls"'],
)
def test_a_line_that_is_no_object_cannot_be_read_or_holds_nothing(client: str, line: bytes) -> None:
    known = client_named(client)
    assert known is not None
    assert not known.transcripts.read(line)


@pytest.mark.parametrize("client", HOME)
@pytest.mark.parametrize(
    "line",
    [
        b'{"type":"assistant","message":{"content":"tool_use"},"x":"\\"tool_use\\""}',
        b'{"type":"assistant","message":{"content":[{"type":"tool_use"},7,{"type":"tool_use","id":5,"name":[]}]}}',
        b'{"type":"user","message":{"content":[{"type":"tool_result","content":null}]}}',
        b'{"toolCalls":[7,{"id":1},{"id":"a","name":"b","args":[],"status":"success"}]}',
        b'{"payload":{"type":"function_call","call_id":7}}',
        b'{"payload":{"type":"item_completed","item":[]}}',
        b'{"payload":["x_call"],"y":"_call\\""}',
    ],
)
def test_values_of_other_types_are_passed_over(client: str, line: bytes) -> None:
    known = client_named(client)
    assert known is not None
    assert known.transcripts.read(line) == ()


def test_times_that_cannot_be_read_are_not_long_ago() -> None:
    assert moment("1970-01-01T00:01:00.500Z") == 60.5
    assert moment("yesterday") == moment(None) == moment(5) == float("inf")


def test_an_object_is_read_as_one() -> None:
    assert object_in(b'{"a":1}') == {"a": 1}
    assert object_in(b"[" * 100_000) is None

import pytest

from security_hooks.clients.outcome import claude_duration, claude_outcome, codex_outcome, gemini_outcome
from security_hooks.clients.payload import JsonObject
from security_hooks.model.event import EventKind, Outcome

POST, FAILURE = EventKind.POST_TOOL, EventKind.POST_TOOL_FAILURE


@pytest.mark.parametrize(
    ("kind", "response", "outcome"),
    [
        (EventKind.PRE_TOOL, {}, None),
        (POST, {"stdout": "hi", "interrupted": False}, Outcome.SUCCEEDED),
        (POST, "text", Outcome.SUCCEEDED),
        (POST, {"interrupted": True}, Outcome.FAILED),
        (POST, {"backgroundTaskId": "b1"}, Outcome.RAN),
        (FAILURE, None, Outcome.FAILED),
    ],
)
def test_claude_code(kind: EventKind, response: object, outcome: Outcome | None) -> None:
    assert claude_outcome(kind, {"tool_response": response}) is outcome


@pytest.mark.parametrize(
    ("kind", "told", "duration"),
    [
        (POST, 102, 102),
        (FAILURE, 0, 0),
        (EventKind.PRE_TOOL, 102, None),
        (POST, None, None),
        (POST, True, None),
        (POST, 1.5, None),
        (POST, "102", None),
        (POST, -1, None),
        (POST, 10**12, None),
    ],
)
def test_how_long_a_tool_took(kind: EventKind, told: object, duration: int | None) -> None:
    assert claude_duration(kind, {"duration_ms": told}) == duration


@pytest.mark.parametrize(
    ("kind", "response", "outcome"),
    [
        (EventKind.PRE_TOOL, {}, None),
        (POST, {"returnDisplay": "hello"}, Outcome.SUCCEEDED),
        (POST, {"returnDisplay": {"files": []}}, Outcome.SUCCEEDED),
        (POST, {"returnDisplay": "Command exited with code: 3"}, Outcome.FAILED),
        (POST, {"returnDisplay": "", "error": {"message": "x"}}, Outcome.FAILED),
        (POST, {"returnDisplay": "Command moved to background (PID: 1)."}, Outcome.RAN),
        (POST, None, Outcome.SUCCEEDED),
    ],
)
def test_gemini_cli(kind: EventKind, response: object, outcome: Outcome | None) -> None:
    assert gemini_outcome(kind, {"tool_response": response}) is outcome


@pytest.mark.parametrize(
    ("kind", "tool", "outcome"),
    [
        (EventKind.PRE_TOOL, "Bash", None),
        (POST, "Bash", Outcome.RAN),
        (POST, "apply_patch", Outcome.SUCCEEDED),
    ],
)
def test_codex_cli(kind: EventKind, tool: str, outcome: Outcome | None) -> None:
    data: JsonObject = {"tool_name": tool}
    assert codex_outcome(kind, data) is outcome

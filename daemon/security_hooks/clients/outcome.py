"""What became of a tool call, as far as a client tells it after the fact."""

from security_hooks.clients.payload import JsonObject
from security_hooks.model.event import EventKind, Outcome

_RESULTS = (EventKind.POST_TOOL, EventKind.POST_TOOL_FAILURE)
# A year: what says more is no duration.
_LONGEST_MS = 365 * 86_400_000


def claude_outcome(kind: EventKind, data: JsonObject) -> Outcome | None:
    """Failures have an event of their own; what goes on in the background has not ended."""
    if kind not in _RESULTS:
        return None
    response = data.get("tool_response")
    told = response if isinstance(response, dict) else {}
    if kind is EventKind.POST_TOOL_FAILURE or told.get("interrupted") is True:
        return Outcome.FAILED
    return Outcome.RAN if told.get("backgroundTaskId") else Outcome.SUCCEEDED


def claude_duration(kind: EventKind, data: JsonObject) -> int | None:
    """Milliseconds from the tool's start to its end. What was waited for a person's answer before that is not in it."""
    value = data.get("duration_ms")
    if kind not in _RESULTS or not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value <= _LONGEST_MS else None


def gemini_outcome(kind: EventKind, data: JsonObject) -> Outcome | None:
    """A status other than 0 is told in the text for the person alone."""
    if kind not in _RESULTS:
        return None
    response = data.get("tool_response")
    told = response if isinstance(response, dict) else {}
    shown = told.get("returnDisplay")
    text = shown if isinstance(shown, str) else ""
    if told.get("error") is not None or text.startswith("Command exited with code: "):
        return Outcome.FAILED
    return Outcome.RAN if text.startswith("Command moved to background ") else Outcome.SUCCEEDED


def codex_outcome(kind: EventKind, data: JsonObject) -> Outcome | None:
    """Only the output of a command is told, not its status; other tools are told of only where they succeeded."""
    if kind not in _RESULTS:
        return None
    return Outcome.RAN if data.get("tool_name") == "Bash" else Outcome.SUCCEEDED

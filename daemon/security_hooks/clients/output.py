"""What a tool gave back, as the event after it tells: every text in it, whatever shape the client and the tool give it.

All three clients put it under `tool_response`; what failed in Claude Code has its text under `error`. A short text
that stands under a key which may name a secret comes as an assignment, so that what reads it later knows the name.
"""

from security_hooks.clients.payload import DEEPEST_INPUT, MOST_STRINGS, JsonObject
from security_hooks.model.event import NO_OUTPUT, EventKind, Output
from security_hooks.secrets.context import names_secret

# Output in characters that is looked at; more is cut at the end, and said to be.
MOST_CHARACTERS = 1_048_576
LONGEST_NAMED = 1_024
_RESULTS = (EventKind.POST_TOOL, EventKind.POST_TOOL_FAILURE)
# Pictures and other files, as base64: no text in them.
_NO_TEXT = frozenset({"base64", "blob", "image_url"})


def output_of(kind: EventKind, data: JsonObject) -> Output:
    """The texts of a tool's output, each once, in document order; bounded in number, depth and length."""
    if kind not in _RESULTS:
        return NO_OUTPUT
    texts: dict[str, None] = {}
    waiting: list[tuple[str, object, int]] = [("", data.get("error"), 0), ("", data.get("tool_response"), 0)]
    left = MOST_CHARACTERS
    seen = 0
    while waiting:
        key, value, depth = waiting.pop()
        seen += 1
        if seen > MOST_STRINGS or depth > DEEPEST_INPUT or left <= 0:
            return Output(tuple(texts), is_cut=True)
        if isinstance(value, str) and value and key not in _NO_TEXT:
            text = f"{key}={value}" if key and len(value) <= LONGEST_NAMED and names_secret(key) else value
            if text not in texts:
                texts[text[:left]] = None
                left -= len(text)
        elif isinstance(value, dict):
            waiting += reversed([(name, member, depth + 1) for name, member in value.items()])
        elif isinstance(value, list):
            waiting += reversed([(key, member, depth + 1) for member in value])
    return Output(tuple(texts), is_cut=left < 0)

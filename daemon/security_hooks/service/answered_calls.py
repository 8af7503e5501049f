"""The calls of one session that were answered and have not been seen in its transcript yet."""

from collections import OrderedDict
from enum import Enum

from security_hooks.model.event import ToolCall
from security_hooks.model.transcript import ToolUse, content_of

# Far more than a client has under way; what is never seen goes in time.
MOST = 1_024


class Match(Enum):
    """What was answered about a tool use that ran. NOTHING: no hook event told of it."""

    LET_RUN = "let_run"
    DENIED = "denied"
    NOTHING = "nothing"


class AnsweredCalls:
    """Calls by the id that hook and transcript share, or by what is in them; a thing said twice counts twice."""

    def __init__(self) -> None:
        self._calls: OrderedDict[str, list[bool]] = OrderedDict()

    def add(self, call: ToolCall, *, is_denied: bool) -> None:
        """A call was answered."""
        key = call.call_id or _content(call)
        self._calls.setdefault(key, []).append(is_denied)
        self._calls.move_to_end(key)
        if len(self._calls) > MOST:
            self._calls.popitem(last=False)

    def take(self, use: ToolUse, *, ran: bool) -> Match:
        """Take the answer to a use away, rather one that fits what became of it."""
        key = use.call_id or use.content
        answers = self._calls.get(key)
        if answers is None:
            return Match.NOTHING
        is_denied = not ran if (not ran) in answers else ran
        answers.remove(is_denied)
        if not answers:
            del self._calls[key]
        return Match.DENIED if is_denied else Match.LET_RUN


def _content(call: ToolCall) -> str:
    """As a transcript tells it, of which only the script of a command is left in some events."""
    if call.script is not None:
        return content_of(call.name, [("/command", call.script)])
    return content_of(call.name, [(string.pointer, string.value) for string in call.strings])

"""What a scripted model says to a client: turns of one tool call each, and the words in which each client is told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a client's own tool, `arguments` as the model would give them; a text for tools that take one."""

    tool: str
    arguments: Mapping[str, Any] | str
    namespace: str = ""


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Turn:
    """What the model answers, perhaps in view of what it was told of its calls so far.

    `before` happens after the client has asked and before it is answered.
    """

    call: Call | Callable[[tuple[str, ...]], Call]
    before: Callable[[], None] = field(default=_nothing)


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back over HTTP."""

    kind: str
    body: bytes


# In the first words of every agent that an agent starts.
DELEGATED = "DELEGATED: do what your own script says."
EVENTS = "text/event-stream"
JSON = "application/json"


class Wire(Protocol):
    """How one client talks to its model: requests and replies are values, and the server knows nothing of them."""

    def is_turn(self, path: str, body: Mapping[str, Any]) -> bool:
        """Whether the request asks for the next turn of the conversation, and not for a title or the like."""

    def is_delegated(self, body: Mapping[str, Any]) -> bool:
        """Whether the conversation is that of an agent which the client's own agent has started."""

    def results(self, body: Mapping[str, Any]) -> tuple[str, ...]:
        """What the model is told of its calls so far, the oldest first."""

    def answer(self, body: Mapping[str, Any], number: int, call: Call | None) -> Reply:
        """Turn `number` of the conversation; without a call it ends."""

    def aside(self, path: str, body: Mapping[str, Any]) -> Reply:
        """The reply to any other request."""

"""Tools, and names in their inputs, that the machine has never seen. Bounded: past so many it stops learning.

A tool that the guard knows by name is no news when it is first used; a name in its input is, once the tool was used
many times without it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from security_hooks.clients import CLIENTS

MOST_TOOLS = 512
# A tool with more names than this takes any.
MOST_KEYS = 64
CALLS_OF_A_TOOL = 200
_KNOWN = {client.name: client.tools for client in CLIENTS}


@dataclass(frozen=True, slots=True)
class News:
    """Something never seen before: a tool (`is_tool`) or names in its input. `text` is the end of a sentence."""

    is_tool: bool
    text: str


class _Shape:
    __slots__ = ("calls", "keys")

    def __init__(self, keys: Iterable[str]) -> None:
        self.calls = 1
        self.keys = set(keys)


class Shapes:
    """Every tool that was used, and the first-level names of its input."""

    def __init__(self) -> None:
        self._shapes: dict[tuple[str, str], _Shape] = {}

    def take(self, client: str, tool: str, keys: frozenset[str]) -> News | None:
        """What nobody has seen before in this call."""
        shape = self._shapes.get((client, tool))
        if shape is None:
            if len(self._shapes) >= MOST_TOOLS:
                return None
            self._shapes[client, tool] = _Shape(keys)
            is_known = tool in _KNOWN.get(client, ())
            return None if is_known else News(is_tool=True, text="was never used on this machine")
        shape.calls += 1
        fresh = keys - shape.keys
        if not fresh or len(shape.keys) > MOST_KEYS:
            return None
        shape.keys |= fresh
        if shape.calls <= CALLS_OF_A_TOOL:
            return None
        names = ", ".join(f"`{name[:40]}`" for name in sorted(fresh)[:3])
        return News(is_tool=False, text=f"was called {shape.calls} times, never with {names}")

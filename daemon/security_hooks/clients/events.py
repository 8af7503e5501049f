"""Which kind of event a payload is, and whether it holds a tool call to judge: one rule for all clients."""

from collections.abc import Mapping
from dataclasses import dataclass

from security_hooks.clients.payload import JsonObject, required_text
from security_hooks.model.event import EventKind

# Those at which a client's settings are looked at.
SETTINGS_EVENTS = frozenset({EventKind.SESSION_START, EventKind.PROMPT, EventKind.CONFIG_CHANGE})
_WITH_TOOL = frozenset({EventKind.PRE_TOOL, EventKind.PERMISSION, EventKind.POST_TOOL, EventKind.POST_TOOL_FAILURE})


@dataclass(frozen=True, slots=True)
class Events:
    """A client's events: `kinds` by its own names; `quiet` are those that are always answered with "no objection"."""

    kinds: Mapping[str, EventKind]
    quiet: frozenset[str]

    def read(self, data: JsonObject) -> tuple[str, EventKind, bool]:
        """The event's own name, its kind, and whether it holds a tool call; raises `CallError` without a name.

        An event that we do not know may come before a tool runs, so the tool that it names is judged.
        """
        name = required_text(data, "hook_event_name")
        kind = self.kinds.get(name, EventKind.OTHER)
        is_unknown = kind is EventKind.OTHER and name not in self.quiet
        return name, kind, kind in _WITH_TOOL or (is_unknown and "tool_name" in data)

"""A record's fields without any text of the call: what `[audit] content = "structure"` keeps. Pure.

An allowlist: strings stay only under names known to hold our own words, ids and names of programs, and only if they
look like such; every other string becomes its length, every other container its size. What a later version adds to
the records is dropped until it is listed here.
"""

import re

from security_hooks.model.record import Json

# Strings and lists of strings that stay.
NAMES = frozenset(
    {
        *("client", "event", "kind_of_event", "session", "turn", "agent", "permission_mode", "call_id"),
        *("tool", "tool_kind", "programs", "verdict", "would", "basis", "policy", "rule", "tier", "severity", "tags"),
        *("file", "reason", "version", "problem", "segment", "since", "until", "mode", "layer", "code", "line_sha256"),
        *("rules", "call", "answered", "anomaly", "sent", "outcome", "action", "program", "kind", "origin"),
    }
)
# Containers whose own members are looked at.
CONTAINERS = frozenset({"findings", "failure", "missed", "diagnostics", "permit", "commands", "effects"})

_NAME = re.compile(r"[A-Za-z0-9_.:/@+-]{1,100}")


def structure(fields: dict[str, Json]) -> dict[str, Json]:
    """The same fields with texts replaced by their sizes."""
    return {name: _keep(name, value) for name, value in fields.items()}


def _keep(name: str, value: Json) -> Json:
    if isinstance(value, str):
        return value if name in NAMES and _NAME.fullmatch(value) else {"characters": len(value)}
    if isinstance(value, list):
        if name in NAMES:
            return [_keep(name, item) for item in value]
        if name in CONTAINERS:
            return [structure(item) if isinstance(item, dict) else _keep(name, item) for item in value]
        return {"entries": len(value)}
    if isinstance(value, dict):
        return structure(value) if name in CONTAINERS else {"entries": len(value)}
    return value

"""Codex CLI's transcript, a "rollout": `sessions/YEAR/MONTH/DAY/rollout-TIME-THREAD.jsonl`, one for each agent.

A use is a `function_call` or a `custom_tool_call`, its result an output of the same `call_id`, which is the hook's
`tool_use_id`. What ran also completes as an item with that id; a call out of a script (code mode) shows as such an item
alone. A refusal is a text among others, so a result counts as that of a call that ran only where it looks like one.
"""

import re

from security_hooks.clients.payload import JsonObject
from security_hooks.clients.transcript import Transcripts, member, moment, object_in, objects, text
from security_hooks.model.transcript import Began, Delegated, Ended, Mark, ToolUse

_TELLING = (b'_call"', b'_call_output"', b'"item_completed"')
_USES = frozenset({"function_call", "custom_tool_call"})
_RESULTS = frozenset({"function_call_output", "custom_tool_call_output"})
# How the result of a tool begins that ran: a command's, a patch's, JSON.
_RAN = ("Chunk ID: ", "Wall time: ", "Exit code: ", "{", "[")
_ITEMS = frozenset({"CommandExecution", "FileChange", "McpToolCall", "ImageView", "CollabAgentToolCall"})
_REFUSED = frozenset({"declined", "inProgress", "in_progress"})
_IN_A_SCRIPT = "exec-"
# What they do comes to hooks call by call, or nothing of it leaves the client.
_CARRIERS = frozenset({"exec", "wait", "tool_search"})
# Typing into a terminal: no hook event comes before it.
_UNHOOKED = "write_stdin"
_OWN = ("", "functions")
_THREAD = re.compile(r"[0-9a-f-]{36}")


def read(line: bytes) -> tuple[Mark, ...] | None:
    """The marks in a line; None where it cannot be read."""
    if not any(word in line for word in _TELLING):
        return ()
    found = object_in(line)
    if found is None:
        return None
    payload = found.get("payload")
    if not isinstance(payload, dict):
        return ()
    kind = payload.get("type")
    if kind in _USES:
        return _began(payload, moment(found.get("timestamp")))
    if kind in _RESULTS:
        key = text(payload, "call_id")
        return () if key is None else (Ended(key, _ran(payload.get("output"))),)
    if kind == "item_completed":
        return _completed(payload)
    return ()


def _began(payload: JsonObject, at: float) -> tuple[Mark, ...]:
    key, name, namespace = text(payload, "call_id"), text(payload, "name"), text(payload, "namespace") or ""
    is_own = namespace in _OWN
    if key is None or name is None or (is_own and name in _CARRIERS):
        return ()
    if is_own and name == _UNHOOKED:
        # Without a key it is a look at what the terminal shows.
        keys = text(object_in((text(payload, "arguments") or "").encode()), "chars")
        return (Began(ToolUse(key, name, key, "", at, is_hooked=False)),) if keys else ()
    tool = name if is_own else f"{namespace}__{name}"
    return (Began(ToolUse(key, tool, key, "", at)),)


def _ran(output: object) -> bool:
    return output.startswith(_RAN) if isinstance(output, str) else output is not None


def _completed(payload: JsonObject) -> tuple[Mark, ...]:
    item = payload.get("item")
    key, kind = text(item, "id"), text(item, "type")
    if key is None or kind not in _ITEMS:
        return ()
    ended = Ended(key, member(item, "status") not in _REFUSED)
    agents = tuple(
        Delegated(agent)
        for agent in (text(told, "thread_id") for told in objects(member(item, "receiver_agents")))
        if agent is not None and _THREAD.fullmatch(agent)
    )
    if not key.startswith(_IN_A_SCRIPT):
        return (ended, *agents)
    begun = payload.get("started_at_ms")
    at = begun / 1000 if isinstance(begun, int) else float("inf")
    return (Began(ToolUse(key, kind, key, "", at)), ended, *agents)


TRANSCRIPTS = Transcripts("sessions", read)

"""Gemini CLI's transcript: `tmp/PROJECT/chats/session-TIME-ID.jsonl`, its agents' in `chats/SESSION/`.

A message of the model's is written once when it came, and again with its tool calls once all have ended: each with its
input, and a status. Hooks are told no id, so a call is known by its tool and input. `error` stands for a call that was
refused as well as for one that ran and failed; only `success` proves that a call ran.
"""

from security_hooks.clients.payload import JsonObject, input_strings
from security_hooks.clients.transcript import Transcripts, beside, moment, object_in, objects, text
from security_hooks.model.failure import CallError
from security_hooks.model.transcript import Began, Ended, Mark, ToolUse, content_of

_TELLING = b'"toolCalls"'
_SHELL = "run_shell_command"


def read(line: bytes) -> tuple[Mark, ...] | None:
    """The marks in a line; None where it cannot be read."""
    if _TELLING not in line:
        return ()
    found = object_in(line)
    if found is None:
        return None
    marks: list[Mark] = []
    for call in objects(found.get("toolCalls")):
        use = _use(call, moment(found.get("timestamp")))
        if use is not None and isinstance(call.get("status"), str):
            marks += (Began(use), Ended(use.key, call["status"] == "success"))
    return tuple(marks)


def _use(call: JsonObject, at: float) -> ToolUse | None:
    call_id, name, given = text(call, "id"), text(call, "name"), call.get("args")
    if call_id is None or name is None or not isinstance(given, dict):
        return None
    # The model's ids may be used again; with the time of its end one is unique.
    return ToolUse(f"{call_id} {call.get('timestamp')}", name, None, content_of(name, _texts(name, given)), at)


def _texts(name: str, given: JsonObject) -> list[tuple[str, str]]:
    """The texts that the hook's event keeps of the same input: of a command the script alone."""
    command = given.get("command")
    if name == _SHELL and isinstance(command, str):
        return [("/command", command)]
    try:
        return [(string.pointer, string.value) for string in input_strings(given)]
    except CallError:
        return []


def _agents(path: str, session: str) -> str | None:
    return beside(path, session) if session and "/" not in session and session not in (".", "..") else None


TRANSCRIPTS = Transcripts("tmp", read, _agents)

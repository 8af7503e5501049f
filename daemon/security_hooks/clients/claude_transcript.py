"""Claude Code's transcript: `projects/PROJECT/SESSION.jsonl`, its agents' in `SESSION/subagents/` beside it.

A use is a block of an assistant's line, its result a block of a later user's line with the same id, which is the hook's
`tool_use_id`. The result's line tells in `permissionDecision` whether the tool was let run; it is missing where the
client refused the call before any hook (unknown tool, input that does not fit, text to replace not found).
"""

from security_hooks.clients.payload import JsonObject
from security_hooks.clients.transcript import Transcripts, member, moment, object_in, objects, text
from security_hooks.model.transcript import Began, Ended, Mark, ToolUse

_TELLING = (b'"tool_use"', b'"tool_result"')
# How a command that ran and failed begins, in versions that tell no decision.
_RAN = "Exit code "


def read(line: bytes) -> tuple[Mark, ...] | None:
    """The marks in a line; None where it cannot be read."""
    if not any(word in line for word in _TELLING):
        return ()
    found = object_in(line)
    if found is None:
        return None
    blocks = tuple(objects(member(found.get("message"), "content")))
    match found.get("type"):
        case "assistant":
            uses = (_use(block, moment(found.get("timestamp"))) for block in blocks if block.get("type") == "tool_use")
            return tuple(Began(use) for use in uses if use is not None)
        case "user":
            results = ((text(block, "tool_use_id"), block) for block in blocks if block.get("type") == "tool_result")
            return tuple(Ended(key, _ran(found, block)) for key, block in results if key is not None)
        case _:
            return ()


def _use(block: JsonObject, at: float) -> ToolUse | None:
    call_id, name = text(block, "id"), text(block, "name")
    return None if call_id is None or name is None else ToolUse(call_id, name, call_id, "", at)


def _ran(line: JsonObject, block: JsonObject) -> bool:
    decided = line.get("permissionDecision")
    if decided is not None:
        return text(decided, "decision") == "accept"
    content = block.get("content")
    return block.get("is_error") is not True or (isinstance(content, str) and content.startswith(_RAN))


def _agents(path: str, _session: str) -> str:
    return path.removesuffix(".jsonl")


TRANSCRIPTS = Transcripts("projects", read, _agents)

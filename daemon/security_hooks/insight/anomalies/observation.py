"""One line of the log to what the detectors look at. Pure; the only place here that knows what a record holds.

A record of any version may come. What it does not tell, or tells only by its size (`content = "structure"`), is not
seen; what is no record of a call gives nothing.
"""

from enum import Enum
from posixpath import join, normpath

import msgspec

from security_hooks.audit.encode import unix_nanoseconds
from security_hooks.model.decision import Verdict
from security_hooks.model.effect import EffectKind
from security_hooks.model.event import EventKind, ToolKind
from security_hooks.model.record import RecordKind, text_of

# What the log leaves where a secret was.
PLACEHOLDER = b"[REDACTED:"
# What clients call the file that a tool reads.
_PATH_KEYS = ("file_path", "absolute_path", "path")
_DENY = Verdict.DENY.word
_FAILED = "failed"
# It ran, and nobody knows how it ended.
_RAN = "ran"
# One command over a directory (`wc -l *.py`) is ordinary; what stands out is call after call.
FILES_OF_A_CALL = 8


class Phase(Enum):
    """ASKED: a call or a prompt that was decided on; RESULT: what became of a call."""

    ASKED = "asked"
    RESULT = "result"


class Observation(msgspec.Struct, frozen=True, gc=False):
    """What one record tells. `at` is Unix time in seconds, `when` the same as the log writes it; `session` is empty
    where the record tells none. `files` are paths that the call reads, FILES_OF_A_CALL at most; `keys` the first-level
    names of its input.
    """

    phase: Phase
    at: float
    when: str
    client: str
    session: str
    tool: str | None
    is_mcp: bool = False
    is_denied: bool = False
    has_secret: bool = False
    has_failed: bool = False
    files: tuple[str, ...] = ()
    keys: frozenset[str] = frozenset()


class _Fields(msgspec.Struct):
    # Texts are sizes where the log keeps structure alone, so nothing can be relied on to be a text.
    client: object = None
    kind_of_event: object = None
    session: object = None
    cwd: object = None
    tool: object = None
    tool_kind: object = None
    verdict: object = None
    would: object = None
    outcome: object = None
    input: object = None
    effects: object = None


class _Record(msgspec.Struct):
    at: str
    kind: str
    fields: msgspec.Raw


_RECORD = msgspec.json.Decoder(_Record)
_FIELDS = msgspec.json.Decoder(_Fields)
# A permission request repeats the call before it, and sessions and settings say nothing of what an agent does. A record
# without an event is of a call that could not be read.
_PHASES = {
    None: Phase.ASKED,
    EventKind.PRE_TOOL.value: Phase.ASKED,
    EventKind.OTHER.value: Phase.ASKED,
    EventKind.PROMPT.value: Phase.ASKED,
    EventKind.POST_TOOL.value: Phase.RESULT,
    EventKind.POST_TOOL_FAILURE.value: Phase.RESULT,
}


def observe(line: bytes, since: str = "") -> Observation | None:
    """What a line tells; None for what is no record of a call, and for records before `since`."""
    try:
        record = _RECORD.decode(line)
        if record.kind != RecordKind.DECISION.value or record.at < since:
            return None
        fields = _FIELDS.decode(record.fields)
        at = unix_nanoseconds(record.at) / 1_000_000_000
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    occasion = text_of(fields.kind_of_event)
    phase = _PHASES.get(occasion)
    if phase is None:
        return None
    client, session, tool = text_of(fields.client) or "", text_of(fields.session) or "", text_of(fields.tool)
    if phase is Phase.RESULT:
        if fields.outcome == _RAN:
            return None
        has_failed = occasion == EventKind.POST_TOOL_FAILURE.value or fields.outcome == _FAILED
        return Observation(phase, at, record.at, client, session, tool, has_failed=has_failed)
    return Observation(
        phase,
        at,
        record.at,
        client,
        session,
        tool,
        is_mcp=fields.tool_kind == ToolKind.MCP.value,
        is_denied=(text_of(fields.would) or fields.verdict) == _DENY,
        has_secret=PLACEHOLDER in line,
        files=_files(fields),
        keys=_keys(fields.input),
    )


def _files(fields: _Fields) -> tuple[str, ...]:
    """The files that a call reads: of its effects where the record has them, else what a tool for reading names."""
    if isinstance(fields.effects, list):
        read = [
            item for item in fields.effects if isinstance(item, dict) and item.get("kind") == EffectKind.READS.value
        ]
        found = [text_of(item.get("real")) or text_of(item.get("target")) for item in read]
    elif fields.tool_kind == ToolKind.READ.value and isinstance(fields.input, dict):
        found = [text_of(fields.input.get(f"/{key}")) for key in _PATH_KEYS]
    else:
        return ()
    cwd = text_of(fields.cwd) or ""
    paths = dict.fromkeys(normpath(join(cwd, path)) for path in found if path)
    return tuple(paths)[:FILES_OF_A_CALL]


def _keys(given: object) -> frozenset[str]:
    """The first-level names of an input, from its strings by pointer."""
    if not isinstance(given, dict):
        return frozenset()
    return frozenset(pointer.split("/", 2)[1] for pointer in given if pointer.startswith("/"))

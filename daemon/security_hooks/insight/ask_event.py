"""One line of the log to what it tells of asks and of what became of them. Pure.

A record of any version may come, or one that somebody wrote by hand: what does not tell anything of asks gives nothing.
Texts are sizes where the log keeps structure alone; they are only compared.
"""

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from security_hooks.audit.encode import unix_nanoseconds
from security_hooks.insight.call_key import call_key, number_of
from security_hooks.model.decision import Verdict
from security_hooks.model.event import EventKind
from security_hooks.model.record import RecordKind, text_of

_RESULTS = (EventKind.POST_TOOL.value, EventKind.POST_TOOL_FAILURE.value)
_ASK = Verdict.ASK.word
# Where no rule asks, it is `[verdict] default`.
NO_RULE = "(default)"


class Ask(msgspec.Struct, frozen=True, gc=False):
    """A call that a person was to decide on, by the number of its record. `at` is when, as the log writes times, `time`
    the same in nanoseconds of Unix time. `key` and `said` are what its result is known by, `digest` what a permit is
    known by. `is_put`: the client asked a person; else it was told to deny, and the call waits for `allow-once`.
    """

    seq: int
    at: str
    time: int
    client: str
    session: int
    key: int
    said: int
    digest: str | None
    is_put: bool
    rules: tuple[str, ...]


class Call(msgspec.Struct, frozen=True, gc=False):
    """Any other call before it ran; `digest` where a permit was taken for it."""

    time: int
    key: int
    digest: str | None


class Result(msgspec.Struct, frozen=True, gc=False):
    """A call ran. `duration_ms` is how long that took, where the client tells."""

    time: int
    key: int
    said: int
    duration_ms: int | None


class Permit(msgspec.Struct, frozen=True, gc=False):
    """A person permitted a call once."""

    time: int
    digest: str


class Prompt(msgspec.Struct, frozen=True, gc=False):
    """Somebody said something to a session."""

    time: int
    session: int


AskEvent: TypeAlias = Ask | Call | Result | Permit | Prompt


class _Fields(msgspec.Struct):
    client: object = None
    kind_of_event: object = None
    session: object = None
    call_id: object = None
    tool: object = None
    script: object = None
    input: object = None
    verdict: object = None
    would: object = None
    answered: object = None
    exit_status: object = None
    call: object = None
    permit: object = None
    nap: object = None
    findings: object = None
    duration_ms: object = None


class _Record(msgspec.Struct):
    seq: int
    at: str
    kind: str
    fields: _Fields


_DECODER = msgspec.json.Decoder(_Record)


def ask_event(line: bytes, since: str = "") -> AskEvent | None:
    """What a line tells; None for all else, and for records before `since`."""
    return _event(line, since, _asked)


def observed_event(line: bytes, since: str = "") -> AskEvent | None:
    """The same where what would have been asked about in observe mode stands for asks: all of that may run."""
    return _event(line, since, _observed)


def _asked(fields: _Fields) -> bool | None:
    return _is_put(fields) if fields.verdict == _ASK else None


def _observed(fields: _Fields) -> bool | None:
    is_other = fields.permit is not None or fields.nap is not None
    return True if fields.verdict == Verdict.ALLOW.word and fields.would == _ASK and not is_other else None


def _event(line: bytes, since: str, put: Callable[[_Fields], bool | None]) -> AskEvent | None:
    """`put` says of a call whether it was put to a person; None where it is no ask."""
    try:
        record = _DECODER.decode(line)
        if record.at < since:
            return None
        time = unix_nanoseconds(record.at)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    fields = record.fields
    if record.kind == RecordKind.PERMIT.value:
        digest = _digest(fields)
        return None if digest is None else Permit(time, digest)
    if record.kind != RecordKind.DECISION.value:
        return None
    if fields.kind_of_event == EventKind.PROMPT.value:
        return Prompt(time, _session(fields))
    if fields.tool is None:
        return None
    if fields.kind_of_event == EventKind.PRE_TOOL.value:
        is_put = put(fields)
        return Call(time, _key(fields), _digest(fields)) if is_put is None else _ask(record, time, is_put=is_put)
    if fields.kind_of_event in _RESULTS:
        duration = fields.duration_ms if type(fields.duration_ms) is int else None
        return Result(time, _key(fields), _said(fields), duration)
    return None


def _ask(record: _Record, time: int, *, is_put: bool) -> Ask:
    fields = record.fields
    return Ask(
        record.seq,
        record.at,
        time,
        text_of(fields.client) or "",
        _session(fields),
        _key(fields),
        _said(fields),
        text_of(fields.call),
        is_put,
        _rules(fields.findings) or (NO_RULE,),
    )


def _is_put(fields: _Fields) -> bool:
    """A record of a version that did not say what was answered has only the exit status to tell, which with a call's id
    is enough: what is denied has no result.
    """
    if fields.answered is None:
        return fields.exit_status == 0 and fields.call_id is not None
    return fields.answered == _ASK


def _rules(findings: object) -> tuple[str, ...]:
    """The rules that asked, each once."""
    if not isinstance(findings, list):
        return ()
    asking = (item for item in findings if isinstance(item, dict) and item.get("verdict") == _ASK)
    return tuple(dict.fromkeys(rule for item in asking if (rule := text_of(item.get("rule"))) is not None))


def _digest(fields: _Fields) -> str | None:
    return text_of(fields.permit.get("call")) if isinstance(fields.permit, dict) else None


def _key(fields: _Fields) -> int:
    return call_key(fields.client, fields.session, fields.call_id, (fields.tool, fields.script, fields.input))


def _said(fields: _Fields) -> int:
    return number_of((fields.tool, fields.script, fields.input))


def _session(fields: _Fields) -> int:
    return number_of((fields.client, fields.session))

"""Lines of the audit log to what became of each ask: it ran, so a person approved it, or it is not known to have run.
The same of what would have been asked about in observe mode, where nobody approved what ran.

An ask is joined with the record of its result by the call's own id; where the client tells none, by session, tool and
input, and then any later call that is the same takes its place. What ran with another input than was asked about was
not approved. Bounded in what it holds.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import msgspec

from security_hooks.model.decision import Verdict
from security_hooks.model.event import EventKind
from security_hooks.model.record import RecordKind
from security_hooks.service.recall import Case, recall

# Asks whose results may still come; the oldest is given up past that.
MOST_PENDING = 4_096
_RESULTS = frozenset({EventKind.POST_TOOL.value, EventKind.POST_TOOL_FAILURE.value})


@dataclass(frozen=True, slots=True)
class Outcome:
    """An ask, when it was put (as the log writes times), and whether it is known to have run."""

    case: Case
    at: str
    ran: bool


class _Fields(msgspec.Struct):
    """Of a decision's record, what tells an ask from its result. Texts are whatever they are: only compared."""

    client: str = ""
    verdict: str = ""
    would: str | None = None
    answered: str | None = None
    exit_status: int = 0
    kind_of_event: str = ""
    session: object = None
    call_id: str | None = None
    tool: object = None
    script: object = None
    input: object = None
    permit: object = None
    nap: object = None


class _Record(msgspec.Struct):
    kind: str
    at: str
    fields: msgspec.Raw


@dataclass(frozen=True, slots=True)
class _Pending:
    case: Case
    at: str
    said: str


Which = Callable[[_Fields], bool]
_RECORD = msgspec.json.Decoder(_Record)
_FIELDS = msgspec.json.Decoder(_Fields)


def put_to_a_person(fields: _Fields) -> bool:
    """Asked by the client, or permitted once. A record of a version that did not say what was answered has only the
    exit status to tell, which with a call's id is enough: what is denied has no result.
    """
    if fields.permit is not None:
        return fields.verdict == Verdict.ALLOW.word
    if fields.verdict != Verdict.ASK.word:
        return False
    if fields.answered is None:
        return fields.exit_status == 0 and fields.call_id is not None
    return fields.answered == Verdict.ASK.word


def only_observed(fields: _Fields) -> bool:
    """Let through in observe mode, where it would have been asked about."""
    is_other = fields.permit is not None or fields.nap is not None
    return fields.verdict == Verdict.ALLOW.word and fields.would == Verdict.ASK.word and not is_other


def outcomes(lines: Iterable[bytes], home: str, since: str = "", which: Which = put_to_a_person) -> Iterator[Outcome]:
    """What became of each ask since then, as far as its call can be recalled; in the order in which that is known."""
    pending: dict[str, _Pending] = {}
    for line in lines:
        found = _read(line, since)
        if found is None:
            continue
        record, fields = found
        said = repr((fields.tool, fields.script, fields.input))
        key = repr((fields.client, fields.session, fields.call_id or said))
        if fields.kind_of_event == EventKind.PRE_TOOL.value:
            before = pending.pop(key, None)
            if before is not None:
                yield Outcome(before.case, before.at, ran=False)
            case = recall(line, home) if which(fields) else None
            if isinstance(case, Case):
                pending[key] = _Pending(case, record.at, said)
            if len(pending) > MOST_PENDING:
                oldest = pending.pop(next(iter(pending)))
                yield Outcome(oldest.case, oldest.at, ran=False)
        elif fields.kind_of_event in _RESULTS and key in pending:
            ask = pending.pop(key)
            yield Outcome(ask.case, ask.at, ran=ask.said == said)
    for ask in pending.values():
        yield Outcome(ask.case, ask.at, ran=False)


def _read(line: bytes, since: str) -> tuple[_Record, _Fields] | None:
    try:
        record = _RECORD.decode(line)
        if record.kind != RecordKind.DECISION.value or record.at < since:
            return None
        return record, _FIELDS.decode(record.fields)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None

"""One line of the log to the rows that the store keeps of it. Pure.

A line may come from any version of ours, or from somebody who wrote it by hand: what is not of the expected form is
left empty, never refused. Only what is no record at all gives nothing.
"""

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

import msgspec

from security_hooks.insight.call_key import call_key
from security_hooks.model.decision import Severity
from security_hooks.model.event import EventKind
from security_hooks.model.record import RecordKind, text_of

# Severities are numbers in the store, so that "at least this grave" is a comparison.
RANKS = {severity.value: rank for rank, severity in enumerate(Severity)}
_RESULTS = frozenset({EventKind.POST_TOOL.value, EventKind.POST_TOOL_FAILURE.value})
_LARGEST = 2**63 - 1


class RecordRow(NamedTuple):
    """One record, as columns in the order of the table. `call_key` joins a call with its result."""

    seq: int
    at: str
    kind: str
    event: str | None
    occasion: str | None
    client: str | None
    session: str | None
    turn: str | None
    agent: str | None
    tool: str | None
    call_id: str | None
    action: str | None
    severity: int | None
    verdict: str | None
    would: str | None
    basis: str | None
    failure: str | None
    elapsed_us: int | None
    generation: int | None
    policy: str | None
    project: str | None
    cwd: str | None
    call_key: int | None
    line: str


class FindingRow(NamedTuple):
    """A rule that matched."""

    seq: int
    rule: str
    tier: str | None
    verdict: str | None
    severity: int | None


class CommandRow(NamedTuple):
    """A command of the call."""

    seq: int
    program: str | None
    action: str | None
    severity: int | None


class EffectRow(NamedTuple):
    """What the call would do to the world. `real` is the path with links followed where that is another."""

    seq: int
    kind: str
    target: str | None
    real: str | None


class ResultRow(NamedTuple):
    """What became of an earlier call, told by the record `seq`."""

    seq: int
    call_key: int
    outcome: str | None


class Rows(NamedTuple):
    """All that one line gives."""

    record: RecordRow
    findings: tuple[FindingRow, ...] = ()
    commands: tuple[CommandRow, ...] = ()
    effects: tuple[EffectRow, ...] = ()
    result: ResultRow | None = None


Found: TypeAlias = object


class _Fields(msgspec.Struct):
    # A mode of the log replaces texts by their sizes, so nothing can be relied on to be a text.
    event: Found = None
    kind_of_event: Found = None
    client: Found = None
    session: Found = None
    turn: Found = None
    agent: Found = None
    tool: Found = None
    call_id: Found = None
    action: Found = None
    severity: Found = None
    verdict: Found = None
    would: Found = None
    basis: Found = None
    failure: Found = None
    elapsed_us: Found = None
    generation: Found = None
    policy: Found = None
    project: Found = None
    cwd: Found = None
    outcome: Found = None
    script: Found = None
    input: Found = None
    findings: Found = None
    commands: Found = None
    effects: Found = None


class _Record(msgspec.Struct):
    seq: int
    at: str
    kind: str
    fields: _Fields


_DECODER = msgspec.json.Decoder(_Record)


def rows_of(line: bytes) -> Rows | None:
    """What the store keeps of a line (its newline included); None where it is no record."""
    try:
        record = _DECODER.decode(line)
        text = line.decode("ascii").rstrip("\n")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    seq, fields = record.seq, record.fields
    if not 0 < seq <= _LARGEST:
        return None
    occasion = text_of(fields.kind_of_event)
    is_decision = record.kind == RecordKind.DECISION.value
    key = _call_key(fields, occasion) if is_decision else None
    is_result = occasion in _RESULTS
    failure = fields.failure.get("reason") if type(fields.failure) is dict else None
    # In the order of the columns: by name, making it takes longer than decoding the line.
    row = RecordRow(
        seq,
        record.at,
        record.kind,
        text_of(fields.event),
        occasion,
        text_of(fields.client),
        text_of(fields.session),
        text_of(fields.turn),
        text_of(fields.agent),
        text_of(fields.tool),
        text_of(fields.call_id),
        text_of(fields.action),
        _rank(fields.severity),
        text_of(fields.verdict),
        text_of(fields.would),
        text_of(fields.basis),
        text_of(failure),
        _number(fields.elapsed_us),
        _number(fields.generation),
        text_of(fields.policy),
        text_of(fields.project),
        text_of(fields.cwd),
        None if is_result else key,
        text,
    )
    if not is_decision:
        return Rows(row)
    return Rows(
        row,
        tuple(_findings(seq, fields.findings)) if fields.findings else (),
        tuple(_commands(seq, fields.commands)) if fields.commands else (),
        tuple(_effects(seq, fields.effects)) if fields.effects else (),
        ResultRow(seq, key, text_of(fields.outcome)) if is_result and key is not None else None,
    )


def _findings(seq: int, given: Found) -> Iterator[FindingRow]:
    for item in _members(given):
        rule = text_of(item.get("rule"))
        if rule is not None:
            severity = _rank(item.get("severity"))
            yield FindingRow(seq, rule, text_of(item.get("tier")), text_of(item.get("verdict")), severity)


def _commands(seq: int, given: Found) -> Iterator[CommandRow]:
    for item in _members(given):
        yield CommandRow(seq, text_of(item.get("program")), text_of(item.get("action")), _rank(item.get("severity")))


def _effects(seq: int, given: Found) -> Iterator[EffectRow]:
    for item in _members(given):
        kind = text_of(item.get("kind"))
        if kind is not None:
            yield EffectRow(seq, kind, text_of(item.get("target")), text_of(item.get("real")))


def _call_key(fields: _Fields, occasion: str | None) -> int | None:
    """What joins a call and its result."""
    if fields.tool is None or (occasion != EventKind.PRE_TOOL.value and occasion not in _RESULTS):
        return None
    return call_key(fields.client, fields.session, fields.call_id, (fields.tool, fields.script, fields.input))


def _members(given: Found) -> Iterator[dict[str, Found]]:
    if type(given) is list:
        yield from (item for item in given if type(item) is dict)


def _number(given: Found) -> int | None:
    return given if type(given) is int and abs(given) <= _LARGEST else None


def _rank(given: Found) -> int | None:
    return RANKS.get(given) if type(given) is str else None

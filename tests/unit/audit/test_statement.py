import hashlib
import json
from pathlib import Path

import pytest

from security_hooks.audit.chain import START, seal
from security_hooks.audit.checkpoint import sign_checkpoint
from security_hooks.audit.dsse import Unproven
from security_hooks.audit.keys import own_key
from security_hooks.audit.statement import (
    PREDICATE_TYPE,
    STATEMENT_TYPE,
    Statement,
    decode_statement,
    difference,
    encode_statement,
    predicate_schema,
    state,
)
from security_hooks.audit.witness import Claim, Witness

AT = "2026-11-21T12:00:00.00000000%dZ"
FIELDS = (
    ("start", b'{"version":"1"}'),
    ("decision", b'{"client":"codex-cli","policy":"p1","verdict":"allow"}'),
    ("decision", b'{"client":"claude-code","policy":"p2","verdict":"deny"}'),
    ("gap", b'{"missed":{"deny":2}}'),
    ("decision", b'{"client":"claude-code","policy":"p1","verdict":"allow"}'),
    ("stop", b"{}"),
)


def lines_of(fields: tuple[tuple[str, bytes], ...] = FIELDS) -> list[bytes]:
    lines, prev = [], START
    for seq, (kind, item) in enumerate(fields, start=1):
        line, prev = seal(prev, seq, AT % seq, kind, item)
        lines.append(line)
    return lines


LINES = lines_of()
SEGMENTS = [("00000001.jsonl", 1, LINES[:2]), ("00000003.jsonl", 3, LINES[2:3]), ("00000004.jsonl", 4, LINES[3:])]


def stated() -> Statement:
    made = state(SEGMENTS, 1, None)
    assert isinstance(made, Statement)
    return made


def test_a_statement_says_what_the_records_hold() -> None:
    made = stated()
    assert (made.type, made.predicate_type) == (STATEMENT_TYPE, PREDICATE_TYPE)
    assert made.subject[0].name == "audit-1-6.jsonl"
    assert made.subject[0].digest == {"sha256": hashlib.sha256(b"".join(LINES)).hexdigest()}
    found = made.predicate
    assert (found.first.seq, found.first.at, found.first.prev, found.last.seq) == (1, AT % 1, START, 6)
    assert (found.records, found.kinds) == (6, {"decision": 3, "gap": 1, "start": 1, "stop": 1})
    assert (found.verdicts, found.clients) == ({"allow": 2, "deny": 1}, {"claude-code": 2, "codex-cli": 1})
    assert (found.policies, found.missed) == (("p1", "p2"), {"deny": 2})


@pytest.mark.parametrize(("first", "last"), [(1, 2), (2, 2), (2, 3), (3, 3), (2, 5), (6, 6), (4, None)])
def test_a_range_is_its_lines_and_no_others(first: int, last: int | None) -> None:
    passed: list[bytes] = []
    made = state(SEGMENTS, first, last, pass_on=passed.append)
    assert isinstance(made, Statement)
    assert passed == LINES[first - 1 : last]
    assert made.predicate.records == len(passed)
    assert made.subject[0].digest["sha256"] == hashlib.sha256(b"".join(passed)).hexdigest()


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        (1, 7, "the log ends with record 6"),
        (7, None, "the log has no record 7"),
        (7, 9, "the log has no record 7"),
        (3, 2, "the log has no record 3"),
    ],
)
def test_records_that_are_not_there_are_said(first: int, last: int, why: str) -> None:
    assert state(SEGMENTS, first, last) == Unproven(why)


@pytest.mark.parametrize(
    "lines",
    [
        [*LINES[:3], LINES[3].replace(b"2", b"3", 1), *LINES[4:]],
        [*LINES[:3], *LINES[4:]],
        [*LINES[:3], LINES[4], LINES[3], LINES[5]],
        [*LINES[:3], seal(START, 4, AT % 4, "gap", b"{}")[0], *LINES[4:]],
        [*LINES[:3], b"hello\n", *LINES[4:]],
    ],
)
def test_a_broken_chain_is_not_attested(lines: list[bytes]) -> None:
    made = state([("00000001.jsonl", 1, lines)], 1, None)
    assert made == Unproven("the log is not whole at record 4: see `security-hooks audit verify`")


def test_a_torn_line_is_no_record() -> None:
    made = state([("00000001.jsonl", 1, [*LINES[:5], LINES[5][:40]])], 1, None)
    assert isinstance(made, Statement)
    assert made.predicate.last.seq == 5


def test_a_record_of_another_making_is_said() -> None:
    lines = lines_of((("decision", b'{"verdict":7}'),))
    made = state([("00000001.jsonl", 1, lines)], 1, None)
    assert isinstance(made, Unproven)
    assert made.detail.startswith("record 1 is none of ours")


def test_what_a_checkpoint_speaks_against_is_not_attested(tmp_path: Path) -> None:
    key = own_key(tmp_path)
    other = lines_of((*FIELDS[:1], *FIELDS[2:], ("stop", b"{}")))
    head = other[3].partition(b'"hash":"')[2][:64].decode()

    def witness(covers: int) -> Witness:
        return Witness([key.public], [Claim(sign_checkpoint((covers, head), AT % 9, "", key), "kept", 1)])

    replaced = state(SEGMENTS, 2, 5, witness(4))
    assert isinstance(replaced, Unproven) and "not what was signed" in replaced.detail
    cut = state(SEGMENTS, 2, None, witness(9))
    assert isinstance(cut, Unproven) and "records 7 to 9 are missing at the end" in cut.detail
    assert isinstance(state(SEGMENTS, 2, 5, witness(9)), Statement)


def test_a_statement_survives_its_envelope() -> None:
    made = stated()
    assert decode_statement(encode_statement(made)) == made
    assert encode_statement(made).startswith(
        b'{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"audit-1-6'
    )


def test_the_schema_has_every_member_of_the_predicate() -> None:
    schema = json.loads(predicate_schema())
    assert schema["$id"] == PREDICATE_TYPE
    written = json.loads(encode_statement(stated()))["predicate"]
    assert set(schema["$defs"]["AuditRange"]["properties"]) == set(written)
    assert set(schema["$defs"]["AuditRange"]["required"]) == set(written)
    assert set(schema["$defs"]["End"]["properties"]) == set(written["first"])


def test_members_of_later_versions_are_ignored() -> None:
    payload = encode_statement(stated()).replace(b'"records":', b'"later":{"x":1},"records":')
    assert decode_statement(payload) == stated()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"in-toto.io/Statement/v1", b"in-toto.io/Statement/v0.1"),
        (b"audit-range:v1", b"audit-range:v2"),
        (b'"records":6', b'"records":"6"'),
        (b"{", b""),
    ],
)
def test_another_statement_is_refused(old: bytes, new: bytes) -> None:
    assert isinstance(decode_statement(encode_statement(stated()).replace(old, new, 1)), Unproven)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (
            b'"allow":2',
            b'"allow":3',
            '`verdicts` is {"allow":2,"deny":1} in the records, and {"allow":3,"deny":1} in the',
        ),
        (b'"p2"', b'"p3"', '`policies` is ["p1","p2"] in the records, and ["p1","p3"] in the attestation'),
        (b'"sha256":"', b'"sha256":"0', "the records are not those whose SHA-256 was signed"),
        (b'"name":"audit-1-6', b'"name":"x', ""),
    ],
)
def test_what_differs_is_named(old: bytes, new: bytes, why: str) -> None:
    said = decode_statement(encode_statement(stated()).replace(old, new))
    assert isinstance(said, Statement)
    differs = difference(said, stated())
    assert differs.startswith(why) and bool(differs) == bool(why)

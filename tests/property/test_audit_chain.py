"""Laws of the chain: one changed byte breaks it, nothing else is lost or gained by sealing."""

import json
import tempfile
from functools import cache
from pathlib import Path

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from security_hooks.audit.chain import START, may_be_torn, seal, unseal
from security_hooks.audit.checkpoint import sign_checkpoint
from security_hooks.audit.damage import Damage
from security_hooks.audit.encode import canonical, is_plain, plain, timestamp
from security_hooks.audit.keys import SigningKey, own_key
from security_hooks.audit.verify import Report, verify
from security_hooks.audit.witness import Claim, Witness
from security_hooks.model.record import Json

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None))
values: st.SearchStrategy[Json] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec=None)), inner, max_size=4),
    max_leaves=20,
)
objects = st.dictionaries(st.text(max_size=8), values, max_size=4)


def chain(fields: list[dict[str, Json]]) -> list[bytes]:
    lines = []
    prev = START
    for seq, item in enumerate(fields, start=1):
        line, prev = seal(prev, seq, timestamp(seq), "decision", canonical(plain(item)))
        lines.append(line)
    return lines


def check(data: bytes) -> Report:
    return verify([("00000001.jsonl", 1, data.splitlines(keepends=True))])


@settings(deadline=None)
@given(values)
def test_canonical_encoding_is_what_the_standard_library_writes(value: Json) -> None:
    shown = plain(value)
    expected = json.dumps(shown, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    assert canonical(shown) == expected.encode()
    assert is_plain(shown)
    assert plain(shown) == shown


@settings(deadline=None)
@given(st.lists(objects, min_size=1, max_size=5))
def test_what_was_sealed_verifies(fields: list[dict[str, Json]]) -> None:
    lines = chain(fields)
    report = check(b"".join(lines))
    assert (report.records, report.problem, report.torn) == (len(lines), None, None)


@settings(deadline=None)
@given(st.lists(objects, min_size=1, max_size=3), st.data())
def test_one_changed_byte_anywhere_breaks_the_chain(fields: list[dict[str, Json]], data: st.DataObject) -> None:
    log = b"".join(chain(fields))
    place = data.draw(st.integers(0, len(log) - 1))
    byte = data.draw(st.integers(0, 255))
    assume(log[place] != byte)
    changed = log[:place] + bytes([byte]) + log[place + 1 :]
    # Lines as a file gives them: ended by nothing but a line feed.
    lines = [line + b"\n" for line in changed.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    report = verify([("00000001.jsonl", 1, [line for line in lines if line])])
    assert report.problem is not None
    assert report.problem.seq <= len(fields)


@settings(deadline=None)
@given(st.lists(objects, min_size=1, max_size=3), st.data())
def test_a_cut_anywhere_is_never_more_than_a_torn_line(fields: list[dict[str, Json]], data: st.DataObject) -> None:
    log = b"".join(chain(fields))
    kept = log[: data.draw(st.integers(0, len(log) - 1))]
    report = check(kept)
    assert report.problem is None
    assert (report.torn is None) == (kept == b"" or kept.endswith(b"\n"))


@settings(deadline=None)
@given(st.lists(objects, min_size=3, max_size=6), st.data())
def test_lines_removed_repeated_or_moved_break_the_chain(fields: list[dict[str, Json]], data: st.DataObject) -> None:
    lines = chain(fields)
    order = data.draw(st.lists(st.sampled_from(range(len(lines))), min_size=1, max_size=8))
    assume(order != list(range(len(order))))
    report = verify([("00000001.jsonl", 1, [lines[index] for index in order])])
    assert report.problem is not None


@settings(deadline=None)
@given(objects, st.integers(1, 2**53 - 1))
def test_unseal_inverts_seal(fields: dict[str, Json], seq: int) -> None:
    line, digest = seal("ab" * 32, seq, timestamp(seq), "start", canonical(plain(fields)))
    link = unseal(line[:-1])
    assert link is not None
    assert (link.seq, link.prev, link.hash) == (seq, "ab" * 32, digest)
    assert not may_be_torn(line[:-1] + b"}")


@cache
def signer() -> SigningKey:
    with tempfile.TemporaryDirectory() as place:
        return own_key(Path(place))


def proven_log(count: int, every: int) -> tuple[list[bytes], list[Claim]]:
    """Records, with a checkpoint after every so many of them, in the log and beside it; the last covers all."""
    lines: list[bytes] = []
    claims: list[Claim] = []
    head = START

    def add(kind: str, fields: bytes) -> None:
        nonlocal head
        line, head = seal(head, len(lines) + 1, timestamp(len(lines)), kind, fields)
        lines.append(line)

    for number in range(1, count + 1):
        add("decision", b'{"verdict":"allow"}')
        if number % every == 0:
            checkpoint = sign_checkpoint((len(lines), head), timestamp(number), "", signer())
            claims.append(Claim(checkpoint, "kept", len(claims) + 1))
            add("checkpoint", canonical(checkpoint.fields()))
    claims.append(Claim(sign_checkpoint((len(lines), head), timestamp(count), "", signer()), "kept", len(claims) + 1))
    return lines, claims


def prove(lines: list[bytes], claims: list[Claim]) -> Report:
    return verify([("00000001.jsonl", 1, lines)], Witness([signer().public], claims, must_be_signed=True))


@settings(deadline=None)
@given(st.integers(1, 12), st.integers(1, 4), st.data())
def test_with_checkpoints_any_byte_changed_and_any_end_cut_off_is_found(
    count: int, every: int, data: st.DataObject
) -> None:
    lines, claims = proven_log(count, every)
    assert prove(lines, claims).problem is None
    kept = data.draw(st.integers(0, len(lines) - 1))
    cut = prove(lines[:kept], claims).problem
    assert cut is not None
    assert (cut.damage, cut.seq) == (Damage.TRUNCATION, kept + 1)
    index = data.draw(st.integers(0, len(lines) - 1))
    place = data.draw(st.integers(0, len(lines[index]) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != lines[index][place]))
    changed = lines[index][:place] + bytes([byte]) + lines[index][place + 1 :]
    again = b"".join([*lines[:index], changed, *lines[index + 1 :]]).split(b"\n")
    found = prove([*(line + b"\n" for line in again[:-1]), *filter(None, again[-1:])], claims).problem
    assert found is not None
    assert found.seq in {index + 1, index + 2}


@settings(deadline=None)
@given(st.integers(2, 12), st.integers(1, 4), st.data())
def test_with_checkpoints_an_end_written_anew_is_found(count: int, every: int, data: st.DataObject) -> None:
    """Whoever writes anew has no key, but may put in every checkpoint that there ever was."""
    lines, claims = proven_log(count, every)
    first = data.draw(st.integers(0, len(lines) - 1))
    anew = lines[:first]
    head = anew[-1].partition(b'"hash":"')[2][:64].decode() if anew else START
    replayed = data.draw(st.lists(st.sampled_from(claims), max_size=2))
    bodies = [("decision", b'{"verdict":"deny"}')] * data.draw(st.integers(1, 12))
    bodies += [("checkpoint", canonical(claim.checkpoint.fields())) for claim in replayed]
    for kind, fields in bodies:
        line, head = seal(head, len(anew) + 1, timestamp(7), kind, fields)
        anew.append(line)
    problem = prove(anew, claims).problem
    assert problem is not None
    assert problem.damage in {Damage.REPLACED, Damage.TRUNCATION, Damage.FORGED}

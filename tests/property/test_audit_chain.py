"""Laws of the chain: one changed byte breaks it, nothing else is lost or gained by sealing."""

import json

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from security_hooks.audit.chain import START, may_be_torn, seal, unseal
from security_hooks.audit.encode import canonical, is_plain, plain, timestamp
from security_hooks.audit.verify import Report, verify
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

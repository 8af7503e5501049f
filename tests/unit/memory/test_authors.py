import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from security_hooks.memory.authors import (
    AFTER_NS,
    MOST_SPANS,
    MOST_STATES,
    Author,
    Held,
    Note,
    Span,
    author_of,
    is_within,
    whose,
    with_span,
    wrote,
)
from security_hooks.model.work import Shape, Stake, State

S = 1_000_000_000
CLEAN, MINE, NEW = b"c" * 20, b"m" * 20, b"n" * 20


def shape(at: int, size: int = 5) -> Shape:
    return Shape(size, at * S, at * S, 7)


def was(at: int, blob: bytes | None = CLEAN) -> tuple[Shape, State]:
    return shape(at), State(5, at * S, 7, blob)


NOW = shape(100)
OWN_NEW = Note("me", NOW)
OWN_FROM_CLEAN = wrote(None, "me", was(10), NOW, ())
OWN_FROM_DIRTY = wrote(None, "me", was(10, MINE), NOW, ())
OWN_FROM_THEIRS = wrote(Note("they", shape(10)), "me", was(10, MINE), NOW, ())
OWN_FROM_PROGRAM = wrote(None, "me", was(10, MINE), NOW, ((9 * S, 11 * S),))
KNOWN = Stake("/p/a", NOW, CLEAN)
UNKNOWN = Stake("/p/a", NOW)


@pytest.mark.parametrize(
    ("stake", "note", "author"),
    [
        (UNKNOWN, None, Author.PERSON),
        (UNKNOWN, OWN_NEW, Author.OWN),
        (UNKNOWN, replace(OWN_NEW, family="they"), Author.SESSION),
        (UNKNOWN, replace(OWN_NEW, shape=shape(99)), Author.PERSON),
        (UNKNOWN, replace(OWN_NEW, shape=shape(100, 6)), Author.PERSON),
        # What git cannot give back was somebody's before the session wrote.
        (UNKNOWN, OWN_FROM_CLEAN, Author.PERSON),
        (KNOWN, OWN_FROM_CLEAN, Author.OWN),
        (KNOWN, OWN_FROM_DIRTY, Author.PERSON),
        (KNOWN, OWN_FROM_THEIRS, Author.SESSION),
        (KNOWN, OWN_FROM_PROGRAM, Author.UNCLEAR),
        # What only the index holds, besides.
        (replace(KNOWN, staged=MINE), OWN_FROM_CLEAN, Author.UNCLEAR),
        (replace(KNOWN, staged=CLEAN), OWN_FROM_CLEAN, Author.OWN),
        (replace(KNOWN, shape=None), OWN_FROM_CLEAN, Author.UNCLEAR),
    ],
)
def test_whose_bytes_are(stake: Stake, note: Note | None, author: Author) -> None:
    assert whose(stake, "me", note, ()).author is author


def test_what_may_be_a_programs_is_unclear() -> None:
    assert whose(UNKNOWN, "me", None, ((90 * S, 101 * S),)).author is Author.UNCLEAR
    assert whose(UNKNOWN, "me", None, ((90 * S, 95 * S),)).author is Author.PERSON
    # What it was seen to write itself is its own all the same.
    assert whose(UNKNOWN, "me", OWN_NEW, ((90 * S, 101 * S),)).author is Author.OWN


def test_a_large_file_is_told_by_its_state_in_the_index() -> None:
    note = wrote(None, "me", was(10, None), NOW, ())
    assert whose(replace(KNOWN, indexed=State(5, 10 * S, 7)), "me", note, ()).author is Author.OWN
    assert whose(replace(KNOWN, indexed=State(5, 11 * S, 7)), "me", note, ()).author is Author.PERSON
    assert whose(KNOWN, "me", note, ()).author is Author.PERSON


def test_writes_of_one_session_are_one_chain() -> None:
    note = wrote(None, "me", was(10), shape(20), ())
    note = wrote(note, "me", was(20, NEW), shape(30), ())
    assert [state.blob for state in note.states] == [CLEAN, NEW]
    # Committed in between: git can give back what it held then.
    assert whose(Stake("/p/a", shape(30), NEW), "me", note, ()).author is Author.OWN
    # Somebody else wrote in between: a chain of its own.
    broken = wrote(note, "me", was(31, MINE), shape(40), ())
    assert (broken.before, [state.blob for state in broken.states]) == (Held(Author.PERSON, at=31 * S), [MINE])


def test_the_first_state_is_never_forgotten() -> None:
    note = wrote(None, "me", was(1), shape(2), ())
    for at in range(2, 40):
        note = wrote(note, "me", was(at, bytes([at]) * 20), shape(at + 1), ())
    assert len(note.states) == MOST_STATES
    assert (note.states[0].blob, note.states[-1].blob) == (CLEAN, bytes([39]) * 20)


@given(st.lists(st.tuples(st.integers(0, 10**13), st.integers(0, 10**11)), max_size=400), st.integers(0, 10**13))
def test_spans_forget_no_moment(given: list[tuple[int, int]], moment: int) -> None:
    spans: tuple[Span, ...] = ()
    for start, length in given:
        spans = with_span(spans, start, start + length)
    assert len(spans) <= MOST_SPANS
    assert list(spans) == sorted(spans)
    assert all(is_within(spans, start) and is_within(spans, start + length) for start, length in given)
    if any(start <= moment <= start + length for start, length in given):
        assert is_within(spans, moment)


def test_spans_end() -> None:
    assert not is_within(((10 * S, 20 * S),), 20 * S + AFTER_NS + 1)
    assert not is_within(((10 * S, 20 * S),), 9 * S)
    assert author_of(NOW, "me", None, ()).at == 100 * S

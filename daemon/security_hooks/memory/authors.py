"""Who wrote what stands in a file: what was noted when sessions wrote, and the file as it is, to a name.

A session's own is only what it was seen to write and nobody has touched since. What may be somebody else's is never
called its own; what may be its own, by a program that it ran, is never called somebody else's.
"""

import msgspec

from security_hooks.model.closed import Closed
from security_hooks.model.work import Shape, Stake, State

MOST_STATES = 8
MOST_SPANS = 256
# Clocks of file systems run a little behind; programs end a little after we are told.
BEFORE_NS = 50_000_000
AFTER_NS = 2_000_000_000

Span = tuple[int, int]


class Author(Closed):
    """Whose a file's content is. PERSON: nobody's that we have seen, so a person's, or a program's that they run."""

    OWN = "own"
    SESSION = "session"
    PERSON = "person"
    UNCLEAR = "unclear"


class Held(msgspec.Struct, frozen=True, gc=False):
    """An author; the family of the session that it is, and when it wrote (Unix time in nanoseconds)."""

    author: Author
    family: str = ""
    at: int = 0


class Note(msgspec.Struct, frozen=True, gc=False):
    """A file as a session left it. `states` are those it was in before each write of this session since it was last
    somebody else's, the first and the latest; `before` is who had written it then, None where no file stood there.
    """

    family: str
    shape: Shape
    states: tuple[State, ...] = ()
    before: Held | None = None
    at: int = 0


def wrote(note: Note | None, family: str, was: tuple[Shape, State] | None, now: Shape, busy: tuple[Span, ...]) -> Note:
    """The note after a write of a session; `note` is that before it, `was` the file as it stood before the write, and
    `busy` the times at which the session ran what nobody can tell the writes of.
    """
    if was is None:
        return Note(family, now, (), None, now.changed)
    shape, state = was
    if note is not None and note.family == family and note.shape == shape:
        states = (*note.states, state)
        if len(states) > MOST_STATES:
            states = (states[0], *states[2:])
        return Note(family, now, states, note.before, now.changed)
    return Note(family, now, (state,), author_of(shape, family, note, busy), now.changed)


def author_of(shape: Shape, family: str, note: Note | None, busy: tuple[Span, ...]) -> Held:
    """Who wrote last, as seen from a session."""
    if note is not None and note.shape == shape:
        return Held(Author.OWN if note.family == family else Author.SESSION, note.family, shape.written)
    if is_within(busy, shape.changed):
        return Held(Author.UNCLEAR)
    return Held(Author.PERSON, at=shape.written)


def whose(stake: Stake, family: str, note: Note | None, busy: tuple[Span, ...]) -> Held:
    """Whose the bytes at stake are: a session's own only where all of them are."""
    if stake.shape is None:
        return Held(Author.UNCLEAR)
    held = author_of(stake.shape, family, note, busy)
    if held.author is not Author.OWN or note is None:
        return held
    if stake.staged is not None and not any(state.blob == stake.staged for state in note.states):
        return Held(Author.UNCLEAR)
    if note.before is None or any(_is_kept(state, stake) for state in note.states):
        return held
    return note.before


def _is_kept(state: State, stake: Stake) -> bool:
    """Whether git can give back what the file held in this state."""
    if stake.kept is None:
        return False
    if state.blob is not None:
        return state.blob == stake.kept
    seen = stake.indexed
    return seen is not None and (state.size, state.written, state.inode) == (seen.size, seen.written, seen.inode)


def is_within(spans: tuple[Span, ...], moment: int) -> bool:
    """Whether a moment lies in one of these, or so near that nobody can tell."""
    return any(start - BEFORE_NS <= moment <= end + AFTER_NS for start, end in spans)


def with_span(spans: tuple[Span, ...], start: int, end: int) -> tuple[Span, ...]:
    """The spans with one more, in order; too many of them run together, the oldest first."""
    merged: list[Span] = []
    for span in sorted((*spans, (start, end))):
        if merged and span[0] <= merged[-1][1] + AFTER_NS:
            merged[-1] = (merged[-1][0], max(merged[-1][1], span[1]))
        else:
            merged.append(span)
    if len(merged) > MOST_SPANS:
        extra = len(merged) - MOST_SPANS
        merged = [(merged[0][0], merged[extra][1]), *merged[extra + 1 :]]
    return tuple(merged)

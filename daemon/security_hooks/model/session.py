"""What is remembered of a session, as far as one call is judged by it."""

import msgspec

from security_hooks.model.deed import Deed


class Count(msgspec.Struct, frozen=True, gc=False):
    """How many earlier calls of a session met what a rule asks about, up to as many as make a difference.

    `times` counts the calls that were let through, `sure` those that are known to have run and not to have failed.
    """

    question: str
    times: int
    sure: int


class Trace(msgspec.Struct, frozen=True, gc=False):
    """What a file holds since a call of this session wrote it: data from `source`, a file or a host."""

    source: Deed
    certain: bool = True


class SessionView(msgspec.Struct, frozen=True, gc=False):
    """`written` are files that the session wrote, `traces` what lies in files that hold something from elsewhere;
    `unpacked`: some of these are directories that something was unpacked in (`memory/unpacked.py`). `ran_unseen`:
    something ran in the session that nobody was asked about, so that not all it did is known.
    """

    counts: tuple[Count, ...] = ()
    written: frozenset[str] = frozenset()
    traces: dict[str, tuple[Trace, ...]] = {}
    ran_unseen: bool = False
    unpacked: bool = False


NO_SESSION = SessionView()

"""Removes the oldest closed segments: looks which, signs what is said of it, and removes them once the log says so.

Between `announce` and `remove` whoever writes the log appends the record and forces it to the disk, so that a crash
leaves a log that says more than was done, never one that has lost something in silence. Raises AuditError.
"""

import contextlib
import os
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from security_hooks.audit.chain import Link, unseal
from security_hooks.audit.failure import AuditError
from security_hooks.audit.reader import Cursor, ends_of_segment, read_from, segments_of
from security_hooks.audit.retention import Closed, Limits, Plan, plan
from security_hooks.audit.segment import files_of, open_directory

if TYPE_CHECKING:
    from security_hooks.audit.prune import Prune

_AT = re.compile(rb'\{"at":"([^"]{30})"')
_LOOK = "see `security-hooks audit verify`"


def closed_segments(log: Path) -> tuple[Closed, ...]:
    """Every segment but the last one, oldest first."""
    found = segments_of(log)
    return tuple(
        Closed(first, following - 1, name, _size(log, first)) for (first, name), (following, _) in pairwise(found)
    )


def plan_for(log: Path, limits: Limits, taken: Mapping[str, int]) -> Plan:
    """What goes from the log as it is now."""
    closed = closed_segments(log)
    total = sum(_size(log, first) for first, _ in segments_of(log))
    return plan(closed, total, limits, taken, lambda segment: _time_of(log, segment))


def announce(state: Path, wanted: Plan, limits: Limits, at: str) -> "Prune":
    """What the log is to say before these segments go; refused where the log does not hold together there."""
    # The library that signs takes long to load, and what only plans does not need it.
    from security_hooks.audit.keys import own_key
    from security_hooks.audit.prune import Prune

    log = state / "audit"
    segments = segments_of(log)
    begin = segments[0][0]
    if wanted.segments[0].first != begin:
        raise AuditError("the log has changed meanwhile; try again")
    _must_begin_rightly(state, begin)
    last = wanted.segments[-1]
    following = next(name for first, name in segments if first == last.last + 1)
    end = _link(ends_of_segment(log, last.name)[1])
    kept = _link(ends_of_segment(log, following)[0])
    if end is None or end.seq != last.last or (kept is not None and kept.prev != end.hash):
        raise AuditError(f"nothing was pruned: the log is damaged at record {last.last}; {_LOOK}")
    key = own_key(state)
    said = Prune(at, begin, last.last, end.hash, limits.by, limits.spelled(), dict(wanted.undelivered), key.public.id)
    return said.signed(key)


def remove(log: Path, segments: Sequence[Closed]) -> None:
    """Remove them, the oldest first, and each for good before the next: no crash leaves a hole."""
    try:
        directory = open_directory(log)
        try:
            for segment in segments:
                for name in files_of(segment.first):
                    with contextlib.suppress(FileNotFoundError):
                        os.unlink(name, dir_fd=directory)
                os.fsync(directory)
        finally:
            os.close(directory)
    except OSError as error:
        raise AuditError(f"segments in {log} cannot be removed: {error.strerror}") from error


def _must_begin_rightly(state: Path, begin: int) -> None:
    """A prune must not hide that somebody else removed records before it."""
    from security_hooks.audit.keys import public_keys
    from security_hooks.audit.ledger import LEDGER, kept_prunes
    from security_hooks.audit.prune import prune_of

    if begin == 1:
        return
    keys = public_keys(state)

    def is_said(prune: "Prune | None") -> bool:
        return prune is not None and prune.through >= begin - 1 and any(prune.is_signed_by(key) for key in keys)

    if any(is_said(prune) for prune in kept_prunes(state / LEDGER)):
        return
    if not any(is_said(prune_of(line)) for line, _ in read_from(state / "audit", Cursor(0, 0)) if b'"prune"' in line):
        raise AuditError(
            f"nothing was pruned: the log begins with record {begin}, and nothing says that those before it were"
            f" pruned; {_LOOK}"
        )


def _time_of(log: Path, segment: Closed) -> str:
    found = _AT.match(ends_of_segment(log, segment.name)[1])
    return "" if found is None else found[1].decode("ascii")


def _link(line: bytes) -> Link | None:
    return unseal(line.removesuffix(b"\n"))


def _size(log: Path, first: int) -> int:
    """The bytes that a segment takes, all its files together."""
    size = 0
    for name in files_of(first):
        with contextlib.suppress(OSError):
            size += (log / name).stat(follow_symlinks=False).st_size
    return size

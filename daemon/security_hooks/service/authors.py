"""Which session wrote which file: noted before and after each call that writes, kept for a while, bounded.

Looks at the files that a call is about to write while its answer waits, and again when the client tells that it ran.
What a session may have written by a program is remembered as times at which nobody can tell. Never raises; on disks
that may not answer nothing is looked at, and nothing there is ever called a session's own.
"""

import os
import stat
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from security_hooks.memory.authors import BEFORE_NS, Held, Note, Span, whose, with_span, wrote
from security_hooks.model.decision import Decision, Verdict
from security_hooks.model.deed import Deeds
from security_hooks.model.effect import EffectKind
from security_hooks.model.event import EventKind, HookEvent, Outcome, ToolKind
from security_hooks.model.work import Shape, Stake, State
from security_hooks.policy.config_types import WhoseWork
from security_hooks.service.exchange import Exchange
from security_hooks.service.repository import state_of
from security_hooks.service.stakes import blob_name, shape_of

MOST_NOTES = 4_096
MOST_FAMILIES = 128
MOST_PENDING = 256
MOST_PATHS = 32
# Reading and hashing this much takes a tenth of a millisecond.
MOST_READ = 65_536
# How long a call may take from its question to its end for a person not to have changed the file meanwhile.
LONGEST_NS = 10_000_000_000
# How long a call that has not ended, or went on in the background, may still write.
UNENDED_NS = 600_000_000_000
KEPT_SECONDS = 14 * 86_400
# So that a part of what is saved is made in some tenths of a millisecond.
NOTES_AT_ONCE = 128
FAMILIES_AT_ONCE = 8
_NANO = 1_000_000_000
_ENDS = (EventKind.PROMPT, EventKind.SESSION_END)
_POSTS = (EventKind.POST_TOOL, EventKind.POST_TOOL_FAILURE)

_Key = tuple[str, str | int]
_Was = tuple[Shape, State] | None
_Entry = TypeVar("_Entry")


class _Pending(msgspec.Struct, gc=False):
    """A call that may be running: since when, what stood where it writes, and whether it writes nowhere else."""

    family: str
    at: int
    files: dict[str, _Was]
    is_told: bool
    content: bytes | None


class Family(msgspec.Struct, frozen=True):
    """A session with its agents: how it is called, when it was heard of, when nobody could tell what it wrote."""

    name: str
    heard: int
    busy: tuple[Span, ...] = ()


class _Kept(msgspec.Struct, frozen=True):
    at: int
    notes: dict[str, Note]
    families: dict[str, Family]


_DECODER = msgspec.msgpack.Decoder(_Kept)


class Authors:
    """The notes of all sessions. `is_slow` says of a path whether its disk may not answer; `clock` is Unix time in
    nanoseconds.
    """

    def __init__(self, is_slow: Callable[[str], bool], clock: Callable[[], int]) -> None:
        self._is_slow = is_slow
        self._clock = clock
        self._notes: OrderedDict[str, Note] = OrderedDict()
        self._families: OrderedDict[str, Family] = OrderedDict()
        self._pending: OrderedDict[_Key, _Pending] = OrderedDict()

    def hear(self, exchange: Exchange, decision: Decision) -> None:
        """Take notice of a call before its answer is sent, or of its end."""
        event, snapshot, family = exchange.event, exchange.snapshot, exchange.family
        if event is None or snapshot is None or not family or snapshot.config.whose_work is WhoseWork.OFF:
            return
        is_refused = decision.verdict is Verdict.DENY or exchange.answered == Verdict.DENY.word
        if event.kind is EventKind.PRE_TOOL and not is_refused:
            self._begun(exchange, event)
        elif event.kind in _POSTS and event.tool is not None:
            self._ended(family, event)
        elif event.kind in _ENDS and event.agent_id is None:
            self._over(family)

    def whose(self, stake: Stake, family: str) -> Held:
        """Whose the bytes at stake are, as seen from a session."""
        return whose(stake, family, self._notes.get(stake.path), self._busy(family))

    def is_own(self, path: str, family: str) -> bool:
        """Whether a file is one that no look at its repository could make anybody else's: all of it this session's, or
        nothing there.
        """
        if self._is_slow(path):
            return False
        now = _shape(path)
        note = self._notes.get(path)
        return now is None or (note is not None and note.family == family and note.shape == now and note.before is None)

    def name(self, family: str) -> str:
        """How a session is called in front of people."""
        found = self._families.get(family)
        return "another session" if found is None else found.name

    def dump(self, now: int) -> Iterator[bytes]:
        """All notes, in parts; `now` is Unix time in seconds."""
        notes, families = list(self._notes.items()), list(self._families.items())
        for few in _chunks(notes):
            yield msgspec.msgpack.encode(_Kept(now, dict(few), {}))
        for some in _chunks(families, FAMILIES_AT_ONCE):
            told = {name: replace(family, busy=self._busy(name)) for name, family in some}
            yield msgspec.msgpack.encode(_Kept(now, {}, told))

    def restore(self, parts: Iterable[bytes], now: int) -> None:
        """Take up the notes of a daemon before us; raises msgspec.DecodeError where they are none."""
        oldest = (now - KEPT_SECONDS) * _NANO
        for part in parts:
            kept = _DECODER.decode(part)
            for path, note in kept.notes.items():
                if note.at >= oldest:
                    self._note(path, note)
            for name, family in kept.families.items():
                if family.heard >= oldest:
                    # What ran while nobody listened.
                    busy = with_span(family.busy, kept.at * _NANO, max(now, kept.at) * _NANO)
                    self._put(name, replace(family, busy=busy))

    def _begun(self, exchange: Exchange, event: HookEvent) -> None:
        summary = exchange.summary
        if event.tool is None or summary is None:
            return
        family, now = exchange.family, self._clock()
        self._know(family, event, now)
        is_told = summary.discards.is_told and not summary.deeds.is_cut and not exchange.is_unseen
        paths = _written(summary.deeds)
        if is_told and not paths:
            return
        seen = [path for path in paths[:MOST_PATHS] if not self._is_slow(path)] if is_told else []
        files = {path: _was(path) for path in seen}
        is_told = is_told and len(seen) == len(paths)
        content = event.tool.content
        whole = (
            content[0].encode("utf-8", "replace") if event.tool.kind is ToolKind.WRITE and len(content) == 1 else None
        )
        self._pending[_key(family, event)] = _Pending(
            family, now, files, is_told, None if whole is None else blob_name(whole)
        )
        while len(self._pending) > MOST_PENDING:
            self._close(self._pending.popitem(last=False)[1], now)

    def _ended(self, family: str, event: HookEvent) -> None:
        call = self._pending.pop(_key(family, event), None)
        if call is None:
            return
        now = self._clock()
        is_known = call.is_told and event.outcome is not Outcome.FAILED
        for path, was in call.files.items():
            if os.path.isdir(path):  # noqa: PTH112 - paths are words here, many of them
                is_known = False
                continue
            shape = _shape(path)
            if shape is None or (was is not None and was[0] == shape):
                # It did not write there after all.
                continue
            if self._is_by(call, path, shape, now):
                self._note(path, wrote(self._notes.get(path), family, was, shape, self._busy(family)))
            else:
                self._notes.pop(path, None)
                is_known = False
        if not is_known:
            self._close(call, now + UNENDED_NS if event.outcome is Outcome.RAN else now)

    def _is_by(self, call: _Pending, path: str, shape: Shape, now: int) -> bool:
        """Whether the last write of a file surely was this call's."""
        known = self._notes.get(path)
        if not call.is_told or (known is not None and known.family != call.family and known.at >= call.at):
            return False
        # What was only moved there was written before; what took long, a person may have changed meanwhile.
        is_within = call.at - BEFORE_NS <= min(shape.written, shape.changed) and shape.changed <= now + BEFORE_NS
        return is_within and (now - call.at <= LONGEST_NS or _holds(path, shape, call.content))

    def _over(self, family: str) -> None:
        """A person speaks, or the session ends: whatever ran has ended."""
        now = self._clock()
        for key in [key for key, call in self._pending.items() if call.family == family]:
            call = self._pending.pop(key)
            self._close(call, min(now, call.at + UNENDED_NS))

    def _close(self, call: _Pending, end: int) -> None:
        """Remember that nobody can tell what the session wrote from the call's beginning to `end`."""
        known = self._families.get(call.family)
        if known is not None:
            self._families[call.family] = replace(known, busy=with_span(known.busy, call.at, end))

    def _busy(self, family: str) -> tuple[Span, ...]:
        known = self._families.get(family)
        now = self._clock()
        running = (call for call in self._pending.values() if call.family == family)
        still = [(call.at, min(now, call.at + UNENDED_NS)) for call in running]
        return (*(known.busy if known is not None else ()), *still)

    def _know(self, family: str, event: HookEvent, now: int) -> None:
        known = self._families.pop(family, None)
        name = f"{event.client} session {_plain(event.session_id)[:8]}" if known is None else known.name
        self._put(family, Family(name, now, () if known is None else known.busy))

    def _put(self, name: str, family: Family) -> None:
        self._families[name] = family
        if len(self._families) > MOST_FAMILIES:
            self._families.popitem(last=False)

    def _note(self, path: str, note: Note) -> None:
        self._notes.pop(path, None)
        self._notes[path] = note
        if len(self._notes) > MOST_NOTES:
            self._notes.popitem(last=False)


def _chunks(entries: list[_Entry], size: int = NOTES_AT_ONCE) -> Iterator[list[_Entry]]:
    return (entries[start : start + size] for start in range(0, len(entries), size))


def _written(deeds: Deeds) -> tuple[str, ...]:
    paths = (
        deed.real or deed.target
        for deed in deeds.deeds
        if deed.kind is EffectKind.WRITES and not deed.remote and deed.target is not None
    )
    return tuple(dict.fromkeys(path for path in paths if path is not None))


def _key(family: str, event: HookEvent) -> _Key:
    tool = event.tool
    if tool is None:
        return family, ""
    return family, tool.call_id or hash((event.agent_id, tool.name, tool.script, tool.paths, tool.strings))


def _shape(path: str) -> Shape | None:
    try:
        status = os.lstat(path)
    except (OSError, ValueError):
        return None
    return shape_of(status) if stat.S_ISREG(status.st_mode) else None


def _was(path: str) -> _Was:
    try:
        status = os.lstat(path)
    except (OSError, ValueError):
        return None
    data = _content(path, status)
    return shape_of(status), state_of(status, None if data is None else blob_name(data))


def _holds(path: str, shape: Shape, content: bytes | None) -> bool:
    """Whether the file holds what the call was to write, to the last byte."""
    if content is None:
        return False
    try:
        status = os.lstat(path)
    except OSError:
        return False
    data = _content(path, status)
    return data is not None and shape_of(status) == shape and blob_name(data) == content


def _content(path: str, status: os.stat_result) -> bytes | None:
    if not stat.S_ISREG(status.st_mode) or status.st_size > MOST_READ:
        return None
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            return file.read(MOST_READ + 1)
    except OSError:
        return None


def _plain(text: str) -> str:
    return "".join(char for char in text if char.isascii() and char.isprintable())

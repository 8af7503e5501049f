"""New records of the log from a mark on: across segments, never half a line, and nothing kept between two readings.

All knowledge of the log's files that this folder has is in `read_after`.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from security_hooks.audit.reader import before, last_lines, read_from, segments_of
from security_hooks.insight.cursor import BEGINNING, Mark

# Enough for any batch; one larger record comes alone.
MOST_BYTES = 4 << 20


class Envelope(msgspec.Struct, frozen=True):
    """What is read of every record; `fields` stays as it is until somebody wants it."""

    seq: int
    hash: str
    kind: str
    at: str
    fields: msgspec.Raw


_ENVELOPE = msgspec.json.Decoder(Envelope)


@dataclass(frozen=True, slots=True)
class Entry:
    """One record as it stands in the log, without its newline."""

    line: bytes
    record: Envelope

    @property
    def key(self) -> str:
        """What tells a record from every other: the same each time it is delivered."""
        return f"{self.record.seq}-{self.record.hash}"


@dataclass(frozen=True, slots=True)
class Reading:
    """What there is after a mark, and the mark behind it. `is_full`: there may be more.

    `missed` counts records that the log lacks, `unreadable` lines that are none; `is_anew`: the log is another one than
    the mark was of, and was read from its beginning.
    """

    entries: tuple[Entry, ...]
    mark: Mark
    is_full: bool = False
    missed: int = 0
    unreadable: int = 0
    is_anew: bool = False


def read_after(directory: Path, mark: Mark, most: int, most_bytes: int = MOST_BYTES) -> Reading:
    """The records after a mark that are there now, up to a number and a size; raises AuditError."""
    is_anew = not _stands(directory, mark)
    mark = BEGINNING if is_anew else mark
    entries: list[Entry] = []
    size = missed = unreadable = 0
    for line, cursor in read_from(directory, mark.cursor):
        if len(entries) >= most or (entries and size + len(line) > most_bytes):
            return Reading(tuple(entries), mark, True, missed, unreadable, is_anew)
        try:
            record = _ENVELOPE.decode(line)
        except msgspec.DecodeError:
            unreadable += 1
            mark = Mark(cursor.segment, cursor.offset, mark.seq)
            continue
        if mark.seq:
            missed += max(0, record.seq - mark.seq - 1)
        entries.append(Entry(line[:-1], record))
        size += len(line)
        mark = Mark(cursor.segment, cursor.offset, record.seq, record.hash, len(line))
    return Reading(tuple(entries), mark, len(entries) >= most, missed, unreadable, is_anew)


def end_of(directory: Path) -> Mark:
    """The mark behind the last record; raises AuditError."""
    lines, cursor = last_lines(directory, 1)
    if not lines:
        return BEGINNING
    try:
        record = _ENVELOPE.decode(lines[0])
    except msgspec.DecodeError:
        return Mark(cursor.segment, cursor.offset)
    return Mark(cursor.segment, cursor.offset, record.seq, record.hash, len(lines[0]))


def mark_before(directory: Path, seq: int) -> Mark:
    """A mark from which reading meets record `seq` without much before it."""
    firsts = [first for first, _ in segments_of(directory) if first <= seq]
    return Mark(firsts[-1]) if firsts else BEGINNING


class Changes:
    """Tells that there is something new to everybody who waits for it."""

    def __init__(self) -> None:
        self.seen = 0
        self._happened = asyncio.Event()

    def tell(self) -> None:
        """Something changed."""
        self.seen += 1
        happened, self._happened = self._happened, asyncio.Event()
        happened.set()

    async def wait(self, seen: int, seconds: float | None = None) -> None:
        """Return once there is more than was seen, or the time is over."""
        if self.seen != seen:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._happened.wait()
        except TimeoutError:
            return


async def follow(directory: Path, mark: Mark, changes: Changes, most: int = 1000) -> AsyncIterator[Reading]:
    """All after a mark, then what comes; never ends. Raises AuditError."""
    while True:
        seen = changes.seen
        reading = read_after(directory, mark, most)
        if reading.mark != mark:
            mark = reading.mark
            yield reading
        if not reading.is_full:
            await changes.wait(seen)
        # Whoever else lives in this loop has a turn, however much there is to read.
        await asyncio.sleep(0)


async def next_batch(directory: Path, mark: Mark, changes: Changes, most: int, seconds: float) -> Reading:
    """The next records: as soon as there are `most`, or some time after the first of them. Raises AuditError.

    What was read is read again, and not kept, while others are waited for.
    """
    loop = asyncio.get_running_loop()
    deadline: float | None = None
    while True:
        seen = changes.seen
        reading = read_after(directory, mark, most)
        now = loop.time()
        if reading.entries and deadline is None:
            deadline = now + seconds
        if reading.is_full or (deadline is not None and now >= deadline):
            return reading
        await changes.wait(seen, None if deadline is None else deadline - now)


def _stands(directory: Path, mark: Mark) -> bool:
    """Whether the record before the mark is still there; also where its segment is gone and later ones are there."""
    names = segments_of(directory)
    if mark.segment == 0 or not names:
        return True
    if mark.segment not in {first for first, _ in names}:
        return names[-1][0] > mark.segment
    line = before(directory, mark.cursor, mark.size)
    if line is None:
        return False
    return mark.hash.encode() in line and line.endswith(b"\n") if mark.size else True

"""What a log's directory says at start: where the chain stands, and what was wrong with its end.

A torn last line was never answered for, so it is cut off. A whole line that is not a valid record stays as evidence:
the chain goes on in a new segment and links to that line's bytes. A compressed segment is never written to: where it is
the last one, the chain goes on in a new one as well. Raises OSError.
"""

import io
import os
from dataclasses import dataclass

from security_hooks.audit.chain import START, may_be_torn, raw_hash, unseal
from security_hooks.audit.segment import is_compressed, open_file, segment_names
from security_hooks.model.record import Json

_BLOCK = 65_536


@dataclass(frozen=True, slots=True)
class Found:
    """The head of the chain. `segment` is the file to go on with, None for a new one; `notes` go into the log."""

    head: str
    seq: int
    segment: str | None
    notes: tuple[dict[str, Json], ...] = ()


def recover(directory: int) -> Found:
    """Mend the end of the log as far as it may be mended, and say where to go on."""
    notes: list[dict[str, Json]] = []
    for first, name in reversed(segment_names(directory)):
        if is_compressed(name):
            return _after_compressed(directory, first, name, notes)
        file = open_file(directory, name, os.O_RDWR)
        try:
            line, tail, size = _end_of(file)
            if tail and may_be_torn(tail):
                os.ftruncate(file, size)
                notes.append({"problem": "torn_line", "segment": name, "bytes": len(tail)})
                tail = b""
            if size == 0 and not tail:
                os.unlink(name, dir_fd=directory)
                continue
            link = unseal(line) if not tail else None
            if link is not None and link.seq >= first:
                return Found(link.hash, link.seq, name, tuple(notes))
            last = tail or line
            seq = first + _count_lines(file) + bool(tail) - 1
            notes.append({"problem": "broken_tail", "segment": name, "line_sha256": raw_hash(last)})
            return Found(raw_hash(last), seq, None, tuple(notes))
        finally:
            os.close(file)
    return Found(START, 0, None, tuple(notes))


def _after_compressed(directory: int, first: int, name: str, notes: list[dict[str, Json]]) -> Found:
    # Such a segment is the last one after a crash that left nothing in the one after it.
    from security_hooks.audit.compressed import CompressedSegment

    last, count = b"", 0
    with os.fdopen(open_file(directory, name, os.O_RDONLY), "rb") as file:
        for line in io.BufferedReader(CompressedSegment(file)):
            last, count = line, count + 1
    line = last.removesuffix(b"\n")
    link = unseal(line)
    if link is not None and link.seq >= first:
        return Found(link.hash, link.seq, None, tuple(notes))
    notes.append({"problem": "broken_tail", "segment": name, "line_sha256": raw_hash(line)})
    return Found(raw_hash(line), first + max(count, 1) - 1, None, tuple(notes))


def _end_of(file: int) -> tuple[bytes, bytes, int]:
    """The last whole line without its newline, the bytes after it, and the size of all whole lines."""
    start = os.fstat(file).st_size
    end = b""
    while start > 0 and end.count(b"\n") < 2:
        length = min(start, max(_BLOCK, len(end)))
        start -= length
        end = os.pread(file, length, start) + end
    whole, newline, tail = end.rpartition(b"\n")
    return whole.rpartition(b"\n")[2], tail, start + len(whole) + len(newline)


def _count_lines(file: int) -> int:
    count = position = 0
    while block := os.pread(file, 1 << 20, position):
        count += block.count(b"\n")
        position += len(block)
    return count

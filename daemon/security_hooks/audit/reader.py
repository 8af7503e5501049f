"""Reads the log without the daemon and without its lock: by cursor, from the end, or as a whole.

The log is the spool: whoever delivers or stores records keeps a `Cursor` of its own and reads on from there. Lines
come as bytes, newline included; the last one may lack it while it is being written. A compressed segment reads as it
did before, at the same offsets.
"""

import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from security_hooks.audit.chain import unseal
from security_hooks.audit.failure import AuditError
from security_hooks.audit.segment import COMPRESSED, is_compressed, segment_names

LONGEST_LINE = 1 << 26
_BLOCK = 65_536


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """A place between two records: the first sequence number of a segment and an offset in it."""

    segment: int
    offset: int


def read_from(directory: Path, cursor: Cursor) -> Iterator[tuple[bytes, Cursor]]:
    """Every whole line after the cursor that is there now, each with the cursor behind it."""
    for first, name in segments_of(directory):
        if first < cursor.segment:
            continue
        offset = cursor.offset if first == cursor.segment else 0
        with _open(directory, name) as file:
            file.seek(offset)
            while (line := file.readline(LONGEST_LINE)).endswith(b"\n"):
                offset += len(line)
                yield line, Cursor(first, offset)


def start_of(directory: Path, segments: int) -> Cursor:
    """Where the last so many segments begin."""
    found = segments_of(directory)[-segments:]
    return Cursor(found[0][0] if found else 0, 0)


def ends_with(directory: Path, cursor: Cursor, tail: bytes) -> bool:
    """Whether what stands before the cursor still ends like this."""
    return before(directory, cursor, len(tail)) == tail


def before(directory: Path, cursor: Cursor, most: int) -> bytes | None:
    """What stands before the cursor in its segment, so many bytes at most; None where that is gone, or ends sooner."""
    for first, name in segments_of(directory):
        if first == cursor.segment:
            with _open(directory, name) as file:
                if file.seek(0, os.SEEK_END) < cursor.offset:
                    return None
                start = max(0, cursor.offset - most)
                file.seek(start)
                return file.read(cursor.offset - start)
    return None


def last_lines(directory: Path, count: int) -> tuple[list[bytes], Cursor]:
    """The last `count` whole lines, oldest first, and the cursor behind the last."""
    lines: list[bytes] = []
    end = Cursor(0, 0)
    for first, name in reversed(segments_of(directory)):
        with _open(directory, name) as file:
            found, size = _last_of(file, count - len(lines))
        lines[:0] = found
        end = max(end, Cursor(first, size))
        if len(lines) >= count:
            break
    return lines, end


def find_record(directory: Path, seq: int) -> bytes | None:
    """The line of the record with this sequence number, if its segment has it whole."""
    holders = [name for first, name in segments_of(directory) if first <= seq]
    for name in holders[-1:]:
        with _open(directory, name) as file:
            mark = b'","seq":%d,"v":' % seq
            while line := file.readline(LONGEST_LINE):
                if mark in line[-64:]:
                    link = unseal(line.rstrip(b"\n"))
                    if link is None or link.seq == seq:
                        return line
    return None


def whole_log(directory: Path) -> Iterator[tuple[str, int, Iterator[bytes]]]:
    """Every segment in order, with its name, the number it carries and its lines: what `verify` takes."""
    for first, name in segments_of(directory):
        yield name, first, _lines_of(directory, name)


def has_log(directory: Path) -> bool:
    """Whether there is any segment."""
    return bool(segments_of(directory))


def start_of_log(directory: Path) -> int:
    """The number of the first record there is, by the name of its segment; 1 where there is none."""
    found = segments_of(directory)
    return found[0][0] if found else 1


def segments_of(directory: Path) -> list[tuple[int, str]]:
    """Every segment there is, oldest first, with its first sequence number; raises AuditError."""
    try:
        return segment_names(directory)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise AuditError(f"the audit log in {directory} cannot be read: {error.strerror}") from error


def ends_of_segment(directory: Path, name: str) -> tuple[bytes, bytes]:
    """The first and the last whole line of a segment, empty where there is none; raises AuditError."""
    with _open(directory, name) as file:
        first = file.readline(LONGEST_LINE)
        last, _ = _last_of(file, 1)
    return (first if first.endswith(b"\n") else b""), b"".join(last)


def size_of(directory: Path) -> int:
    """The bytes of all segments, as long as they are when they are not compressed; raises AuditError."""
    size = 0
    for _, name in segments_of(directory):
        with _open(directory, name) as file:
            size += file.seek(0, os.SEEK_END)
    return size


def _open(directory: Path, name: str) -> BinaryIO:
    """The segment, plain or not: it may have been compressed since its name was read."""
    names = (name,) if is_compressed(name) else (name, f"{name}{COMPRESSED}")
    for path in map(directory.joinpath, names):
        try:
            file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
        except FileNotFoundError:
            continue
        except OSError as error:
            raise AuditError(f"{path} cannot be read: {error.strerror}") from error
        return _decompressing(file) if is_compressed(path.name) else file
    raise AuditError(f"{directory / name} was removed while the log was being read; try again")


def _decompressing(file: BinaryIO) -> BinaryIO:
    # Loaded only by who meets a compressed segment: it takes as long as forty calls to judge.
    from security_hooks.audit.compressed import CompressedSegment

    return io.BufferedReader(CompressedSegment(file), _BLOCK)


def _lines_of(directory: Path, name: str) -> Iterator[bytes]:
    with _open(directory, name) as file:
        while line := file.readline(LONGEST_LINE):
            yield line


def _last_of(file: BinaryIO, count: int) -> tuple[list[bytes], int]:
    """Up to `count` whole lines from the end of one segment, and the size of all its whole lines."""
    start = file.seek(0, os.SEEK_END)
    end = b""
    while start > 0 and end.count(b"\n") <= count:
        length = min(start, max(_BLOCK, len(end)))
        start -= length
        file.seek(start)
        end = file.read(length) + end
    whole = end[: end.rfind(b"\n") + 1]
    lines = whole.splitlines(keepends=True)
    if start > 0:
        # The first of these may have begun before what was read.
        lines = lines[1:]
    return lines[max(len(lines) - count, 0) :], start + len(whole)

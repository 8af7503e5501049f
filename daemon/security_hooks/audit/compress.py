"""Compresses a closed segment: a file beside it, forced to the disk and renamed, and only then the plain one goes.

A crash at any step leaves the plain file, or both of the same content; readers take the plain one while there is one.
What is left of an attempt is written over by the next. Raises AuditError, and then the plain file is as it was.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from security_hooks.audit.failure import AuditError
from security_hooks.audit.segment import COMPRESSED, UNFINISHED, open_directory, open_file


@dataclass(frozen=True, slots=True)
class Shrunk:
    """The bytes of a segment before and after."""

    before: int
    after: int


def compress_segment(log: Path, name: str, rest: Callable[[], None] = lambda: None) -> Shrunk:
    """Compress one plain segment that is not written to any more; `rest` is called after each mebibyte."""
    try:
        directory = open_directory(log)
        try:
            return _compress(directory, name, rest)
        finally:
            os.close(directory)
    except OSError as error:
        raise AuditError(f"{log / name} cannot be compressed: {error.strerror or error}") from error


def room_for(log: Path, name: str, reserve: int) -> bool:
    """Whether the disk has space for the segment once more and for twice the reserve: what others need is not taken."""
    try:
        status = os.statvfs(log)
        needed = (log / name).stat(follow_symlinks=False).st_size + 2 * reserve
    except OSError as error:
        raise AuditError(f"{log / name} cannot be looked at: {error.strerror}") from error
    return status.f_bavail * status.f_frsize >= needed


def _compress(directory: int, name: str, rest: Callable[[], None]) -> Shrunk:
    # The library takes some milliseconds to load, and no start waits for it.
    from security_hooks.audit.compressed import compressed

    beside, target = f"{name}{COMPRESSED}{UNFINISHED}", f"{name}{COMPRESSED}"
    plain = open_file(directory, name, os.O_RDONLY)
    try:
        before = os.fstat(plain).st_size
        try:
            after = _write(directory, beside, compressed(_chunks(plain, rest)))
        except (OSError, AuditError):
            with contextlib.suppress(OSError):
                os.unlink(beside, dir_fd=directory)
            raise
        os.rename(beside, target, src_dir_fd=directory, dst_dir_fd=directory)
        os.fsync(directory)
        os.unlink(name, dir_fd=directory)
        os.fsync(directory)
    finally:
        os.close(plain)
    return Shrunk(before, after)


def _chunks(file: int, rest: Callable[[], None]) -> Iterator[bytes]:
    from security_hooks.audit.compressed import FRAME_BYTES

    position = 0
    while chunk := os.pread(file, FRAME_BYTES, position):
        position += len(chunk)
        yield chunk
        rest()


def _write(directory: int, name: str, parts: Iterator[bytes]) -> int:
    size = 0
    file = open_file(directory, name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    try:
        for part in parts:
            left = memoryview(part)
            while left:
                left = left[os.write(file, left) :]
            size += len(part)
        os.fsync(file)
    finally:
        os.close(file)
    return size

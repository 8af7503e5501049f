"""Files of the log: its directory, its lock, and one segment at a time open for appending.

Everything is opened relative to the directory's descriptor and never through a symbolic link. Raises OSError; the
writer says what that means.
"""

import contextlib
import errno
import fcntl
import os
import re
import stat
from pathlib import Path

# A closed segment that was compressed has this behind its name, one that is being compressed the other besides.
COMPRESSED = ".zst"
UNFINISHED = ".new"
_NAME = re.compile(r"([0-9]{8,16})\.jsonl(?:\.zst)?")
_LOCK = "lock"


def segment_name(first: int) -> str:
    """The name of the segment whose first record has this sequence number."""
    return f"{first:08d}.jsonl"


def first_of(name: str) -> int | None:
    """The sequence number that a segment's name carries; None for other files."""
    form = _NAME.fullmatch(name)
    return int(form[1]) if form is not None else None


def segment_names(directory: int | Path) -> list[tuple[int, str]]:
    """All segments of a directory, oldest first, each with its first sequence number.

    While there is a plain file, the compressed one beside it does not count.
    """
    names = frozenset(os.listdir(directory))  # noqa: PTH208 - a descriptor at start, where the path may not be trusted
    return sorted(
        (first, name)
        for name in names
        if (first := first_of(name)) is not None
        and not (is_compressed(name) and name.removesuffix(COMPRESSED) in names)
    )


def is_compressed(name: str) -> bool:
    """Whether the segment of this name is a compressed one."""
    return name.endswith(COMPRESSED)


def files_of(first: int) -> tuple[str, ...]:
    """Every name that a segment may have files under, the finished ones last."""
    plain = segment_name(first)
    return (f"{plain}{COMPRESSED}{UNFINISHED}", plain, f"{plain}{COMPRESSED}")


def open_directory(path: Path) -> int:
    """A descriptor of the log's directory, which is made if need be, belongs to us and is closed to others."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
    directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        status = os.fstat(directory)
        if status.st_uid != os.geteuid():
            raise PermissionError(errno.EPERM, "belongs to another user", str(path))
        if stat.S_IMODE(status.st_mode) & 0o077:
            os.fchmod(directory, 0o700)
    except OSError:
        os.close(directory)
        raise
    return directory


def take_lock(directory: int) -> int:
    """The lock that makes us the only writer, held until closed; BlockingIOError names who holds it."""
    lock = os.open(
        _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600, dir_fd=directory
    )
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(lock, 0)
        os.pwrite(lock, b"%d\n" % os.getpid(), 0)
    except BlockingIOError as error:
        holder = os.pread(lock, 32, 0).strip().decode("ascii", "replace")
        os.close(lock)
        raise BlockingIOError(error.errno, f"process {holder}" if holder.isdigit() else "another process") from None
    except OSError:
        os.close(lock)
        raise
    return lock


def open_file(directory: int, name: str, flags: int) -> int:
    """A regular file of ours, closed to others."""
    file = os.open(name, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600, dir_fd=directory)
    try:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or status.st_nlink != 1:
            raise PermissionError(errno.EPERM, "not a regular file of ours alone", name)
        if stat.S_IMODE(status.st_mode) != 0o600:
            os.fchmod(file, 0o600)
    except OSError:
        os.close(file)
        raise
    return file


class Segment:
    """One segment, open for appending. `size` is what we wrote or found; `file` closes with `close`."""

    __slots__ = ("_identity", "_path", "file", "name", "size")

    def __init__(self, directory: int, path: Path, name: str, *, new: bool) -> None:
        flags = os.O_WRONLY | os.O_APPEND | (os.O_CREAT | os.O_EXCL if new else 0)
        self.file = open_file(directory, name, flags)
        self.name = name
        self._path = str(path / name)
        status = os.fstat(self.file)
        self.size = status.st_size
        self._identity = (status.st_dev, status.st_ino)

    def displaced(self) -> str | None:
        """What happened to the file behind our back; None while it is there and as we left it."""
        try:
            # On the path of every call, where pathlib would cost more than the write itself.
            status = os.stat(self._path, follow_symlinks=False)  # noqa: PTH116
        except FileNotFoundError:
            return "segment_removed"
        if (status.st_dev, status.st_ino) != self._identity:
            return "segment_replaced"
        if status.st_size != self.size:
            return "segment_changed"
        return None

    def append(self, line: bytes) -> None:
        """Write the line whole with one call, or raise and leave the file as it was."""
        written = os.write(self.file, line)
        if written != len(line):
            # If this fails too, `displaced` sees the wrong size, and nothing is ever appended behind half a line.
            os.ftruncate(self.file, self.size)
            raise OSError(errno.ENOSPC, f"{os.strerror(errno.ENOSPC)} ({written} of {len(line)} bytes written)")
        self.size += written

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self.file)

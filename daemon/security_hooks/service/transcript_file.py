"""One transcript on the disk: what was appended to it, line by line.

The path came with a payload, so it is opened with care: a regular file of our own user, on a disk that answers, below
the directory in which its client keeps such files, also once every link is followed.
"""

import os
import stat
from collections.abc import Callable, Iterator

# Of a transcript that was there before it was followed, this much of its end is read.
TAIL_BYTES = 1 << 20
# A result with an image in it takes a few MiB.
LINE_BYTES = 16 << 20
_CHUNK = 1 << 18
MISSING = "it is not there"


class TranscriptFile:
    """What there is to read at `path`. `may_hang` knows disks that may not answer."""

    def __init__(self, path: str, directory: str, may_hang: Callable[[str], bool]) -> None:
        self.path = path
        self.directory = directory
        # Why it cannot be read, or empty; and how many lines were too long.
        self.problem = ""
        self.too_long = 0
        self._may_hang = may_hang
        self._identity: tuple[int, int] | None = None
        self._offset = 0
        self._rest = bytearray()
        self._is_skipping = False

    def lines(self) -> Iterator[bytes]:
        """The whole lines that came since the last time. One that was cut back or replaced is read from its end on."""
        descriptor = self._opened()
        if descriptor < 0:
            return
        try:
            while chunk := os.pread(descriptor, _CHUNK, self._offset):
                self._offset += len(chunk)
                yield from self._split(chunk)
        except OSError as error:
            self.problem = f"it cannot be read: {error.strerror}"
        finally:
            os.close(descriptor)

    def _split(self, chunk: bytes) -> Iterator[bytes]:
        *whole, rest = chunk.split(b"\n")
        for part in whole:
            line = bytes(self._rest) + part
            self._rest.clear()
            if not self._is_skipping:
                yield line
            self._is_skipping = False
        self._rest += b"" if self._is_skipping else rest
        if len(self._rest) > LINE_BYTES:
            self._rest.clear()
            self._is_skipping = True
            self.too_long += 1

    def _opened(self) -> int:
        """A descriptor to read from; negative, with the problem noted, where there is none."""
        real = os.path.realpath(self.path)
        if not real.startswith(os.path.realpath(self.directory) + "/"):
            return self._refuse(f"it lies outside {self.directory}")
        if self._may_hang(real):
            return self._refuse("it is on a disk that may not answer")
        try:
            descriptor = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        except FileNotFoundError:
            return self._refuse(MISSING)
        except OSError as error:
            return self._refuse(f"it cannot be opened: {error.strerror}")
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.getuid():
            os.close(descriptor)
            return self._refuse("it is no file of this user's")
        self.problem = ""
        identity = (status.st_dev, status.st_ino)
        if identity != self._identity or status.st_size < self._offset:
            self._identity = identity
            self._offset = max(0, status.st_size - TAIL_BYTES)
            # The first line is whole only where it is the first of the file.
            self._is_skipping = self._offset > 0
            self._rest.clear()
        return descriptor

    def _refuse(self, problem: str) -> int:
        self.problem = problem
        return -1

"""Disk space held back, so that a full disk leaves room for the denials that follow from it."""

import contextlib
import os
import sys

from security_hooks.audit.segment import open_file

_NAME = "reserve"


class Reserve:
    """A file of real blocks in the log's directory. Raises OSError."""

    def __init__(self, directory: int, size: int) -> None:
        self._directory = directory
        self._size = size

    def make(self) -> None:
        """Hold the space back; on failure nothing is held."""
        file = open_file(self._directory, _NAME, os.O_WRONLY | os.O_CREAT)
        try:
            _allocate(file, self._size)
            os.ftruncate(file, self._size)
        except OSError:
            self.release()
            raise
        finally:
            os.close(file)

    def release(self) -> bool:
        """Give the space back; whether there was any."""
        with contextlib.suppress(OSError):
            os.unlink(_NAME, dir_fd=self._directory)
            return True
        return False

    def has_room(self) -> bool:
        """Whether the disk has space for the reserve and as much again."""
        status = os.fstatvfs(self._directory)
        return status.f_bavail * status.f_frsize >= 2 * self._size


def _allocate(file: int, size: int) -> None:
    if sys.platform == "darwin":
        block = bytes(65_536)
        for start in range(0, size, len(block)):
            os.pwrite(file, block[: size - start], start)
    else:
        os.posix_fallocate(file, 0, size)

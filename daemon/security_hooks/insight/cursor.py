"""How far a reader of the log has come, kept in a file of its own.

The file is replaced as a whole. One that is missing or spoilt means that the reader begins anew, so that it is given
records again rather than never.
"""

import contextlib
import os
from pathlib import Path

import msgspec

from security_hooks.audit.reader import Cursor


class Mark(msgspec.Struct, frozen=True):
    """The place behind a record, and which record that is: its number, its hash and the bytes of its line.

    The log was begun anew where that record does not stand there any more.
    """

    segment: int = 0
    offset: int = 0
    seq: int = 0
    hash: str = ""
    size: int = 0

    @property
    def cursor(self) -> Cursor:
        """The place alone."""
        return Cursor(self.segment, self.offset)


BEGINNING = Mark()


def load_mark(path: Path) -> Mark | None:
    """The mark in a file; None where there is none that can be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Mark)
    except (OSError, msgspec.DecodeError):
        return None


def save_mark(path: Path, mark: Mark) -> None:
    """Replace the file, and have it on the disk; raises OSError, and then the old one stands."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(file, "wb") as opened:
            opened.write(msgspec.json.encode(mark))
            opened.flush()
            os.fsync(opened.fileno())
        beside.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise

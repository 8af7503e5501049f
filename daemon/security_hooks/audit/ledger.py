"""The checkpoints kept beside the log, in `STATE/checkpoints.jsonl`: what tells of an end that was cut off.

One line is the fields of one checkpoint, or of what was said of records that were pruned. A line that a crash has cut
short stays as it is, and the next begins a new one. Raises AuditError.
"""

import os
from pathlib import Path

from security_hooks.audit.checkpoint import Checkpoint, decode_checkpoint
from security_hooks.audit.encode import canonical
from security_hooks.audit.failure import AuditError
from security_hooks.audit.prune import Prune, decode_prune

LEDGER = "checkpoints.jsonl"


def keep(state: Path, signed: Checkpoint | Prune) -> None:
    """Add what was signed and force it to the disk."""
    path = state / LEDGER
    try:
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        file = os.open(path, flags, 0o600)
        try:
            size = os.fstat(file).st_size
            is_torn = size > 0 and os.pread(file, 1, size - 1) != b"\n"
            line = b"%b%b\n" % (b"\n" if is_torn else b"", canonical(signed.fields()))
            if os.write(file, line) != len(line):
                raise AuditError(f"{path} cannot be written: no space is left")
            os.fsync(file)
        finally:
            os.close(file)
    except OSError as error:
        raise AuditError(f"{path} cannot be written: {error.strerror}") from error


def kept(path: Path) -> list[tuple[int, Checkpoint]]:
    """All checkpoints of a file, each with the number of its line; none where there is no file."""
    decoded = ((number, decode_checkpoint(line)) for number, line in enumerate(_lines(path), start=1))
    return [(number, checkpoint) for number, checkpoint in decoded if checkpoint is not None]


def kept_prunes(path: Path) -> list[Prune]:
    """All that a file says of records that were pruned; nothing where there is no file."""
    return [prune for prune in map(decode_prune, _lines(path)) if prune is not None]


def _lines(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise AuditError(f"{path} cannot be read: {error.strerror}") from error

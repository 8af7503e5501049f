"""Appends records to the log, one write each, before the call they are about is answered.

Called from the loop only, with no queue between; `sync` alone may run in another thread. A record is either in the
log whole when `append` returns, or `AuditError` is raised, the record is counted, and a `gap` record says so as soon
as writing works again. The chain head belongs to this object.
"""

import errno
import os
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from security_hooks.audit.chain import seal
from security_hooks.audit.encode import canonical, timestamp
from security_hooks.audit.failure import AuditError
from security_hooks.audit.recovery import recover
from security_hooks.audit.redact import Redactor
from security_hooks.audit.reserve import Reserve
from security_hooks.audit.segment import Segment, open_directory, segment_name, take_lock
from security_hooks.audit.settings import WriterSettings
from security_hooks.model.failure import StartupError
from security_hooks.model.record import AuditRecord, Json, RecordKind

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_SIGNED = frozenset({RecordKind.CHECKPOINT, RecordKind.PRUNE})
_RETRY_NANOSECONDS = 1_000_000_000


class AuditWriter:
    """The only writer of a log. Opening it takes the lock, mends a torn end and goes on with the chain."""

    def __init__(self, directory: Path, settings: WriterSettings, clock: Callable[[], int] = time.time_ns) -> None:
        """Raises StartupError where the log cannot be written, or is being written by another process."""
        self._path = directory
        self._settings = settings
        self._clock = clock
        self._redactor = Redactor(settings)
        self._missed: Counter[str] = Counter()
        self._since = 0
        self._why = ""
        self._full = False
        self._tried = 0
        self._unsynced = False
        self._closed = False
        self._retired: deque[Segment] = deque()
        self._syncing = threading.Lock()
        opened: list[int] = []
        try:
            self._directory = open_directory(directory)
            opened.append(self._directory)
            self._lock = take_lock(self._directory)
            opened.append(self._lock)
            found = recover(self._directory)
            self._head, self._seq = found.head, found.seq
            self._notes = deque(found.notes)
            self._segment = self._open(found.segment or segment_name(found.seq + 1), new=found.segment is None)
        except OSError as error:
            for descriptor in reversed(opened):
                os.close(descriptor)
            raise StartupError(_why_not_opened(directory, error)) from error
        self._reserve = Reserve(self._directory, settings.reserve_bytes)
        try:
            self._reserve.make()
        except OSError:
            # Not fatal: what can be written is written, and the reserve is made when there is room.
            self._full = True

    @property
    def sequence(self) -> int:
        """The number of the last record written."""
        return self._seq

    @property
    def head(self) -> tuple[int, str]:
        """The number and the hash of the last record written."""
        return self._seq, self._head

    @property
    def segment(self) -> str:
        """The name of the file that is written to."""
        return self._segment.name

    @property
    def is_full(self) -> bool:
        """Whether the disk is full: then only denials and our own records are written."""
        return self._full

    @property
    def needs_sync(self) -> bool:
        """Whether anything was written since the last `sync`."""
        return self._unsynced

    def use_secrets(self, values: Mapping[str, str]) -> None:
        """Replace these values of secret environment variables, by name, in all records from now on."""
        self._settings = replace(self._settings, secret_values=dict(values))
        self._redactor = Redactor(self._settings)

    def redact(self, text: str) -> str:
        """The text as a record would hold it, each secret replaced."""
        return self._redactor.redact(text)

    def append(self, record: AuditRecord) -> int:
        """Write the record and return its sequence number; raises AuditError, and then the record is not written."""
        if self._closed:
            raise AuditError(f"the audit log in {self._path} is closed")
        try:
            fields = self._encode(record)
            if self._full:
                self._admit(record)
            if self._missed or self._notes:
                self._write_notes()
            return self._write(record.kind, record.at, fields)
        except OSError as error:
            if error.errno in _FULL and not self._full and self._reserve.release():
                return self._spend_reserve(error, record, fields)
            self._miss(record, error.strerror or str(error))
            raise AuditError(f"the audit log in {self._path} cannot be written: {self._why}") from error
        except (TypeError, ValueError, RecursionError) as error:
            self._miss(record, f"{type(error).__name__} while encoding")
            raise AuditError(f"a record cannot be encoded: {error}") from error

    def sync(self) -> None:
        """Force all that was written to the disk. May run in another thread than `append`; raises AuditError."""
        with self._syncing:
            self._unsynced = False
            try:
                while self._retired:
                    segment = self._retired[0]
                    os.fsync(segment.file)
                    self._retired.popleft()
                    segment.close()
                os.fsync(self._segment.file)
                os.fsync(self._directory)
            except OSError as error:
                self._unsynced = True
                if not self._notes:
                    self._notes.append({"problem": "sync_failed", "reason": error.strerror or str(error)})
                raise AuditError(f"the audit log in {self._path} cannot be forced to the disk: {error}") from error

    def close(self) -> None:
        """Sync and let go of the log; the writer is of no use afterwards. Closing again does nothing."""
        if self._closed:
            return
        self._closed = True
        try:
            self.sync()
        finally:
            with self._syncing:
                for segment in (*self._retired, self._segment):
                    segment.close()
                self._retired.clear()
                os.close(self._directory)
                os.close(self._lock)

    def _encode(self, record: AuditRecord) -> bytes:
        # What is signed holds nothing of a call, and a placeholder in it would spoil its signature.
        if record.kind in _SIGNED:
            return canonical(record.fields)
        return self._redactor.encode(record.fields, known_plain=record.is_plain)

    def _open(self, name: str, *, new: bool) -> Segment:
        return Segment(self._directory, self._path, name, new=new)

    def _write(self, kind: RecordKind, at: int, fields: bytes) -> int:
        problem = self._segment.displaced()
        if problem is not None:
            self._leave_segment(problem)
        seq = self._seq + 1
        line, digest = seal(self._head, seq, timestamp(at), kind.value, fields)
        if self._segment.size and self._segment.size + len(line) > self._settings.segment_bytes:
            self._rotate()
        self._segment.append(line)
        self._head, self._seq = digest, seq
        self._unsynced = True
        return seq

    def _rotate(self) -> None:
        segment = self._open(segment_name(self._seq + 1), new=True)
        self._retired.append(self._segment)
        self._segment = segment

    def _leave_segment(self, problem: str) -> None:
        """Somebody meddled with the open segment: what we know of the chain goes on in a new one, which says so."""
        here, ours = self._path.stat(follow_symlinks=False), os.fstat(self._directory)
        if (here.st_dev, here.st_ino) != (ours.st_dev, ours.st_ino):
            raise OSError(errno.ESTALE, "its directory was removed or replaced; restart the daemon")
        note: dict[str, Json] = {"problem": problem, "segment": self._segment.name}
        self._rotate()
        try:
            self._write(RecordKind.ERROR, self._clock(), self._redactor.encode(note))
        except OSError:
            self._notes.append(note)
            raise

    def _admit(self, record: AuditRecord) -> None:
        """On a full disk: let the record in if there is room again or the reserve is for such records."""
        if record.at - self._tried >= _RETRY_NANOSECONDS:
            self._tried = record.at
            if self._space_is_back():
                return
        if record.kind is RecordKind.DECISION and record.fields.get("verdict") != "deny":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _space_is_back(self) -> bool:
        try:
            if self._reserve.has_room():
                self._reserve.make()
                self._full = False
        except OSError:
            # A quota, or space gone again: still full.
            self._full = True
        return not self._full

    def _spend_reserve(self, error: OSError, record: AuditRecord, fields: bytes) -> int:
        """The disk is full: with the space of the reserve, tell of it, and still record a denial."""
        self._full = True
        self._tried = record.at
        self._why = error.strerror or str(error)
        denial = record.kind is not RecordKind.DECISION or record.fields.get("verdict") == "deny"
        if not denial:
            self._miss(record, self._why)
        try:
            self._since = self._since or record.at
            self._write_gap(reserve_released=True)
            if denial:
                return self._write(record.kind, record.at, fields)
        except OSError:
            if denial:
                self._miss(record, self._why)
        raise AuditError(f"the audit log in {self._path} cannot be written: {self._why}") from error

    def _miss(self, record: AuditRecord, why: str) -> None:
        verdict = record.fields.get("verdict")
        named = record.kind is RecordKind.DECISION and isinstance(verdict, str)
        self._missed[str(verdict) if named else record.kind.value] += 1
        self._since = self._since or record.at
        self._why = why

    def _write_notes(self) -> None:
        """What is owed to the log goes in before the next record."""
        while self._notes:
            self._write(RecordKind.ERROR, self._clock(), self._redactor.encode(self._notes[0]))
            self._notes.popleft()
        if self._missed:
            self._write_gap()

    def _write_gap(self, **more: Json) -> None:
        missed: dict[str, Json] = dict(sorted(self._missed.items()))
        fields: dict[str, Json] = {"missed": missed, "reason": self._why, "since": timestamp(self._since), **more}
        self._write(RecordKind.GAP, self._clock(), self._redactor.encode(fields))
        self._missed.clear()
        self._since = 0


def _why_not_opened(directory: Path, error: OSError) -> str:
    if isinstance(error, BlockingIOError):
        return f"the audit log in {directory} is being written by {error.strerror}; stop that daemon first"
    if error.errno == errno.ELOOP or (error.errno == errno.ENOTDIR and directory.is_symlink()):
        return f"the audit log in {directory} is reached through a symbolic link, which is not followed"
    return f"the audit log in {directory} cannot be opened: {error.strerror or error}"

"""Signs checkpoints of the log while calls go on: the path of a call only counts, a thread does the rest.

One is due after so many records, when the log goes on in a new file, and a while after a record that none covers. The
log is forced to the disk before its checkpoint is, so that after a crash of the machine no checkpoint is about records
that were never stored. What fails here is told on stderr and tried again when the next one is due; no call knows of it.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from security_hooks.audit.encode import timestamp
from security_hooks.audit.failure import AuditError
from security_hooks.model.record import AuditRecord, RecordKind

if TYPE_CHECKING:
    from security_hooks.audit.checkpoint import Checkpoint
    from security_hooks.audit.keys import SigningKey

# Loading the library that signs holds up others for a few milliseconds: not the calls that wait for a daemon to start.
AFTER_START_SECONDS = 1.0
LOG = logging.getLogger("security-hooks")
# With more records than this since its signing began, `verify` no longer knows the hash: then it is kept beside the log
# alone.
FARTHEST = 50_000


class Log(Protocol):
    """The writer of the log, as far as it is needed here."""

    @property
    def head(self) -> tuple[int, str]:
        """Number and hash of the last record."""

    @property
    def segment(self) -> str:
        """The name of the file that is written to."""

    @property
    def is_full(self) -> bool:
        """Whether the disk is full, and what is left of it is for denials."""

    def sync(self) -> None:
        """Flush what was appended; may take as long as the disk does."""


@dataclass(frozen=True, slots=True)
class Often:
    """How many records go uncovered at most, and for how long."""

    records: int
    seconds: float


class Checkpointer:
    """`policy` is the digest of the policy in force; `append` puts a record into the log."""

    def __init__(
        self,
        log: Log,
        state: Path,
        often: Callable[[], Often],
        policy: Callable[[], str],
        append: Callable[[AuditRecord], int],
    ) -> None:
        self._log = log
        self._state = state
        self._often = often
        self._policy = policy
        self._append = append
        self._most = often().records
        self._segment = log.segment
        self._uncovered = 0
        self._wanted = asyncio.Event()
        self._due = asyncio.Event()

    def saw(self, kind: RecordKind) -> None:
        """A record was appended; called on the path of every call."""
        if kind is RecordKind.CHECKPOINT:
            return
        self._uncovered += 1
        if self._uncovered == 1:
            self._wanted.set()
        if self._uncovered >= self._most or self._log.segment != self._segment:
            self._due.set()

    async def run(self) -> None:
        """Make the key if there is none, then a checkpoint whenever one is due."""
        await asyncio.sleep(AFTER_START_SECONDS)
        with _told("no key was made"):
            await asyncio.to_thread(_signing, self._state)
        while True:
            await self._wanted.wait()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._due.wait(), self._often().seconds)
            self._uncovered, self._segment = 0, self._log.segment
            self._most = self._often().records
            self._wanted.clear()
            self._due.clear()
            if not await self._cover():
                self._uncovered = 1
                self._wanted.set()

    def finish(self) -> None:
        """Cover the end of the log, beside it alone: the record that says that we stopped is its last."""
        with _told("the end of the log is covered by no checkpoint"):
            if not self._log.is_full:
                self._take(self._log.head, self._policy())

    async def _cover(self) -> bool:
        """One checkpoint of the log as it is now; whether it was made."""
        # What is left of a full disk is for denials.
        if self._log.is_full:
            return False
        head, policy = self._log.head, self._policy()
        with _told("no checkpoint was made"):
            checkpoint = await asyncio.to_thread(self._take, head, policy)
            if self._log.head[0] - head[0] <= FARTHEST:
                self._append(AuditRecord(RecordKind.CHECKPOINT, time.time_ns(), checkpoint.fields()))
            return True
        return False

    def _take(self, head: tuple[int, str], policy: str) -> "Checkpoint":
        key = _signing(self._state)
        from security_hooks.audit.checkpoint import sign_checkpoint
        from security_hooks.audit.ledger import keep

        self._log.sync()
        checkpoint = sign_checkpoint(head, timestamp(time.time_ns()), policy, key)
        keep(self._state, checkpoint)
        return checkpoint


@contextlib.contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except AuditError as error:
        LOG.error("%s: %s", what, error)


def _signing(state: Path) -> "SigningKey":
    """The key. The library that signs takes as long to load as fifty calls to judge, so it is not loaded at start."""
    try:
        from security_hooks.audit.keys import own_key
    except ImportError as error:
        mend = "pip install --force-reinstall cryptography"
        raise AuditError(f"the library that signs cannot be loaded ({error}): {mend}") from error
    return own_key(state)

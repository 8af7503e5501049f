"""Delivers records to every sink: each from a mark of its own, batch after batch, until its peer has taken it.

The log is the spool. What a peer does not take is read again later, so nothing is kept here but the batch under way;
a record whose delivery is in doubt is delivered again, and its key tells the receiver.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from security_hooks.audit.failure import AuditError
from security_hooks.insight.backoff import Backoff
from security_hooks.insight.cursor import BEGINNING, load_mark, save_mark
from security_hooks.insight.follow import Changes, Reading, end_of, next_batch
from security_hooks.insight.kept_going import kept_going
from security_hooks.insight.sinks.http import HttpOutbox
from security_hooks.insight.sinks.outbox import DeliveryError, Outbox
from security_hooks.insight.sinks.syslog import syslog_outbox
from security_hooks.model.insight import SinkReport, SinkState
from security_hooks.model.sink import Sink, SinkKind, Start

LOG = logging.getLogger("security-hooks")
_OTLP = "pip install 'security-hooks[otlp]'"

Report = Callable[[SinkReport], None]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all sinks of a process share. `make` opens a sink's outbox; raises DeliveryError."""

    log_directory: Path
    state_directory: Path
    changes: Changes
    report: Report
    make: Callable[[Sink], Outbox]
    backoff: Callable[[], Backoff] = lambda: Backoff(random.random)
    clock: Callable[[], float] = time.time

    def mark_of(self, sink: Sink) -> Path:
        """The file that says how far a sink has come."""
        return self.state_directory / "sinks" / f"{sink.name}.json"


def outbox_of(sink: Sink) -> Outbox:
    """The way to a sink's peer; raises DeliveryError where what it needs is not installed."""
    match sink.kind:
        case SinkKind.HTTP:
            return HttpOutbox(sink)
        case SinkKind.SYSLOG:
            return syslog_outbox(sink)
        case SinkKind.OTLP:
            try:
                # Loaded only for who has such a sink: it is an optional dependency, and a large one.
                from security_hooks.insight.sinks.otlp import OtlpOutbox
            except ImportError as error:
                raise DeliveryError(f"opentelemetry-proto is not installed; run `{_OTLP}`", mend=_OTLP) from error
            return OtlpOutbox(sink)


async def keep_delivering(sink: Sink, around: Surroundings) -> None:
    """One sink, whatever happens to it: a defect in one protocol is no matter of the others."""
    since = 0

    def failed(why: str, failures: int) -> None:
        nonlocal since
        since = since if failures > 1 and since else int(around.clock())
        sequence = (load_mark(around.mark_of(sink)) or BEGINNING).seq
        around.report(
            SinkReport(
                sink.name,
                sink.kind,
                SinkState.FAILING,
                sequence,
                failures=failures,
                down_since=since,
                error=why,
                mend="report it, with what the daemon's log says",
            )
        )

    await kept_going(
        f"sink {sink.name}", lambda backoff: _Delivery(sink, around, backoff).run(), around.backoff(), failed
    )


class _Delivery:
    """One sink's way through the log."""

    def __init__(self, sink: Sink, around: Surroundings, backoff: Backoff) -> None:
        self._sink = sink
        self._around = around
        self._file = around.mark_of(sink)
        self._mark = load_mark(self._file) or BEGINNING
        self._backoff = backoff
        self._most = sink.batch_events
        self._now = SinkReport(sink.name, sink.kind, sequence=self._mark.seq)

    async def run(self) -> None:
        """Read, send, remember; never ends of itself."""
        around = self._around
        around.report(self._now)
        if self._mark == BEGINNING and self._sink.start is Start.NOW and not self._file.exists():
            self._mark = end_of(around.log_directory)
            await self._remember()
        outbox: Outbox | None = None
        try:
            while True:
                try:
                    reading = await next_batch(
                        around.log_directory, self._mark, around.changes, self._most, self._sink.batch_seconds
                    )
                    outbox = outbox or around.make(self._sink)
                    rejected = await outbox.send(reading.entries) if reading.entries else 0
                except (DeliveryError, AuditError) as error:
                    await self._wait(error)
                else:
                    await self._took(reading, rejected)
        finally:
            if outbox is not None:
                outbox.close()

    async def _took(self, reading: Reading, rejected: int) -> None:
        self._backoff.succeeded()
        self._most = min(self._sink.batch_events, 2 * self._most)
        self._mark = reading.mark
        now = self._now
        if reading.is_anew:
            LOG.warning("sink %s: the log was begun anew, and is delivered from its beginning", self._sink.name)
        self._now = msgspec.structs.replace(
            now,
            state=SinkState.DELIVERING,
            sequence=self._mark.seq,
            delivered=now.delivered + len(reading.entries),
            failures=0,
            down_since=0,
            error="",
            mend="",
            missed=now.missed + reading.missed,
            unreadable=now.unreadable + reading.unreadable,
            rejected=now.rejected + rejected,
        )
        await self._remember()
        if now.failures:
            LOG.info("sink %s delivers again", self._sink.name)
        self._around.report(self._now)

    async def _wait(self, error: DeliveryError | AuditError) -> None:
        wanted = 0.0
        if isinstance(error, DeliveryError):
            wanted = error.retry_after
            self._most = max(1, self._most // 2) if error.is_too_large else self._most
        seconds = self._backoff.failed(wanted)
        now = self._now
        if not now.failures:
            LOG.warning("sink %s: %s; its records wait in the log", self._sink.name, error)
        self._now = msgspec.structs.replace(
            now,
            state=SinkState.FAILING,
            failures=self._backoff.failures,
            failures_in_all=now.failures_in_all + 1,
            down_since=now.down_since or int(self._around.clock()),
            error=str(error),
            mend=error.mend if isinstance(error, DeliveryError) else "security-hooks audit verify",
        )
        self._around.report(self._now)
        await asyncio.sleep(seconds)

    async def _remember(self) -> None:
        """Where that fails we go on: after a restart some records are delivered again."""
        warning = ""
        try:
            await asyncio.to_thread(save_mark, self._file, self._mark)
        except OSError as error:
            warning = f"{self._file} cannot be written: {error.strerror or error}"
        self._now = msgspec.structs.replace(self._now, warning=warning)

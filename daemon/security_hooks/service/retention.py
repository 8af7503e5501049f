"""Compresses what the log has left behind and removes what is over its limits: off the path of calls, now and then.

Threads do the work, a mebibyte at a time, so that a call never waits for it; the record of what goes is appended before
anything is removed. What fails is told on stderr and tried again the next time: no call knows of it.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from security_hooks.audit.compress import compress_segment, room_for
from security_hooks.audit.encode import timestamp
from security_hooks.audit.failure import AuditError
from security_hooks.audit.pruning import announce, closed_segments, plan_for, remove
from security_hooks.audit.retention import Limits, Plan
from security_hooks.audit.segment import is_compressed
from security_hooks.insight.cursor import load_mark
from security_hooks.model.record import AuditRecord, Json, RecordKind
from security_hooks.model.sink import Sink, Start
from security_hooks.policy.config_types import AuditSettings, Switch
from security_hooks.service.peer import Peer
from security_hooks.service.prune_messages import Pruned, decode_request, encode_answer

if TYPE_CHECKING:
    from security_hooks.audit.prune import Prune

LOG = logging.getLogger("security-hooks")
# The calls that a daemon was started for, and those that made the log go on in a new file, come first.
QUIET_SECONDS = 5.0
EVERY_SECONDS = 3600.0
# What failed is tried again sooner: who has mended it waits to see that.
AGAIN_SECONDS = 300.0
# Between two mebibytes, each some milliseconds of work.
REST_SECONDS = 0.02
# What a sink has not taken is kept until the log is so many times as large as it may be.
FAR_OVER = 2
_DAY = 86_400_000_000_000


class Log(Protocol):
    """The writer of the log, as far as it is needed here."""

    @property
    def segment(self) -> str:
        """The name of the file that is written to."""

    @property
    def is_full(self) -> bool:
        """Whether the disk is full."""

    def sync(self) -> None:
        """Flush what was appended; may take as long as the disk does."""


class Trouble(msgspec.Struct, frozen=True):
    """Why the log could not be kept within its limits, `failures` times in a row, since Unix time in seconds."""

    problem: str = ""
    mend: str = ""
    since: int = 0
    failures: int = 0


class Retention:
    """Keeps the log in `state` within what `settings` say. `sinks` are those configured, `append` puts a record into
    the log, `object_to` says why a process is not taken for a person's, `clock` tells Unix time for reports.
    """

    def __init__(
        self,
        log: Log,
        state: Path,
        settings: Callable[[], AuditSettings],
        sinks: Callable[[], tuple[Sink, ...]],
        append: Callable[[AuditRecord], int],
        object_to: Callable[[int], str | None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._log = log
        self._state = state
        self._directory = state / "audit"
        self._settings = settings
        self._sinks = sinks
        self._append = append
        self._object_to = object_to
        self._clock = clock
        self._segment = log.segment
        self._left = asyncio.Event()
        self._turn = asyncio.Lock()
        self._is_ending = False
        self._trouble = Trouble()

    def saw(self) -> None:
        """A record was appended; called on the path of every call."""
        if self._log.segment != self._segment:
            self._segment = self._log.segment
            self._left.set()

    async def run(self) -> None:
        """Look at the log some time after each new file, and every hour; runs until cancelled."""
        try:
            while True:
                await asyncio.sleep(QUIET_SECONDS)
                self._left.clear()
                await self.look()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._left.wait(), AGAIN_SECONDS if self._trouble.problem else EVERY_SECONDS)
        finally:
            # A thread that compresses leaves off at its next mebibyte, and holds up no end.
            self._is_ending = True

    async def look(self) -> None:
        """Compress what is closed, and remove what is over a limit."""
        settings = self._settings()
        async with self._turn:
            problem = mend = ""
            try:
                if settings.compress is Switch.ON:
                    problem = await self._compress(settings.reserve_bytes)
                    mend = f"df -h {self._directory}; once there is room it goes on by itself"
                limits = limits_of(settings, time.time_ns())
                if limits is not None:
                    await self._prune(limits)
            except AuditError as error:
                LOG.error("retention of the audit log: %s", error)
                problem, mend = str(error), f"security-hooks audit verify; ls -l {self._directory}"
            self._trouble = _after(self._trouble, problem, mend, int(self._clock()))

    def report(self) -> dict[str, Json]:
        """Plain data for `status`: empty texts where all is well."""
        return dict(msgspec.to_builtins(self._trouble))

    async def answer(self, payload: bytes, peer: Peer) -> bytes:
        """The answer to `@prune`: done for a person alone, or told what would be done."""
        request = decode_request(payload)
        if request is None:
            return encode_answer(
                Pruned(refused="this daemon does not understand what is asked; run `security-hooks restart`")
            )
        if not _is_same(Path(request.log), self._directory):
            return encode_answer(Pruned(elsewhere=str(self._directory)))
        refused = None if request.dry_run else self._object_to(peer.pid)
        if refused is not None:
            return encode_answer(Pruned(refused=refused))
        async with self._turn:
            try:
                if request.dry_run:
                    wanted = await asyncio.to_thread(plan_for, self._directory, request.limits(), self._taken())
                    return encode_answer(Pruned.of(wanted))
                return encode_answer(Pruned.of(*await self._prune(request.limits())))
            except AuditError as error:
                return encode_answer(Pruned(refused=str(error)))

    async def _compress(self, reserve: int) -> str:
        """Compress all there is room for; why not everything, or nothing."""
        for segment in await asyncio.to_thread(closed_segments, self._directory):
            if is_compressed(segment.name):
                continue
            if self._log.is_full or not room_for(self._directory, segment.name, reserve):
                problem = f"there is no room to compress {self._directory / segment.name}"
                LOG.warning("%s", problem)
                return problem
            await asyncio.to_thread(compress_segment, self._directory, segment.name, self._rest)
        return ""

    async def _prune(self, limits: Limits) -> tuple[Plan, int]:
        """What went, and the number of the record that says so; 0 where nothing did."""
        wanted = await asyncio.to_thread(plan_for, self._directory, limits, self._taken())
        if not wanted.segments:
            return wanted, 0
        at = time.time_ns()
        said = await asyncio.to_thread(announce, self._state, wanted, limits, timestamp(at))
        seq = self._append(AuditRecord(RecordKind.PRUNE, at, said.fields()))
        await asyncio.to_thread(carry_out, self._log, self._state, said, wanted)
        LOG.info("%d records of the audit log were pruned: %s", wanted.records, limits.spelled())
        return wanted, seq

    def _taken(self) -> dict[str, int]:
        return taken_by(self._state, {sink.name: sink.start for sink in self._sinks()})

    def _rest(self) -> None:
        if self._is_ending:
            raise AuditError("the daemon ends; what was begun is done at its next start")
        time.sleep(REST_SECONDS)


def _after(before: Trouble, problem: str, mend: str, now: int) -> Trouble:
    if not problem:
        return Trouble()
    return Trouble(problem, mend, before.since or now, before.failures + 1)


def carry_out(log: Log, state: Path, said: "Prune", wanted: Plan) -> None:
    """Remove what a record of the log says is removed, once that record is on the disk; raises AuditError."""
    from security_hooks.audit.ledger import keep

    log.sync()
    keep(state, said)
    remove(state / "audit", wanted.segments)


def limits_of(settings: AuditSettings, now: int) -> Limits | None:
    """What the configuration says of a time (Unix, in nanoseconds); None where the log is kept whole."""
    days, most = settings.keep_days, settings.keep_bytes
    if not days and not most:
        return None
    return Limits(
        "retention",
        timestamp(max(now - days * _DAY, 0)) if days else None,
        most or None,
        FAR_OVER * most or None,
    )


def taken_by(state: Path, sinks: Mapping[str, Start]) -> dict[str, int]:
    """Up to which record each sink has the log. One that begins with what comes next has missed nothing."""
    found: dict[str, int] = {}
    for name, start in sinks.items():
        path = state / "insight/sinks" / f"{name}.json"
        mark = load_mark(path)
        if mark is not None:
            found[name] = max(mark.seq, mark.segment - 1)
        elif start is Start.OLDEST or path.exists():
            found[name] = 0
    return found


def _is_same(one: Path, other: Path) -> bool:
    with contextlib.suppress(OSError):
        return one.samefile(other)
    return False

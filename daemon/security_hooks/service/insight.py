"""The daemon's end of the process that reads its log: kept running while it is wanted, told of news, never waited for.

What it does is nothing that a call needs. One that dies is started again, at longer and longer intervals where it dies
young; one that does not answer is killed.
"""

import asyncio
import logging
import time
from pathlib import Path

import msgspec

from security_hooks.model.record import Json
from security_hooks.service.insight_messages import Follow, Message, Standing, Wake
from security_hooks.service.worker_process import WorkerProcess, worker_of

LOG = logging.getLogger("security-hooks")
# The calls that a daemon was started for come first.
QUIET_SECONDS = 1.0
# News that come sooner after others are told together.
GATHER_SECONDS = 0.5
# Far more than a batch takes, and starting.
ANSWER_SECONDS = 30.0
YOUNG_SECONDS = 10.0
LONGEST_PAUSE_SECONDS = 60.0
_DECODER: msgspec.msgpack.Decoder[Standing] = msgspec.msgpack.Decoder(Standing)


class Insight:
    """One process. `run` keeps it running from the first `use(True)` on, and tells it of what `wake` says."""

    def __init__(self, log: Path, store: Path, quiet_seconds: float = QUIET_SECONDS) -> None:
        self._log = log
        self._store = store
        self._quiet_seconds = quiet_seconds
        insight = worker_of("insight")
        self._process: WorkerProcess[Standing] = WorkerProcess(insight, _DECODER.decode, self._wanted_again)
        self._wanted = asyncio.Event()
        self._enabled = False
        self._started = 0.0
        self._deaths = 0
        self._number = 0
        self._standing = Standing(0)

    def use(self, *, enabled: bool) -> None:
        """Whether there is to be a process from now on."""
        self._enabled = enabled
        self._wanted.set()

    def wake(self) -> None:
        """Something was written to the log."""
        self._wanted.set()

    def report(self, sequence: int) -> dict[str, Json]:
        """Plain data for `status`; `sequence` is the number of the last record written."""
        return {
            "enabled": self._enabled,
            "pid": self._process.pid,
            "restarts": max(0, self._process.starts - 1),
            "sequence": self._standing.sequence,
            "behind": max(0, sequence - self._standing.sequence),
            "problem": self._standing.problem,
        }

    async def run(self) -> None:
        """Keep the process up to date; runs until cancelled."""
        await asyncio.sleep(self._quiet_seconds)
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            if not self._enabled:
                self._process.stop()
                continue
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await self._tell()
            except (TimeoutError, OSError, EOFError) as error:
                LOG.warning("the process that reads the log is gone: %s", type(error).__name__)
                self._process.stop()
                await asyncio.sleep(self._pause())
                self._wanted.set()
                continue
            if not self._standing.is_current and not self._standing.problem:
                self._wanted.set()
            await asyncio.sleep(GATHER_SECONDS)

    async def close(self) -> None:
        """End the process for good."""
        await self._process.close()

    async def _tell(self) -> None:
        if not self._process.is_alive:
            self._started = time.monotonic()
            await self._process.start()
            self._standing = await self._ask(Follow(self._next(), str(self._log), str(self._store)))
        else:
            self._standing = await self._ask(Wake(self._next()))

    async def _ask(self, message: Message) -> Standing:
        return await self._process.ask(message.number, msgspec.msgpack.encode(message))

    def _pause(self) -> float:
        """How long to wait before the next start: none after a long life."""
        if time.monotonic() - self._started > YOUNG_SECONDS:
            self._deaths = 0
            return 0.0
        self._deaths += 1
        return min(LONGEST_PAUSE_SECONDS, 2.0 ** (self._deaths - 1))

    def _wanted_again(self) -> None:
        self._wanted.set()

    def _next(self) -> int:
        self._number += 1
        return self._number

"""The daemon's end of the process that reads its log: started, told of news, watched, restarted, reported.

Nothing of a call ever waits for it: the log is all that it gets, and what it does not read it reads later.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping

import msgspec

from security_hooks.insight.backoff import Backoff
from security_hooks.insight.kept_going import WELL_SECONDS
from security_hooks.model.insight import (
    MANY_FAILURES,
    InsightNews,
    InsightQuestion,
    InsightReport,
    InsightSettings,
    SinkReport,
)
from security_hooks.model.record import Json
from security_hooks.service.worker_process import WorkerProcess, worker_of

LOG = logging.getLogger("security-hooks")
ROLE = "insight"
# The calls that a daemon was started for come first.
QUIET_SECONDS = 1.0
# News that come within so long are told together.
GATHER_SECONDS = 0.5
# A process that says nothing for so long hangs; it is asked to speak a good deal earlier.
ANSWER_SECONDS = 60.0
_ASKED = 1 / 6
FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
_NEWS = msgspec.msgpack.encode(InsightNews())
_DECODER: msgspec.msgpack.Decoder[InsightReport] = msgspec.msgpack.Decoder(InsightReport)


class InsightProcess:
    """One process while there is something for it to do. `chance` gives numbers from 0 to below 1."""

    def __init__(
        self,
        environment: Mapping[str, str],
        chance: Callable[[], float] = random.random,
        quiet_seconds: float = QUIET_SECONDS,
    ) -> None:
        self._environment = environment
        self._quiet_seconds = quiet_seconds
        self._process: WorkerProcess[InsightReport] = WorkerProcess(worker_of(ROLE), _DECODER.decode, lambda: None)
        self._settings = InsightSettings("", "")
        self._changed = asyncio.Event()
        self._telling: asyncio.TimerHandle | None = None
        self._report = InsightReport(0)
        self._backoff = Backoff(chance, FIRST_WAIT, LONGEST_WAIT)
        self._number = 0
        self._restarts = 0
        self._ended = ""

    @property
    def pid(self) -> int | None:
        """The process id while there is one."""
        return self._process.pid

    def use(self, settings: InsightSettings) -> None:
        """What is to be done from now on; a process that does something else is replaced at once."""
        if settings == self._settings:
            return
        self._settings = settings
        self._backoff.succeeded()
        self._report = InsightReport(0)
        self._process.stop()
        self._changed.set()

    def wake(self) -> None:
        """Something was written to the log."""
        # One that is yet to be started reads all that is there.
        if self._telling is None and self._process.is_alive:
            self._telling = asyncio.get_running_loop().call_later(GATHER_SECONDS, self._tell)

    async def run(self) -> None:
        """Keep a process while there is something for one to do; runs until cancelled."""
        await asyncio.sleep(self._quiet_seconds)
        loop = asyncio.get_running_loop()
        while True:
            self._changed.clear()
            if not self._settings.is_needed:
                await self._changed.wait()
                continue
            begun = loop.time()
            why = await self._keep(self._settings)
            if self._changed.is_set():
                continue
            if loop.time() - begun > WELL_SECONDS:
                self._backoff.succeeded()
            seconds = self._backoff.failed()
            self._restarts += 1
            self._ended = why
            LOG.warning("the process that reads the log %s; another starts in %.1f s", why, seconds)
            try:
                async with asyncio.timeout(seconds):
                    await self._changed.wait()
            except TimeoutError:
                continue

    async def close(self) -> None:
        """End the process for good."""
        if self._telling is not None:
            self._telling.cancel()
        await self._process.close()

    def report(self, sequence: int) -> dict[str, Json]:
        """Plain data for `status`; `sequence` is the last record of the log."""
        settings, told = self._settings, self._report
        known = {sink.name: sink for sink in told.sinks}
        sinks = [known.get(sink.name) or SinkReport(sink.name, sink.kind) for sink in settings.sinks]
        failures = (self._backoff.failures, told.store.failures, told.metrics.failures, *(s.failures for s in sinks))
        rows: list[Json] = [{**msgspec.to_builtins(sink), "behind": max(0, sequence - sink.sequence)} for sink in sinks]
        store: dict[str, Json] = {
            "enabled": bool(settings.store),
            "sequence": told.store.sequence,
            "behind": max(0, sequence - told.store.sequence) if settings.store else 0,
            "failures": told.store.failures,
            "problem": told.store.problem,
        }
        return {
            "well": max(failures) < MANY_FAILURES,
            "needed": settings.is_needed,
            "pid": self.pid,
            "restarts": self._restarts,
            "failures": self._backoff.failures,
            "problem": self._ended,
            "store": store,
            "sinks": rows,
            "metrics": {"address": told.metrics.address, "problem": told.metrics.problem},
        }

    def _tell(self) -> None:
        self._telling = None
        self._process.tell(_NEWS)

    async def _keep(self, settings: InsightSettings) -> str:
        """Start a process and hear of it until it is gone; what became of it."""
        names = {sink.secret_env for sink in settings.sinks if sink.secret_env}
        # Nothing else of the environment reaches it: what a sink needs is named in its table.
        given = {name: value for name, value in self._environment.items() if name in names}
        self._process.program = worker_of(ROLE, given)
        try:
            await self._process.start()
            self._process.tell(msgspec.msgpack.encode(settings))
            while True:
                self._number += 1
                body = msgspec.msgpack.encode(InsightQuestion(self._number, ANSWER_SECONDS * _ASKED))
                async with asyncio.timeout(ANSWER_SECONDS):
                    report = await self._process.ask(self._number, body)
                if settings is self._settings:
                    self._report = report
        except TimeoutError:
            why = "hangs, and was killed"
        except EOFError:
            why = "ended"
        except OSError as error:
            why = f"cannot be started: {error.strerror or error}"
        self._process.stop()
        return why

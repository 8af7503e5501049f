"""The daemon's end of the process that delivers records and serves metrics: started, watched, restarted, reported.

Nothing of a call ever waits for it: the log is all that it gets, and what it does not read it reads later.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping

import msgspec

from security_hooks.model.insight import InsightQuestion, InsightReport, InsightSettings, SinkReport
from security_hooks.model.record import Json
from security_hooks.service.worker_process import Program, WorkerProcess

LOG = logging.getLogger("security-hooks")
MODULE = "security_hooks.insight.main"
# A process that says nothing for so long hangs; it is asked to speak a good deal earlier.
ANSWER_SECONDS = 60.0
_ASKED = 1 / 6
FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
# A process that lived so long was well; what killed it is no reason to wait longer than the first time.
_WELL_SECONDS = 60.0
# A few failures in a row are an outage that may pass; more are for a person to look at.
_MANY = 5
_DECODER: msgspec.msgpack.Decoder[InsightReport] = msgspec.msgpack.Decoder(InsightReport)


class InsightProcess:
    """One process while there is something for it to do. `chance` gives numbers from 0 to below 1."""

    def __init__(self, environment: Mapping[str, str], chance: Callable[[], float] = random.random) -> None:
        self._environment = environment
        self._chance = chance
        self._process: WorkerProcess[InsightReport] = WorkerProcess(Program(MODULE), _DECODER.decode, lambda: None)
        self._settings: InsightSettings | None = None
        self._changed = asyncio.Event()
        self._report: InsightReport | None = None
        self._number = 0
        self._restarts = 0
        self._deaths = 0

    @property
    def pid(self) -> int | None:
        """The process id while there is one."""
        return self._process.pid

    def use(self, settings: InsightSettings) -> None:
        """What is to be done from now on; a process that does something else is replaced at once."""
        wanted = settings if settings.sinks or settings.metrics else None
        if wanted == self._settings:
            return
        self._settings = wanted
        self._deaths = 0
        self._report = None
        self._process.stop()
        self._changed.set()

    async def run(self) -> None:
        """Keep a process while there are settings for one; runs until cancelled."""
        while True:
            self._changed.clear()
            if self._settings is None:
                await self._changed.wait()
                continue
            begun = asyncio.get_running_loop().time()
            why = await self._keep(self._settings)
            if self._changed.is_set():
                continue
            if asyncio.get_running_loop().time() - begun > _WELL_SECONDS:
                self._deaths = 0
            seconds = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(self._deaths, 16)) * (1.0 + self._chance()) / 2.0
            self._deaths += 1
            self._restarts += 1
            LOG.warning("the delivering process %s; another starts in %.1f s", why, seconds)
            try:
                async with asyncio.timeout(seconds):
                    await self._changed.wait()
            except TimeoutError:
                continue

    async def close(self) -> None:
        """End the process for good."""
        await self._process.close()

    def report(self, sequence: int) -> dict[str, Json]:
        """Plain data for `status`; `sequence` is the last record of the log."""
        settings, report = self._settings, self._report
        if settings is None:
            return {"well": True, "pid": None, "restarts": 0, "sinks": [], "metrics": "", "metrics_error": ""}
        known = {} if report is None else {sink.name: sink for sink in report.sinks}
        sinks = [known.get(sink.name) or SinkReport(sink.name, sink.kind) for sink in settings.sinks]
        error = "" if report is None else report.metrics_error
        is_well = self._deaths < _MANY and not error and all(sink.failures < _MANY for sink in sinks)
        rows: list[Json] = [{**msgspec.to_builtins(sink), "lag": max(0, sequence - sink.sequence)} for sink in sinks]
        return {
            "well": is_well,
            "pid": self.pid,
            "restarts": self._restarts,
            "sinks": rows,
            "metrics": "" if report is None else report.metrics,
            "metrics_error": error,
        }

    async def _keep(self, settings: InsightSettings) -> str:
        """Start a process and hear of it until it is gone; what became of it."""
        names = {sink.secret_env for sink in settings.sinks if sink.secret_env}
        # Nothing else of the environment reaches it: what a sink needs is named in its table.
        given = {name: value for name, value in self._environment.items() if name in names}
        self._process.program = Program(MODULE, (), given)
        try:
            await self._process.start()
            while True:
                self._number += 1
                body = msgspec.msgpack.encode(InsightQuestion(self._number, settings, ANSWER_SECONDS * _ASKED))
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

"""The detectors of anomalies over the log as it grows: off the path of calls, a little at a time.

Reads what was appended by a cursor of its own, on the loop, for a tenth of a millisecond at a time, and seldom while
calls come in. What the log held when the daemon started is history: it tells what is usual, and raises no alarm.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from security_hooks.audit.encode import timestamp
from security_hooks.audit.reader import read_from, start_of
from security_hooks.insight.anomalies.alert import Alert, Kind
from security_hooks.insight.anomalies.detectors import Detectors
from security_hooks.insight.anomalies.observation import observe
from security_hooks.model.decision import Severity
from security_hooks.model.record import Json
from security_hooks.policy.config_types import Config, OnFailingTool

SLICE_SECONDS = 0.000_1
# Between two slices, where nothing was appended in the meantime and where something was.
IDLE_SECONDS = 0.001
BUSY_SECONDS = 0.02
# What came in the meantime is read in one go.
PAUSE_SECONDS = 0.5
HISTORY_SEGMENTS = 2
MOST_SHOWN = 20
_ORDER = {severity: number for number, severity in enumerate(Severity)}


class AnomalyWatch:
    """Reads the log in `log` since `begun` (Unix time in nanoseconds). `alarm` records what stands out, `stop` has a
    tool of a client asked about and takes the reason; `config` is what is in force now.
    """

    def __init__(
        self,
        log: Path,
        begun: int,
        config: Callable[[], Config],
        alarm: Callable[[dict[str, Json]], None],
        stop: Callable[[str, str, str], None],
    ) -> None:
        self._log = log
        self._begun = timestamp(begun)
        self._config = config
        self._alarm = alarm
        self._stop = stop
        self._detectors = Detectors()
        self._cursor = start_of(log, HISTORY_SEGMENTS)
        self._wanted = asyncio.Event()
        self._recent: deque[Alert] = deque(maxlen=MOST_SHOWN)
        self._untold: deque[Alert] = deque(maxlen=MOST_SHOWN)

    def want(self) -> None:
        """Something was appended."""
        self._wanted.set()

    async def run(self) -> None:
        """Read on, a while after each append; raises AuditError where the log cannot be read."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            await self.read_on()
            await asyncio.sleep(PAUSE_SECONDS)

    async def read_on(self) -> None:
        """Read what there is."""
        self._detectors.multiplier = self._config().anomaly_multiplier
        until = time.perf_counter() + SLICE_SECONDS
        for line, cursor in read_from(self._log, self._cursor):
            # Before the line is looked at: one that nobody can read must not be met again.
            self._cursor = cursor
            self._take(line)
            if time.perf_counter() > until:
                is_busy = self._wanted.is_set()
                # What was appended before this is read below.
                self._wanted.clear()
                await asyncio.sleep(BUSY_SECONDS if is_busy else IDLE_SECONDS)
                until = time.perf_counter() + SLICE_SECONDS

    def news(self) -> str:
        """What stood out and no person was told yet, in a line; empty where there is nothing. Told once."""
        if not self._untold:
            return ""
        # Of equals the last one.
        worst = max(reversed(self._untold), key=lambda alert: _ORDER[alert.severity])
        more = len(self._untold) - 1
        self._untold.clear()
        rest = f", and {more} more" if more else ""
        return f"this stands out ({worst.severity.value}): {worst.text}{rest}; see `security-hooks anomalies`"

    def clear(self, tool: str) -> None:
        """A person has seen to a tool that failed too often."""
        self._detectors.clear(tool)

    def report(self) -> list[Json]:
        """The last alarms, as plain data for `status`."""
        return [{"at": alert.at, **alert.fields()} for alert in self._recent]

    def _take(self, line: bytes) -> None:
        seen = observe(line)
        if seen is None:
            return
        for alert in self._detectors.feed(seen):
            if alert.at >= self._begun:
                self._raise(alert)

    def _raise(self, alert: Alert) -> None:
        self._recent.append(alert)
        self._untold.append(alert)
        is_asked = alert.kind is Kind.TOOL_FAILURE_RATE and self._config().on_failing_tool is OnFailingTool.ASK
        if is_asked and alert.tool is not None:
            self._stop(alert.client, alert.tool, alert.text)
        self._alarm(dict(alert.fields()))

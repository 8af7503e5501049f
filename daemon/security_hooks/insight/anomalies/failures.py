"""How many of a tool's last calls failed. Bounded: the tool that was used longest ago is forgotten."""

from collections import deque
from math import ceil

from security_hooks.insight.anomalies.rates import Reading
from security_hooks.model.decision import Severity

CALLS = 20
PER_CENT = 70
HIGH_PER_CENT = 90
MOST_TOOLS = 256
_THRESHOLD = ceil(CALLS * PER_CENT / 100)


class ToolFailures:
    """The last results of each tool of each client."""

    def __init__(self) -> None:
        self._results: dict[tuple[str, str], deque[bool]] = {}
        self._failed = 0
        self._all = 0

    def take(self, client: str, tool: str, *, has_failed: bool) -> Reading | None:
        """Count one result; a reading where too many of the tool's last calls failed."""
        results = self._results.pop((client, tool), None)
        if results is None:
            results = deque(maxlen=CALLS)
            if len(self._results) >= MOST_TOOLS:
                del self._results[next(iter(self._results))]
        self._results[client, tool] = results
        results.append(has_failed)
        failed = sum(results)
        usual = CALLS * self._failed / self._all if self._all >= CALLS else 0.0
        self._failed += has_failed
        self._all += 1
        if len(results) < CALLS or failed < _THRESHOLD:
            return None
        return Reading(failed, round(usual, 1), _THRESHOLD)

    def clear(self, tool: str) -> None:
        """Forget the results of a tool, whichever client's it is."""
        for key in [key for key in self._results if key[1] == tool]:
            del self._results[key]


def severity_of(reading: Reading) -> Severity:
    """How grave it is that so many failed."""
    return Severity.HIGH if reading.observed * 100 >= CALLS * HIGH_PER_CENT else Severity.MEDIUM

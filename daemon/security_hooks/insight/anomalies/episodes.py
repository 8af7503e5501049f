"""Which alerts are going on: each is told when it begins and when it gets worse, and not while it lasts.

An alert is over when nothing showed it for the length of a window.
"""

from dataclasses import replace

from security_hooks.insight.anomalies.alert import Alert
from security_hooks.model.decision import Severity

MOST = 1_024
_ORDER = {severity: number for number, severity in enumerate(Severity)}


class Episodes:
    """`seconds` is the length of a window."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._last: dict[tuple[str, ...], tuple[float, int]] = {}

    def take(self, alert: Alert, at: float) -> Alert | None:
        """Note that something shows; the alert where it is to be told."""
        before = self._last.pop(alert.key, None)
        if before is not None and at - before[0] > self._seconds:
            before = None
        rank = _ORDER[alert.severity]
        highest = rank if before is None else max(rank, before[1])
        if len(self._last) >= MOST:
            del self._last[next(iter(self._last))]
        self._last[alert.key] = (at, highest)
        if before is None:
            return alert
        return replace(alert, is_worse=True) if rank > before[1] else None

    def end(self, last: str) -> None:
        """Forget the alerts whose key ends in this word."""
        for key in [key for key in self._last if key[-1] == last]:
            del self._last[key]

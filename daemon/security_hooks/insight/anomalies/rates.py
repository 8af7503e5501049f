"""Three rates of a session in its window, each against what is usual for the session and for the machine.

What is expected is the higher of two rates, the session's own before this window and the machine's, times what the
session did in the window. Where there is no history to speak of, or hardly anything is expected, a least number
stands for it, so that a quiet machine does not raise an alarm over one call. A rate that has become usual can hide
little more than half of the calls: it is never taken to be above `_HIGHEST`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

from security_hooks.insight.anomalies.alert import Kind
from security_hooks.insight.anomalies.track import Counts, Track
from security_hooks.model.decision import Severity

# So many times what is expected is an alarm.
MULTIPLIER = 3.0
# Calls, and slots in which anything happened, that make a history.
_CALLS = 50
_SLOTS = 15
_LOWEST = 0.02
_HIGHEST = 0.2
_HIGH = 2.0
_MEDIUM = 1.5


@dataclass(frozen=True, slots=True)
class Reading:
    """A figure that reached its threshold."""

    observed: int
    expected: float
    threshold: int

    @property
    def severity(self) -> Severity:
        """By how far it is over."""
        share = self.observed / self.threshold
        return Severity.HIGH if share >= _HIGH else Severity.MEDIUM if share >= _MEDIUM else Severity.LOW


@dataclass(frozen=True, slots=True)
class Rate:
    """A detector. `least` is what is expected at the least; `is_scaled` says whether the multiplier that was asked for
    acts on it, `floor` how grave it is at the least; `text` is filled with the figures of a reading.
    """

    kind: Kind
    least: float
    is_scaled: bool
    floor: Severity
    observed: Callable[[Track], int]
    expected: Callable[[Counts, Counts, Counts], float]
    text: str

    def read(self, track: Track, machine: Counts, multiplier: float) -> Reading | None:
        """What stands out in a session now, if this does. `machine` is the past of all sessions together."""
        observed = self.observed(track)
        if observed < self.least:
            return None
        expected = max(self.expected(track.window, track.past, machine), self.least)
        threshold = max(ceil((multiplier if self.is_scaled else MULTIPLIER) * expected), 1)
        return Reading(observed, round(expected, 1), threshold) if observed >= threshold else None


def _of_calls(part: Callable[[Counts], int]) -> Callable[[Counts, Counts, Counts], float]:
    """So many of the calls, as of those before."""

    def expected(window: Counts, session: Counts, machine: Counts) -> float:
        rates = (part(past) / past.calls for past in (session, machine) if past.calls >= _CALLS)
        return window.calls * min(max((_LOWEST, *rates)), _HIGHEST)

    return expected


def _files(window: Counts, session: Counts, machine: Counts) -> float:
    """So many in the time in which anything happened, as before."""
    rates = (past.files / past.slots for past in (session, machine) if past.slots >= _SLOTS)
    return window.slots * max((0.0, *rates))


RATES = (
    Rate(
        Kind.DENY_RATE,
        2.0,
        is_scaled=True,
        floor=Severity.LOW,
        observed=lambda track: track.window.denials,
        expected=_of_calls(lambda counts: counts.denials),
        text="{observed} of {calls} calls were denied within {minutes} minutes, where about {expected} are usual",
    ),
    Rate(
        Kind.FILE_READ_VOLUME,
        18.0,
        is_scaled=True,
        floor=Severity.LOW,
        observed=lambda track: track.distinct_files,
        expected=_files,
        text="{observed} different files were read within {minutes} minutes, where about {expected} are usual",
    ),
    Rate(
        Kind.REDACTION_RATE,
        2.0,
        is_scaled=False,
        floor=Severity.MEDIUM,
        observed=lambda track: track.window.secrets,
        expected=_of_calls(lambda counts: counts.secrets),
        text="{observed} of {calls} calls held a secret within {minutes} minutes, where about {expected} are usual",
    ),
)

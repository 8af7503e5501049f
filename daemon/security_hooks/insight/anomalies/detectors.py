"""All detectors, fed with one observation after the other. No clock, no I/O, bounded in memory.

Time is what the records say. One that is a little older than the last counts as of the same time; one that is older
than a window means that somebody has set the clock back, and the windows begin anew.
"""

from collections.abc import Iterator
from math import ceil

from security_hooks.insight.anomalies.alert import Alert, Kind
from security_hooks.insight.anomalies.episodes import Episodes
from security_hooks.insight.anomalies.failures import CALLS, ToolFailures, severity_of
from security_hooks.insight.anomalies.observation import Observation, Phase
from security_hooks.insight.anomalies.rates import MULTIPLIER, RATES, Rate, Reading
from security_hooks.insight.anomalies.shapes import Shapes
from security_hooks.insight.anomalies.track import SLOTS, Counts, Track
from security_hooks.model.decision import Severity

WINDOW_SECONDS = 900
# A machine that has seen so much has a history in which something can be new.
ENOUGH_CALLS = 1_000
ENOUGH_SECONDS = 3 * 86_400
MOST_SESSIONS = 128
_MOST_CALLS = 20_000
_SHOWN = 60


class Detectors:
    """`window` is in seconds; `multiplier` acts on the rates of denials and of files read."""

    def __init__(self, window: int = WINDOW_SECONDS, multiplier: float = MULTIPLIER) -> None:
        self.multiplier = multiplier
        self._window = window
        self._slot_seconds = window / SLOTS
        self._tracks: dict[tuple[str, str], Track] = {}
        self._machine = Counts()
        self._shapes = Shapes()
        self._failures = ToolFailures()
        self._episodes = Episodes(window)
        self._first = 0.0
        self._last = 0.0
        self._slot = 0
        self._calls = 0
        self._has_leaked = False

    def feed(self, seen: Observation) -> tuple[Alert, ...]:
        """Take one observation into account; what stands out with it and was not told before."""
        at = self._advance(seen.at)
        found = self._result(seen) if seen.phase is Phase.RESULT else self._asked(seen)
        told = (self._episodes.take(alert, at) for alert in found)
        return tuple(alert for alert in told if alert is not None)

    def clear(self, tool: str) -> None:
        """Begin anew with a tool's results: a person has seen to it."""
        self._failures.clear(tool)
        self._episodes.end(tool)

    def _advance(self, at: float) -> float:
        if not self._first:
            self._first = self._last = at
        if at < self._last - self._window:
            for track in self._tracks.values():
                self._keep(track.window)
            self._tracks.clear()
            self._first = min(self._first, at)
            self._last = at
            self._slot = int(at / self._slot_seconds)
        self._last = max(self._last, at)
        slot = int(self._last / self._slot_seconds)
        if slot != self._slot:
            self._slot = slot
            for track in self._tracks.values():
                self._keep(track.age(slot))
        return self._last

    def _keep(self, counts: Counts) -> None:
        self._machine.add(counts)
        if self._machine.calls > _MOST_CALLS:
            self._machine.halve()

    def _track(self, client: str, session: str) -> Track:
        """The session's track, as the one used last."""
        track = self._tracks.pop((client, session), None)
        if track is None:
            track = Track()
            if len(self._tracks) >= MOST_SESSIONS:
                self._keep(self._tracks.pop(next(iter(self._tracks))).window)
        self._tracks[client, session] = track
        return track

    @property
    def _has_history(self) -> bool:
        return self._calls >= ENOUGH_CALLS and self._last - self._first >= ENOUGH_SECONDS

    def _asked(self, seen: Observation) -> Iterator[Alert]:
        track = self._track(seen.client, seen.session)
        track.take(self._slot, is_denied=seen.is_denied, has_secret=seen.has_secret, files=seen.files)
        for rate in RATES:
            reading = rate.read(track, self._machine, self.multiplier)
            if reading is not None:
                yield self._of_rate(seen, rate, reading, track.window.calls)
        if seen.has_secret:
            if self._has_history and not self._has_leaked:
                text = f"a secret was in a call{_of(seen)}, the first of {self._calls} calls"
                yield _alert(seen, Kind.REDACTION_RATE, Severity.MEDIUM, Reading(1, 0.0, 1), text)
            self._has_leaked = True
        news = self._shapes.take(seen.client, seen.tool, seen.keys) if seen.tool is not None else None
        if news is not None and self._has_history:
            severity = Severity.MEDIUM if news.is_tool and not seen.is_mcp else Severity.LOW
            text = f"tool `{_short(seen.tool)}` of {seen.client} {news.text}"
            yield _alert(seen, Kind.UNKNOWN_INPUT, severity, Reading(1, 0.0, 1), text, tool=seen.tool)
        self._calls += 1

    def _of_rate(self, seen: Observation, rate: Rate, reading: Reading, calls: int) -> Alert:
        said = rate.text.format(
            observed=reading.observed, calls=calls, minutes=ceil(self._window / 60), expected=f"{reading.expected:g}"
        )
        severity = reading.severity
        if severity is Severity.LOW:
            severity = rate.floor
        return _alert(seen, rate.kind, severity, reading, f"{said}{_of(seen)}")

    def _result(self, seen: Observation) -> Iterator[Alert]:
        if seen.tool is None:
            return
        reading = self._failures.take(seen.client, seen.tool, has_failed=seen.has_failed)
        if reading is not None:
            text = f"{reading.observed} of the last {CALLS} calls of `{_short(seen.tool)}` of {seen.client} failed"
            # About the tool, in whatever sessions.
            yield Alert(
                Kind.TOOL_FAILURE_RATE,
                severity_of(reading),
                seen.when,
                seen.client,
                None,
                seen.tool,
                reading.observed,
                reading.expected,
                reading.threshold,
                text,
            )


def _alert(
    seen: Observation, kind: Kind, severity: Severity, reading: Reading, text: str, tool: str | None = None
) -> Alert:
    figures = (reading.observed, reading.expected, reading.threshold)
    return Alert(kind, severity, seen.when, seen.client, seen.session or None, tool, *figures, text)


def _of(seen: Observation) -> str:
    return f" in session {_short(seen.session)} of {seen.client}" if seen.session else f" of {seen.client or 'nobody'}"


def _short(text: str | None) -> str:
    return (text or "")[:_SHOWN]

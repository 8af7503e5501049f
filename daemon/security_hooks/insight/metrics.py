"""Counts records for Prometheus.

Counting begins with the daemon's life, so that a restart of this process loses none.
"""

from collections.abc import Mapping
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from security_hooks.insight.follow import Changes, Entry, follow, mark_before
from security_hooks.insight.summary import Summary, summary_of
from security_hooks.model.insight import SinkReport, SinkState

# Seconds. A call takes 0.2 ms as a rule; what takes 0.2 s is judged in the process for slow ones.
_BUCKETS = (
    0.0001, 0.0002, 0.0003, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0,
)  # fmt: skip
# Labels come from clients and rules of ours; a log that somebody else wrote must not fill the memory.
_MOST_LABELS = 200


class Metrics:
    """All figures, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self._decisions = Counter(
            "security_hooks_decisions", "Decisions by client and verdict", ("client", "verdict"), registry=registry
        )
        self._would = Counter(
            "security_hooks_would",
            "Decisions that policy would have made otherwise (observe mode, naps, permits), by what it said",
            ("client", "verdict"),
            registry=registry,
        )
        self._failures = Counter(
            "security_hooks_failures", "Decisions that a failure made, by its reason", ("reason",), registry=registry
        )
        self._seconds = Histogram(
            "security_hooks_decision_seconds",
            "Time from the whole request to the decision",
            buckets=_BUCKETS,
            registry=registry,
        )
        self._sequence = Gauge("security_hooks_log_sequence", "The last record of the log", registry=registry)
        self._missed = Counter("security_hooks_log_gaps", "Gap records: some could not be written", registry=registry)
        self._generation = Gauge("security_hooks_policy_generation", "The policy in force", registry=registry)
        self._reloads = Counter("security_hooks_policy_reloads", "Policies put in force", registry=registry)
        self._refused = Counter("security_hooks_policy_reload_failures", "Policies refused", registry=registry)
        self._delivered = Gauge(
            "security_hooks_sink_sequence", "The last record that a sink's peer took", ("sink",), registry=registry
        )
        self._lag = Gauge(
            "security_hooks_sink_lag_records",
            "Records that a sink's peer has yet to take",
            ("sink",),
            registry=registry,
        )
        self._failing = Gauge(
            "security_hooks_sink_failing", "1 while a sink's peer takes nothing", ("sink",), registry=registry
        )
        self._sinks: dict[str, SinkReport] = {}
        self._labels: set[tuple[str, str]] = set()
        self._last = 0

    def count(self, entry: Entry) -> None:
        """Take one record into account."""
        record = entry.record
        self._last = record.seq
        self._sequence.set(record.seq)
        summary = summary_of(entry)
        match record.kind:
            case "decision":
                self._count_decision(summary)
            case "gap":
                self._missed.inc()
            case "reload" if summary.project is None:
                self._reloads.inc()
                self._generation.set(summary.generation)
            case "reload_failed" if summary.project is None:
                self._refused.inc()
                self._generation.set(summary.generation)

    def _count_decision(self, summary: Summary) -> None:
        self._decisions.labels(self._label("client", summary.client), self._label("verdict", summary.verdict)).inc()
        if summary.otherwise:
            self._would.labels(self._label("client", summary.client), self._label("verdict", summary.otherwise)).inc()
        self._seconds.observe(summary.elapsed_us / 1_000_000)
        if summary.basis == "failure":
            self._failures.labels(self._label("reason", summary.failure.reason)).inc()

    def _label(self, name: str, value: str) -> str:
        if (name, value) in self._labels:
            return value
        if len(self._labels) >= _MOST_LABELS:
            return "other"
        self._labels.add((name, value))
        return value

    def show(self, sinks: Mapping[str, SinkReport]) -> None:
        """How the sinks are doing."""
        for name, sink in sinks.items():
            self._delivered.labels(name).set(sink.sequence)
            self._lag.labels(name).set(max(0, self._last - sink.sequence))
            self._failing.labels(name).set(sink.state is SinkState.FAILING)


async def keep_counting(
    metrics: Metrics, directory: Path, since: int, changes: Changes, sinks: Mapping[str, SinkReport]
) -> None:
    """Count every record from number `since` on, until cancelled; raises AuditError."""
    async for reading in follow(directory, mark_before(directory, since), changes):
        for entry in reading.entries:
            if entry.record.seq >= since:
                metrics.count(entry)
        metrics.show(sinks)

"""What `status` tells of the calls answered so far."""

from collections import Counter

from security_hooks.model.decision import Basis, Decision, Verdict
from security_hooks.model.record import Json

# Enough for a steady median; older calls say nothing of now.
LATENCIES_KEPT = 1024


class Counters:
    """Counts answered calls; owned by the daemon, read by `status`."""

    def __init__(self) -> None:
        self._verdicts: Counter[Verdict] = Counter()
        self._would: Counter[Verdict] = Counter()
        self._failures: Counter[str] = Counter()
        self._latencies: list[int] = []
        self._calls = 0

    def count(self, decision: Decision, elapsed_us: int) -> None:
        """Take one answered call into account."""
        self._verdicts[decision.verdict] += 1
        if decision.would > decision.verdict:
            self._would[decision.would] += 1
        if decision.basis is Basis.FAILURE and decision.failure is not None:
            self._failures[decision.failure.reason.value] += 1
        if len(self._latencies) < LATENCIES_KEPT:
            self._latencies.append(elapsed_us)
        else:
            self._latencies[self._calls % LATENCIES_KEPT] = elapsed_us
        self._calls += 1

    def report(self) -> dict[str, Json]:
        """Plain data for `status`; latencies in microseconds, over the last LATENCIES_KEPT calls. `would` counts what
        policy said of those that were answered otherwise: in observe mode, during a nap, by a permit.
        """
        latencies = sorted(self._latencies)
        return {
            "calls": self._calls,
            "verdicts": {verdict.word: self._verdicts[verdict] for verdict in Verdict},
            "would": {verdict.word: count for verdict, count in self._would.items()},
            "failures": dict(self._failures),
            "median_us": latencies[len(latencies) // 2] if latencies else None,
            "p99_us": latencies[len(latencies) * 99 // 100] if latencies else None,
        }

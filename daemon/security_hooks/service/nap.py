"""A nap: for a while the guard objects to nothing but what would harm the guard itself, and goes on recording.

Opened and ended by a person alone, and by its time. In memory: a restart ends it. What could not be judged stays
denied, since nobody can say that it leaves the guard alone.
"""

import time
from collections.abc import Callable

from msgspec.structs import replace

from security_hooks.model.decision import Basis, Decision, Verdict
from security_hooks.model.record import Json
from security_hooks.policy.built import SELF_PROTECTION
from security_hooks.policy.decide import FINDINGS
from security_hooks.service.exchange import Exchange


class Nap:
    """At most one nap. `note` records its end; clocks as in `Grants`."""

    def __init__(
        self,
        note: Callable[[dict[str, Json]], None],
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._note = note
        self._clock = clock
        self._now = now
        self._ends = 0.0
        self._until = 0.0

    def is_on(self) -> bool:
        """Whether it is under way; notes the end where it has come."""
        if not self._until:
            return False
        if self.left() > 0:
            return True
        self.end("its time was up")
        return False

    def left(self) -> float:
        """Seconds that are left of it, by whichever clock is ahead."""
        return min(self._ends - self._clock(), self._until - self._now()) if self._until else 0.0

    def begin(self, seconds: float) -> int:
        """Begin one, or prolong or shorten the one that is; gives its end in Unix time."""
        self._ends = self._clock() + seconds
        self._until = self._now() + seconds
        return int(self._until)

    def end(self, why: str) -> bool:
        """End it; False where there was none."""
        was_on = bool(self._until)
        self._ends = self._until = 0.0
        if was_on:
            self._note({"ended": why})
        return was_on

    def ease(self, exchange: Exchange, decision: Decision) -> Decision:
        """The decision without what objects during a nap; with none under way this costs a look."""
        if not self._until or decision.verdict is Verdict.ALLOW or decision.basis is Basis.FAILURE or not self.is_on():
            return decision
        if len(decision.findings) >= FINDINGS:
            # Not all are told, so that one of the guard's own may be left out.
            return decision
        kept = (
            finding.verdict
            for finding in decision.findings
            if finding.verdict is not None and SELF_PROTECTION in finding.tags
        )
        verdict = max(kept, default=Verdict.ALLOW)
        if verdict >= decision.verdict:
            return decision
        exchange.is_nap = True
        return replace(decision, verdict=verdict, explicit=False)

    def line(self) -> str:
        """What a person should know of it, in a line; empty without one."""
        if not self.is_on():
            return ""
        return f"the guard naps for {round(self.left() / 60)} more minutes: `security-hooks wake` ends that"

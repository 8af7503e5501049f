"""How much of the loop's time dear calls may take, so that the others are answered as if these were not there.

A call that was judged apart and yet was dear here is answered once the loop has earned back what it cost: at once
where that happens now and then, and the later the more of them come.
"""

import time

# Of all time, for dear calls: of the others fewer than one in a hundred then meets one.
SHARE = 0.005
# What may be spent at once, in seconds.
CREDIT = 0.010
# Of one call; less does not count.
CHEAP = 0.0003


class Pace:
    """An account of the loop's time, in seconds."""

    def __init__(self) -> None:
        self._balance = CREDIT
        self._updated = time.monotonic()

    def charge(self, seconds: float) -> None:
        """A call has cost this much."""
        if seconds < CHEAP:
            return
        now = time.monotonic()
        self._balance = min(CREDIT, self._balance + (now - self._updated) * SHARE) - seconds
        self._updated = now

    def wait(self) -> float:
        """How long until what was spent is earned back; 0 where it is."""
        missing = -self._balance - (time.monotonic() - self._updated) * SHARE
        return max(0.0, missing / SHARE)

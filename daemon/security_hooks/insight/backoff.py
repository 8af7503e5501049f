"""How long to wait before the next try: longer each time, and never the same for everybody. Pure but for chance."""

from collections.abc import Callable


class Backoff:
    """Counts failures in a row. `chance` gives numbers from 0 to below 1."""

    def __init__(self, chance: Callable[[], float], first: float = 0.5, most: float = 60.0) -> None:
        self._chance = chance
        self._first = first
        self._most = most
        self.failures = 0

    def succeeded(self) -> None:
        """Begin again with the shortest wait."""
        self.failures = 0

    def failed(self, wanted: float = 0.0) -> float:
        """Count a failure; the seconds to wait, at least what the peer wants, up to ten times the longest wait."""
        ceiling = min(self._most, self._first * 2.0 ** min(self.failures, 32))
        self.failures += 1
        # Half of it by chance: many machines that lost one peer at once do not come back to it at once.
        return max(ceiling * (1.0 + self._chance()) / 2.0, min(wanted, 10 * self._most))

"""What is kept of each session, for as long as it is heard of: bounded in number and in time. Time comes in as a value
that never goes back.
"""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Kept = TypeVar("Kept")

MOST_SESSIONS = 1_024
SECONDS = 86_400.0


class Recent(Generic[Kept]):
    """One value for each session that something was kept of within a day; past `most` the longest unheard of goes."""

    def __init__(self, most: int = MOST_SESSIONS, seconds: float = SECONDS) -> None:
        self._most = most
        self._seconds = seconds
        self._kept: OrderedDict[Hashable, tuple[float, Kept]] = OrderedDict()

    def get(self, session: Hashable, now: float) -> Kept | None:
        """What is kept of a session."""
        found = self._kept.get(session)
        return None if found is None or now - found[0] >= self._seconds else found[1]

    def keep(self, session: Hashable, value: Kept, now: float) -> None:
        """Keep a value in the place of the one before."""
        self._kept[session] = (now, value)
        self._kept.move_to_end(session)
        while len(self._kept) > self._most or now - next(iter(self._kept.values()))[0] >= self._seconds:
            self._kept.popitem(last=False)

    def __len__(self) -> int:
        return len(self._kept)

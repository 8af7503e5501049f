"""What every kind of sink is: something that takes records, or says why it did not."""

from collections.abc import Sequence
from typing import Protocol

from security_hooks.insight.follow import Entry

_LOOK_AT_THE_PEER = "see that a server takes records where `url` says; they wait in the log, and nothing is lost"


class DeliveryError(Exception):
    """The peer did not take the records, as far as we know: one line that says why. Caught in `deliver` alone.

    `retry_after` are seconds that the peer asked for; `is_too_large` that it wants fewer records at once; `mend` is
    what a person can do about it.
    """

    def __init__(
        self, message: str, retry_after: float = 0.0, *, is_too_large: bool = False, mend: str = _LOOK_AT_THE_PEER
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.is_too_large = is_too_large
        self.mend = mend


class Outbox(Protocol):
    """One sink's end of the line."""

    async def send(self, entries: Sequence[Entry]) -> int:
        """Return when the peer has taken the records, with the number of those it will never take.

        Raises DeliveryError. Cancelled, it leaves nothing behind that would be in the way of the next.
        """

    def close(self) -> None:
        """Let go of the peer."""

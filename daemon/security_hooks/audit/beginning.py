"""Whether a log begins where it may: with record 1, or behind records that a record of the log says were pruned. Pure.

That record comes later than the beginning, so what is missing there is damage until the end is reached.
"""

from dataclasses import dataclass

from security_hooks.audit.chain import START, Link
from security_hooks.audit.damage import Damage, Problem
from security_hooks.audit.prune import Prune


@dataclass(frozen=True, slots=True)
class Announced:
    """What was said of pruned records, and the record that says it."""

    prune: Prune
    record: int


class Beginning:
    """The first record of a log, and what its records say of those before it."""

    def __init__(self) -> None:
        self.first = 1
        self.before = START
        self._segment = ""
        self._hashes: dict[int, str] = {}
        self._announced: list[Announced] = []

    def starts(self, segment: str, first: int, before: str) -> None:
        """The log begins with this record, which links to that hash (empty where it cannot be read)."""
        self._segment, self.first, self.before = segment, first, before

    def leaves(self, last: Link) -> None:
        """A segment ends with this record: only there can a prune end."""
        self._hashes[last.seq] = last.hash

    def hears(self, prune: Prune, record: int) -> None:
        """A record says that records were pruned."""
        self._announced.append(Announced(prune, record))

    def explained(self) -> Announced | None:
        """What accounts for the records that are missing at the beginning; None where nothing does, or none are."""
        if self.first == 1:
            return None
        return next((said for said in reversed(self._announced) if self._fits(said.prune)), None)

    def problem(self) -> Problem | None:
        """What is wrong with the beginning."""
        if self.first == 1 or self.explained() is not None:
            return None
        last = self.first - 1
        known = max((said for said in self._announced if said.prune.through <= last), key=_reach, default=None)
        if known is not None and known.prune.through == last:
            detail = f"record {known.record} says that records up to {last} were pruned, but of another log"
            return Problem(Damage.REPLACED, self.first, self._segment, 1, detail)
        missing = 1 if known is None else known.prune.through + 1
        which = f"record {last} is" if missing == last else f"records {missing} to {last} are"
        why = "and no record says that they were pruned"
        if known is not None:
            why = f"and record {known.record} says of those up to {missing - 1} alone that they were pruned"
        return Problem(Damage.TRUNCATION, missing, self._segment, 1, f"{which} missing, {why}")

    def _fits(self, prune: Prune) -> bool:
        if prune.through == self.first - 1:
            return prune.hash == self.before
        # Said, but not all of it done: the rest is still there, and its end proves the beginning.
        return prune.through >= self.first and self._hashes.get(prune.through) == prune.hash


def _reach(said: Announced) -> int:
    return said.prune.through

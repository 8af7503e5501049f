"""How much of one thing was spent lately: a window that slides in steps, and what was counted in it by name.

Errs to the strict side only: a step counts until all of it is over, and a name that is forgotten is counted again.
Time is seconds that never go back. Bounded in steps and in names.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence

import msgspec

STEPS = 32
MOST_STEPS = 4 * STEPS
MOST_NAMES = 4_096
# The longest window and its last step. Whoever asks about a shorter one takes nothing away from the others.
LONGEST = 86_400 * (STEPS + 1) / STEPS


class Step(msgspec.Struct):
    """So much was spent until then."""

    until: float
    amount: int


class Kept(msgspec.Struct, frozen=True):
    """A tally as plain values, to be saved."""

    steps: tuple[tuple[float, int], ...]
    names: tuple[tuple[bytes, float], ...]


class Tally:
    """What was spent. `names` holds what was counted, the last MOST_NAMES, with the end of the step it counts in."""

    __slots__ = ("names", "steps")

    def __init__(self, kept: Kept | None = None) -> None:
        self.steps: list[Step] = [] if kept is None else [Step(until, amount) for until, amount in kept.steps]
        self.names: OrderedDict[bytes, float] = OrderedDict(() if kept is None else kept.names)

    def spent(self, now: float, seconds: int) -> int:
        """How much counts within a window of so many seconds."""
        since, amount = now - seconds, 0
        for step in reversed(self.steps):
            if step.until <= since:
                break
            amount += step.amount
        return amount

    def needed(self, names: Iterable[bytes], now: float, seconds: int) -> int:
        """How many of these do not count already."""
        since = now - seconds
        known = self.names
        return sum(known.get(name, since) <= since for name in names)

    def spend(self, names: Sequence[bytes], amount: int, now: float, seconds: int) -> None:
        """Count names that are new, those that are not from now on, and an amount without names."""
        self._forget(now - LONGEST)
        step = self._step(now, seconds)
        for name in names:
            until = self.names.get(name)
            if until is not None and until != step.until:
                before = next((one for one in self.steps if one.until == until), None)
                if before is not None:
                    before.amount -= 1
                until = None
            if until is None:
                step.amount += 1
                self.names[name] = step.until
                self.names.move_to_end(name)
        step.amount += amount
        while len(self.names) > MOST_NAMES:
            self.names.popitem(last=False)

    def frees(self, amount: int, now: float, seconds: int) -> float | None:
        """Seconds until so much less counts; None where that never counted."""
        since, left = now - seconds, amount
        for step in self.steps:
            if step.until > since:
                left -= step.amount
                if left <= 0:
                    return step.until - since
        return None

    def kept(self) -> Kept:
        """All of it as plain values."""
        return Kept(tuple((step.until, step.amount) for step in self.steps), tuple(self.names.items()))

    def _forget(self, since: float) -> None:
        """Drop what counts no more."""
        over = 0
        while over < len(self.steps) and self.steps[over].until <= since:
            over += 1
        del self.steps[:over]
        while self.names and next(iter(self.names.values())) <= since:
            self.names.popitem(last=False)

    def _step(self, now: float, seconds: int) -> Step:
        if self.steps and now < self.steps[-1].until:
            return self.steps[-1]
        step = Step(now + seconds / STEPS, 0)
        self.steps.append(step)
        if len(self.steps) > MOST_STEPS:
            # Windows were changed again and again: what was spent first counts as long as what came after it.
            first = self.steps.pop(0)
            self.steps[0].amount += first.amount
        return step

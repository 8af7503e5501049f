"""Who spent how much of what: a tally for each holder of a budget and each resource. Bounded, and saved."""

from collections import OrderedDict
from collections.abc import Sequence

import msgspec

from security_hooks.memory.tally import LONGEST, Kept, Tally
from security_hooks.model.spending import Resource

MOST_HOLDERS = 1_024
MOST_NAMES = 65_536

_Tallies = dict[Resource, Tally]


class Saved(msgspec.Struct):
    """What a ledger was when it was saved: at Unix time `unix` its own time was `now`."""

    unix: int
    now: float
    holders: list[tuple[str, bytes]]


class Ledger:
    """Tallies by holder. The holder longest unheard of goes first, but for those in `lasting`. Time is that of a clock
    that starts anew with each process; what is saved goes on where it was, and by as much time as passed meanwhile.
    """

    def __init__(self, lasting: frozenset[str] = frozenset()) -> None:
        self._lasting = lasting
        self._holders: OrderedDict[str, _Tallies] = OrderedDict()
        self._encoded: dict[str, bytes] = {}
        self._names = 0
        self._offset = 0.0

    def tally(self, holder: str, resource: Resource) -> Tally | None:
        """What a holder spent of a resource, if anything."""
        held = self._holders.get(holder)
        return None if held is None else held.get(resource)

    def time(self, clock: float) -> float:
        """The ledger's own time, by a clock that never goes back."""
        return clock + self._offset

    def spend(
        self, holder: str, resource: Resource, names: Sequence[bytes], amount: int, now: float, seconds: int
    ) -> None:
        """Count names, and an amount without names, for a holder."""
        held = self._holders.get(holder)
        if held is None:
            held = self._holders[holder] = {}
        self._holders.move_to_end(holder)
        tally = held.get(resource)
        if tally is None:
            tally = held[resource] = Tally()
        self._encoded.pop(holder, None)
        before = len(tally.names)
        tally.spend(names, amount, now, seconds)
        self._names += len(tally.names) - before
        if self._names > MOST_NAMES or len(self._holders) > MOST_HOLDERS:
            self._shrink()

    def dump(self, unix: int, now: float) -> bytes:
        """All that may still count."""
        for holder in [holder for holder, held in self._holders.items() if _is_over(held, now)]:
            self._drop(holder)
        for holder, held in self._holders.items():
            if holder not in self._encoded:
                kept = {resource.value: tally.kept() for resource, tally in held.items()}
                self._encoded[holder] = msgspec.msgpack.encode(kept)
        return msgspec.msgpack.encode(Saved(unix, now, [(holder, self._encoded[holder]) for holder in self._holders]))

    def restore(self, data: bytes, unix: int, clock: float) -> None:
        """Take up what was dumped; raises msgspec.DecodeError or msgspec.ValidationError."""
        saved = msgspec.msgpack.decode(data, type=Saved)
        held = [(holder, msgspec.msgpack.decode(text, type=dict[str, Kept])) for holder, text in saved.holders]
        self._encoded = dict(saved.holders)
        words = {resource.value: resource for resource in Resource}
        for holder, tallies in held:
            found = {words[word]: Tally(kept) for word, kept in tallies.items() if word in words}
            self._holders[holder] = found
            self._names += sum(len(tally.names) for tally in found.values())
        # A clock that was put back gives nothing back.
        self._offset = saved.now + max(0, unix - saved.unix) - clock
        self._shrink()

    def __len__(self) -> int:
        return len(self._holders)

    def _shrink(self) -> None:
        while len(self._holders) > MOST_HOLDERS:
            self._drop(next(holder for holder in self._holders if holder not in self._lasting))
        for holder, held in self._holders.items():
            if self._names <= MOST_NAMES:
                break
            # The names go, what they counted for stays.
            for tally in held.values():
                self._names -= len(tally.names)
                tally.names.clear()
            self._encoded.pop(holder, None)

    def _drop(self, holder: str) -> None:
        held = self._holders.pop(holder)
        self._names -= sum(len(tally.names) for tally in held.values())
        self._encoded.pop(holder, None)


def _is_over(held: _Tallies, now: float) -> bool:
    return all(not tally.steps or tally.steps[-1].until + LONGEST <= now for tally in held.values())

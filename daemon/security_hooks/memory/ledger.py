"""Who spent how much of what: a tally for each holder of a budget and each resource. Bounded, and saved."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from security_hooks.memory.tally import LONGEST, Kept, Tally
from security_hooks.model.spending import Resource

MOST_HOLDERS = 1_024
MOST_NAMES = 65_536

_Tallies = dict[Resource, Tally]


class _Begun(msgspec.Struct, tag=True):
    """When a ledger was saved: at Unix time `unix` its own time was `now`. Comes first."""

    unix: int
    now: float


class _Held(msgspec.Struct, tag=True):
    """What a holder spent of a resource, by its word."""

    holder: str
    resource: str
    kept: Kept


_DECODER = msgspec.msgpack.Decoder(_Begun | _Held)
_BY_WORD = {resource.value: resource for resource in Resource}


class Ledger:
    """Tallies by holder. The holder longest unheard of goes first, but for those in `lasting`. Time is that of a clock
    that starts anew with each process; what is saved goes on where it was, and by as much time as passed meanwhile.
    """

    def __init__(self, lasting: frozenset[str] = frozenset()) -> None:
        self._lasting = lasting
        self._holders: OrderedDict[str, _Tallies] = OrderedDict()
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
        before = len(tally.names)
        tally.spend(names, amount, now, seconds)
        self._names += len(tally.names) - before
        if self._names > MOST_NAMES or len(self._holders) > MOST_HOLDERS:
            self._shrink()

    def dump(self, unix: int, now: float) -> Iterator[bytes]:
        """All that may still count, in parts."""
        for holder in [holder for holder, held in self._holders.items() if _is_over(held, now)]:
            self._drop(holder)
        yield msgspec.msgpack.encode(_Begun(unix, now))
        for holder, held in list(self._holders.items()):
            for resource, tally in list(held.items()):
                yield msgspec.msgpack.encode(_Held(holder, resource.value, tally.kept()))

    def restore(self, parts: Iterable[bytes], unix: int, clock: float) -> None:
        """Take up what was dumped; raises msgspec.DecodeError or msgspec.ValidationError."""
        has_begun = False
        for part in parts:
            match _DECODER.decode(part):
                case _Begun(unix=saved, now=now):
                    # A clock that was put back gives nothing back.
                    self._offset, has_begun = now + max(0, unix - saved) - clock, True
                case _Held(holder=holder, resource=word, kept=kept) if has_begun:
                    if word in _BY_WORD:
                        tally = self._holders.setdefault(holder, {})[_BY_WORD[word]] = Tally(kept)
                        self._names += len(tally.names)
                case _:
                    raise msgspec.ValidationError("it does not say when it was saved")
        self._shrink()

    def __len__(self) -> int:
        return len(self._holders)

    def _shrink(self) -> None:
        while len(self._holders) > MOST_HOLDERS:
            self._drop(next(holder for holder in self._holders if holder not in self._lasting))
        for held in self._holders.values():
            if self._names <= MOST_NAMES:
                break
            # The names go, what they counted for stays.
            for tally in held.values():
                self._names -= len(tally.names)
                tally.names.clear()

    def _drop(self, holder: str) -> None:
        held = self._holders.pop(holder)
        self._names -= sum(len(tally.names) for tally in held.values())


def _is_over(held: _Tallies, now: float) -> bool:
    return all(not tally.steps or tally.steps[-1].until + LONGEST <= now for tally in held.values())

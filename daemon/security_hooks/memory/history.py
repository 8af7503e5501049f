"""What one session did, as far as rules may ask: bounded in all that it holds.

A call that was let through counts at once; one that its client tells to have run, and not to have failed, counts as
sure from then on. Times are Unix milliseconds.
"""

from collections import OrderedDict, deque
from collections.abc import Iterable, Sequence
from typing import TypeVar

import msgspec

from security_hooks.dsl.recall import MOST_COUNTED, Question
from security_hooks.memory.unpacked import has_places
from security_hooks.model.session import Count, SessionView, Trace

MOST_KEYS = 128
# Times of a condition, where no rule counts further: for one that counts is written later.
LEAST_COUNTED = 64
MOST_PENDING = 256
MOST_WRITTEN = 256
_FOR_EVER = 1 << 62
_NEVER: deque[int] = deque()


_Held = TypeVar("_Held")


class Kept(msgspec.Struct):
    """A history as it is saved."""

    used: int
    times: dict[str, list[int]]
    sure: dict[str, list[int]]
    pending: dict[str, list[str]]
    written: list[str]
    traces: dict[str, tuple[Trace, ...]]
    ran_unseen: bool = False


class History:
    """The history of one session; `used` is when it was last heard of."""

    __slots__ = (
        "_asked",
        "_counted",
        "_most",
        "_pending",
        "_sure",
        "_times",
        "_unpacked",
        "_until",
        "_view",
        "_written",
        "ran_unseen",
        "traces",
        "used",
    )

    def __init__(self, kept: Kept | None = None) -> None:
        self.used = 0
        self.traces: dict[str, tuple[Trace, ...]] = {}
        self.ran_unseen = False
        self._times: OrderedDict[str, deque[int]] = OrderedDict()
        self._sure: OrderedDict[str, deque[int]] = OrderedDict()
        self._pending: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._written: OrderedDict[str, None] = OrderedDict()
        self._view: SessionView | None = None
        self._until = 0
        self._unpacked = False
        self._counted: tuple[Count, ...] = ()
        self._asked: Sequence[Question] = ()
        self._most: dict[str, int] = {}
        if kept is not None:
            self.used, self.ran_unseen = kept.used, kept.ran_unseen
            self.follow(kept.traces)
            for held, given in ((self._times, kept.times), (self._sure, kept.sure)):
                held.update((key, deque(times[-MOST_COUNTED:])) for key, times in given.items())
            self._pending.update((call, tuple(keys)) for call, keys in kept.pending.items())
            self._written.update(dict.fromkeys(kept.written))

    def kept(self) -> Kept:
        """All of it, to be saved."""
        return Kept(
            self.used,
            {key: list(times) for key, times in self._times.items()},
            {key: list(times) for key, times in self._sure.items()},
            {call: list(keys) for call, keys in self._pending.items()},
            list(self._written),
            self.traces,
            self.ran_unseen,
        )

    def view(self, questions: Sequence[Question], now: int) -> SessionView:
        """What a call is judged by, now; from here on as much is kept as these questions may ask for. As long as it
        stays what it was, it is the same object.
        """
        view = self._view
        if view is not None and questions is self._asked and now <= self._until:
            return view
        if questions is not self._asked:
            self._asked = questions
            for question in questions:
                self._most[question.key] = max(question.most, self._most.get(question.key, LEAST_COUNTED))
        counts = self._counts(questions, now)
        if counts != self._counted:
            self._counted = counts
        written = frozenset(self._written)
        view = self._view = SessionView(self._counted, written, self.traces, self.ran_unseen, self._unpacked)
        return view

    def saw(self, met: Iterable[str], call: str | None, written: Iterable[str], now: int) -> None:
        """A call was let through that met the conditions of these keys; `call` is what its result will be known by."""
        keys = tuple(met)
        for key in keys:
            self._add(self._times, key, now)
        if keys and call is not None:
            self._pending[call] = keys
            _trim(self._pending, MOST_PENDING)
        for name in written:
            if name not in self._written:
                self._view = None
                self._written[name] = None
                _trim(self._written, MOST_WRITTEN)

    def follow(self, traces: dict[str, tuple[Trace, ...]]) -> None:
        """From now on these lie in files."""
        if traces is not self.traces:
            self.traces = traces
            self._unpacked = has_places(traces)
            self._view = None

    def taint(self, now: int) -> None:
        """Something ran in this session that nobody was asked about."""
        self.used, self.ran_unseen, self._view = now, True, None

    def ended(self, call: str, *, failed: bool, now: int) -> None:
        """The result of a call is known."""
        keys = self._pending.pop(call, ())
        if not failed:
            for key in keys:
                self._add(self._sure, key, now)

    def _add(self, held: OrderedDict[str, deque[int]], key: str, now: int) -> None:
        times = held.get(key)
        if times is None:
            times = held[key] = deque()
            _trim(held, MOST_KEYS)
        times.append(now)
        self._view = None
        if len(times) > self._most.get(key, LEAST_COUNTED):
            times.popleft()

    def _counts(self, questions: Sequence[Question], now: int) -> tuple[Count, ...]:
        """The answers, and until when they are these, if nothing else happens."""
        found = []
        until = _FOR_EVER
        for question in questions:
            times = self._times.get(question.key)
            if times is None:
                continue
            sure = self._sure.get(question.key, _NEVER)
            span = question.seconds * 1_000
            since = now - span if span else 0
            count = _since(times, since, question.most)
            if count:
                surely = _since(sure, since, question.most)
                found.append(Count(question.name, count, surely))
                if span:
                    until = min(until, times[-count] + span, sure[-surely] + span if surely else _FOR_EVER)
        self._until = until
        return tuple(found)


def _since(times: deque[int], since: int, most: int) -> int:
    count = 0
    for time in reversed(times):
        if time < since or count == most:
            break
        count += 1
    return count


def _trim(held: OrderedDict[str, _Held], most: int) -> None:
    while len(held) > most:
        held.popitem(last=False)

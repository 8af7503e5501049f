"""Asks joined with what became of them: approved, permitted, rejected, or nothing that anybody knows. Pure.

A call that ran after its ask was approved. One whose session got a prompt instead was rejected, unless a result still
comes. A record of a permit names the call that it is about. No ask is joined twice, and none is lost: each comes out
once, in the order in which they were put. At most MOST_HELD are held; past that the oldest comes out as it is.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from enum import Enum

import msgspec

from security_hooks.insight.ask_event import Ask, AskEvent, Call, Permit, Prompt, Result

# Some 4 MB.
MOST_HELD = 4_096
_MILLISECOND = 1_000_000


class Answer(Enum):
    """What became of an ask. UNANSWERED: no result, and no prompt in its session since."""

    APPROVED = "approved"
    PERMITTED = "permitted"
    REJECTED = "rejected"
    UNANSWERED = "unanswered"


class Answered(msgspec.Struct, frozen=True, gc=False):
    """An ask and its answer. `wait_ms` is how long that took, None where it is not known or the clock went back; where
    `is_exact` is false it took at most so long. `ran_as_asked`: the call ran, with the input that was asked about.
    """

    ask: Ask
    answer: Answer
    wait_ms: int | None
    is_exact: bool
    ran_as_asked: bool

    def is_blind(self, limit_ms: int) -> bool:
        """Whether it was certainly approved in less time than this. A permit never is: its code was read and typed."""
        return self.answer is Answer.APPROVED and self.wait_ms is not None and self.wait_ms < limit_ms


class Joiner:
    """Takes what the log tells, in its order, and gives asks as soon as nothing more can become of them."""

    def __init__(self) -> None:
        self._held: OrderedDict[int, _Held] = OrderedDict()
        self._by_key: dict[int, _Held] = {}
        self._by_digest: dict[str, _Held] = {}
        self._by_session: dict[int, dict[int, _Held]] = {}
        self._taken = 0

    def take(self, event: AskEvent) -> list[Answered]:
        """What is known for good with this."""
        match event:
            case Ask():
                self._take_ask(event)
            case Call():
                self._take_call(event)
            case Result():
                self._take_result(event)
            case Permit():
                held = self._by_digest.get(event.digest)
                if held is not None:
                    held.permit(event.time, is_exact=True)
            case Prompt():
                for held in self._by_session.pop(event.session, {}).values():
                    held.prompted = event.time
        return list(self._settled())

    def rest(self) -> list[Answered]:
        """What is left at the end of the log."""
        for held in self._held.values():
            self._settle(held)
        return list(self._settled())

    def _take_ask(self, ask: Ask) -> None:
        same = None if ask.digest is None else self._by_digest.get(ask.digest)
        self._give_up(self._by_key.get(ask.key))
        # Its code was there to be seen since the call was first asked about.
        held = _Held(ask, ask.time if same is None or same.answer is not None else same.offered)
        self._taken += 1
        held.number = self._taken
        self._held[held.number] = held
        self._by_key[ask.key] = held
        if ask.digest is not None:
            self._by_digest[ask.digest] = held
        if ask.is_put:
            self._by_session.setdefault(ask.session, {})[held.number] = held
        if len(self._held) > MOST_HELD:
            self._settle(next(iter(self._held.values())))

    def _take_call(self, call: Call) -> None:
        permitted = None if call.digest is None else self._by_digest.get(call.digest)
        before = self._by_key.get(call.key)
        if before is not permitted:
            self._give_up(before)
        if permitted is not None:
            permitted.permit(call.time, is_exact=False)
            # What runs now is this call, whatever the client calls it.
            self._forget_key(permitted)
            permitted.key = call.key
            self._by_key[call.key] = permitted

    def _take_result(self, result: Result) -> None:
        held = self._by_key.get(result.key)
        if held is None or (held.answer is None and not held.ask.is_put):
            return
        if held.answer is None:
            took = (result.duration_ms or 0) * _MILLISECOND
            held.answered(Answer.APPROVED, result.time - took - held.ask.time, is_exact=result.duration_ms is not None)
        held.ran_as_asked = result.said == held.ask.said
        self._settle(held)

    def _give_up(self, held: "_Held | None") -> None:
        """Another call takes its place: what comes now is about that one."""
        if held is not None:
            self._settle(held)

    def _settle(self, held: "_Held") -> None:
        ask = held.ask
        held.is_settled = True
        self._forget_key(held)
        if ask.digest is not None and self._by_digest.get(ask.digest) is held:
            del self._by_digest[ask.digest]
        waiting = self._by_session.get(ask.session)
        if waiting is not None and waiting.pop(held.number, None) is not None and not waiting:
            del self._by_session[ask.session]

    def _forget_key(self, held: "_Held") -> None:
        if self._by_key.get(held.key) is held:
            del self._by_key[held.key]

    def _settled(self) -> Iterator[Answered]:
        while self._held and next(iter(self._held.values())).is_settled:
            yield self._held.popitem(last=False)[1].outcome()


class _Held:
    """An ask of which something may become yet. `offered` is when its code could first be seen, `prompted` when its
    session was told something else.
    """

    __slots__ = (
        "answer", "ask", "is_exact", "is_settled", "key", "number", "offered", "prompted", "ran_as_asked", "wait_ms",
    )  # fmt: skip

    def __init__(self, ask: Ask, offered: int) -> None:
        self.ask = ask
        self.offered = offered
        self.key = ask.key
        self.number = 0
        self.answer: Answer | None = None
        self.wait_ms: int | None = None
        self.is_exact = False
        self.prompted: int | None = None
        self.ran_as_asked = False
        self.is_settled = False

    def permit(self, time: int, *, is_exact: bool) -> None:
        """A person permitted it by then; the first word of it counts."""
        if self.answer is None:
            self.answered(Answer.PERMITTED, time - self.offered, is_exact=is_exact)

    def answered(self, answer: Answer, wait: int, *, is_exact: bool) -> None:
        """`wait` in nanoseconds; below zero the clock was put back in between."""
        self.answer = answer
        self.is_exact = is_exact
        self.wait_ms = wait // _MILLISECOND if wait >= 0 else None

    def outcome(self) -> Answered:
        """What became of it, as far as is known now."""
        if self.answer is None and self.prompted is not None:
            self.answered(Answer.REJECTED, self.prompted - self.ask.time, is_exact=False)
        return Answered(self.ask, self.answer or Answer.UNANSWERED, self.wait_ms, self.is_exact, self.ran_as_asked)


def answers(events: Iterable[AskEvent]) -> Iterator[Answered]:
    """What became of each ask, in the order in which they were put."""
    joiner = Joiner()
    for event in events:
        yield from joiner.take(event)
    yield from joiner.rest()

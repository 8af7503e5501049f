"""How asks are answered: what became of them, how long that took, whether anybody can have read them, by which rules.

Asks come one by one in the order in which they were put; what is held does not grow with their number.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from security_hooks.insight.answers import Answer, Answered
from security_hooks.insight.streaks import LEAST, MOST_RULES, Streak, Streaks

# Read in silence, English text takes a quarter of a second a word (Brysbaert, "How many words do we read per minute?",
# Journal of Memory and Language 109, 2019: 238 a minute). In two seconds, the hand's way to the key included, that is
# less than eight words: no question of ours is that short.
BLIND_MS = 2_000
# Where rules beyond MOST_RULES are counted together.
OTHERS = "(others)"
# A few calls that come at once may be recorded on either side of the hour.
_OPEN_HOURS = 3


@dataclass(frozen=True, slots=True)
class Times:
    """How long answers took, in milliseconds, to two digits; None where there is no answer."""

    answers: int
    fastest_ms: int | None
    median_ms: int | None
    p90_ms: int | None


@dataclass(frozen=True, slots=True)
class BusiestHour:
    """The hour of the clock with the most asks: when it began, in UTC, and how many."""

    start: str
    asks: int


@dataclass(frozen=True, slots=True)
class RuleAsks:
    """The asks of one rule. An ask of two rules counts for both."""

    rule: str
    asks: int
    per_hour: float
    busiest: BusiestHour
    approved: int
    permitted: int
    rejected: int
    unanswered: int
    blind: int
    exact: Times
    at_most: Times


@dataclass(frozen=True, slots=True)
class Attention:
    """Asks and their answers. `exact` are approvals and permits whose time is known, `at_most` those of which only the
    longest time is; `untimed` were given while the clock went back. `blind` counts approvals given in less than
    `blind_ms`, for certain; a streak is `streak_of` of these in a row or more.
    """

    asks: int
    approved: int
    permitted: int
    rejected: int
    unanswered: int
    per_hour: float
    busiest: BusiestHour | None
    exact: Times
    at_most: Times
    untimed: int
    blind_ms: int
    blind: int
    streak_of: int
    streaks: int
    longest_streak: Streak | None
    current_streak: Streak | None
    rules: tuple[RuleAsks, ...]


def attention(answered: Iterable[Answered], hours: int, blind_ms: int, most_rules: int) -> Attention:
    """The figures. `hours` are those in which there was anything to ask about; the busiest rules come first."""
    whole = _Tally(blind_ms)
    rules: dict[str, _Tally] = {}
    streaks = Streaks(blind_ms)
    for each in answered:
        whole.add(each)
        streaks.add(each)
        for rule in each.ask.rules:
            name = rule if rule in rules or len(rules) < MOST_RULES else OTHERS
            rules.setdefault(name, _Tally(blind_ms)).add(each)
    busy = sorted(rules.items(), key=lambda item: (-item[1].asks, item[0]))[:most_rules]
    return Attention(
        asks=whole.asks,
        approved=whole.of(Answer.APPROVED),
        permitted=whole.of(Answer.PERMITTED),
        rejected=whole.of(Answer.REJECTED),
        unanswered=whole.of(Answer.UNANSWERED),
        per_hour=_per_hour(whole.asks, hours),
        busiest=whole.busiest if whole.asks else None,
        exact=whole.exact.times(),
        at_most=whole.at_most.times(),
        untimed=whole.untimed,
        blind_ms=blind_ms,
        blind=whole.blind,
        streak_of=LEAST,
        streaks=streaks.count,
        longest_streak=streaks.longest,
        current_streak=streaks.current,
        rules=tuple(_rule(name, tally, hours) for name, tally in busy),
    )


def _rule(name: str, tally: "_Tally", hours: int) -> RuleAsks:
    return RuleAsks(
        name,
        tally.asks,
        _per_hour(tally.asks, hours),
        tally.busiest,
        tally.of(Answer.APPROVED),
        tally.of(Answer.PERMITTED),
        tally.of(Answer.REJECTED),
        tally.of(Answer.UNANSWERED),
        tally.blind,
        tally.exact.times(),
        tally.at_most.times(),
    )


def _per_hour(asks: int, hours: int) -> float:
    return round(asks / max(hours, 1), 2)


class _Tally:
    def __init__(self, blind_ms: int) -> None:
        self._blind_ms = blind_ms
        self._answers: Counter[Answer] = Counter()
        self._hours: dict[str, int] = {}
        self.busiest = BusiestHour("", 0)
        self.exact = _Waits()
        self.at_most = _Waits()
        self.asks = 0
        self.blind = 0
        self.untimed = 0

    def of(self, answer: Answer) -> int:
        return self._answers[answer]

    def add(self, answered: Answered) -> None:
        self.asks += 1
        self._answers[answered.answer] += 1
        self.blind += answered.is_blind(self._blind_ms)
        self._count_hour(answered.ask.at[:13])
        if answered.answer in (Answer.APPROVED, Answer.PERMITTED):
            if answered.wait_ms is None:
                self.untimed += 1
            else:
                (self.exact if answered.is_exact else self.at_most).add(answered.wait_ms)

    def _count_hour(self, hour: str) -> None:
        asks = self._hours[hour] = self._hours.get(hour, 0) + 1
        if asks > self.busiest.asks:
            self.busiest = BusiestHour(f"{hour}:00:00Z", asks)
        if len(self._hours) > _OPEN_HOURS:
            del self._hours[next(iter(self._hours))]


class _Waits:
    """Times by their first two digits: some hundred of them from a millisecond to years."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()

    def add(self, wait_ms: int) -> None:
        unit = 10 ** max(0, len(str(wait_ms)) - 2)
        self._counts[wait_ms // unit * unit] += 1

    def times(self) -> Times:
        return Times(self._counts.total(), self._at(0), self._at(50), self._at(90))

    def _at(self, percent: int) -> int | None:
        """The least time that so many in a hundred did not exceed; the fastest for 0."""
        left = max(1, -(-self._counts.total() * percent // 100))
        for wait, count in sorted(self._counts.items()):
            left -= count
            if left <= 0:
                return wait
        return None

"""Runs of approvals that nobody can have read. Pure.

An answer that took time, or may have, and every rejection end a run. An ask that nobody answered does neither: nobody
was there, as where a client runs without a person. Asks come in the order in which they were put.
"""

from collections import Counter
from dataclasses import dataclass

from security_hooks.insight.answers import Answer, Answered
from security_hooks.insight.counted import Counted

# Twice or three times in a row one says yes at once to what one saw coming.
LEAST = 5
# Of how many rules a run can tell; a policy has some hundred.
MOST_RULES = 200


@dataclass(frozen=True, slots=True)
class Streak:
    """So many asks approved in a row, put from `first` to `last`; of which rules, the most frequent first."""

    asks: int
    first: str
    last: str
    rules: tuple[Counted, ...]


class Streaks:
    """Follows the asks of one log. `limit_ms` is the time below which nobody can have read one."""

    def __init__(self, limit_ms: int) -> None:
        self._limit_ms = limit_ms
        self._run = self._longest = _Run()
        self.count = 0

    def add(self, answered: Answered) -> None:
        """The next ask."""
        if answered.is_blind(self._limit_ms):
            self._run.add(answered)
            self.count += self._run.asks == LEAST
            if self._run.asks > self._longest.asks:
                self._longest = self._run
        elif answered.answer is not Answer.UNANSWERED:
            self._run = _Run()

    @property
    def longest(self) -> Streak | None:
        """The first of the longest; None where there is none of LEAST asks."""
        return self._longest.streak()

    @property
    def current(self) -> Streak | None:
        """The one that nothing has ended yet."""
        return self._run.streak()


class _Run:
    def __init__(self) -> None:
        self.asks = 0
        self._first = self._last = ""
        self._rules: Counter[str] = Counter()

    def add(self, answered: Answered) -> None:
        ask = answered.ask
        self.asks += 1
        self._first = self._first or ask.at
        self._last = ask.at
        self._rules.update(rule for rule in ask.rules if rule in self._rules or len(self._rules) < MOST_RULES)

    def streak(self) -> Streak | None:
        if self.asks < LEAST:
            return None
        rules = sorted(self._rules.items(), key=lambda item: (-item[1], item[0]))
        return Streak(self.asks, self._first, self._last, tuple(Counted(*item) for item in rules))

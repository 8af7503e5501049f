"""What the log tells in numbers: verdicts over time, rules by hits, asks, latencies."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from security_hooks.audit.encode import timestamp
from security_hooks.insight.answers import answers
from security_hooks.insight.ask_source import IS_ASK, ask_events, only
from security_hooks.insight.attention import Attention, attention
from security_hooks.insight.counted import Counted
from security_hooks.insight.filter import Filter, condition
from security_hooks.insight.query import select
from security_hooks.insight.row import RANKS
from security_hooks.insight.store import Store
from security_hooks.model.decision import Verdict
from security_hooks.model.event import EventKind
from security_hooks.model.record import RecordKind

MOST_RULES = 15
MOST_ACTIONS = 15
MOST_PERIODS = 48
PERCENTILES = (50, 90, 99, 100)
# Nothing is decided on these: they tell what has happened.
_TOLD = (EventKind.POST_TOOL, EventKind.POST_TOOL_FAILURE, EventKind.SESSION_START, EventKind.SESSION_END)
_PERIODS = tuple(
    timedelta(seconds=seconds)
    for seconds in (60, 300, 900, 3_600, 10_800, 21_600, 43_200, 86_400, 604_800, 2_592_000, 31_536_000)
)
_NAMES = {rank: name for name, rank in RANKS.items()}


@dataclass(frozen=True, slots=True)
class Period:
    """How many calls got which verdict from `start` on, until the next period."""

    start: str
    allow: int
    ask: int
    deny: int


@dataclass(frozen=True, slots=True)
class RuleHits:
    """In how many calls a rule matched, and how many of these were asked about, or denied.

    `would_ask` and `would_deny` count those that were let through although this rule said otherwise.
    """

    rule: str
    calls: int
    asked: int
    denied: int
    asked_per_hour: float
    would_ask: int = 0
    would_deny: int = 0


@dataclass(frozen=True, slots=True)
class Stats:
    """Numbers about calls that were decided on. `hours` are those in which there was any call; times in microseconds.

    `would` counts, of calls that were let through in observe mode, what policy said; `would_asks_per_hour` how often
    that was a question. `outcomes` are those of asks. A client's own question about a call, which we are told of, is no
    ask of its own.
    """

    calls: int
    first: str
    last: str
    period_seconds: int
    periods: tuple[Period, ...]
    verdicts: tuple[Counted, ...]
    would: tuple[Counted, ...]
    clients: tuple[Counted, ...]
    rules: tuple[RuleHits, ...]
    actions: tuple[Counted, ...]
    severities: tuple[Counted, ...]
    failures: tuple[Counted, ...]
    outcomes: tuple[Counted, ...]
    hours: int
    asks_per_hour: float
    would_asks_per_hour: float
    attention: Attention
    latency_us: dict[str, int]


def stats(store: Store, asked: Filter, blind_ms: int) -> Stats:
    """The numbers of the decisions that a filter asks for; raises StoreError."""
    return _Counting(store, asked).stats(blind_ms)


class _Counting:
    def __init__(self, store: Store, asked: Filter) -> None:
        where, self._values = condition(asked)
        told = ",".join(f"'{kind.value}'" for kind in _TOLD)
        self._store = store
        # The same records for every count.
        self._chosen = (
            "WITH c AS (SELECT r.seq, r.at, r.client, r.occasion, r.action, r.severity, r.verdict, r.would, r.failure,"
            f" r.elapsed_us FROM records AS r WHERE r.kind = '{RecordKind.DECISION.value}'"
            f" AND coalesce(r.occasion, '') NOT IN ({told}) AND {where}) "
        )

    def stats(self, blind_ms: int) -> Stats:
        calls, first, last, hours = next(
            self._select("SELECT count(*), min(at), max(at), count(DISTINCT substr(at, 1, 13)) FROM c")
        )
        length = _period(str(first), str(last)) if calls else _PERIODS[0]
        would = self._counted("would", "WHERE would != verdict")
        per_hour = 1 / max(int(str(hours)), 1)
        found = self._attention(int(str(hours)), blind_ms)
        return Stats(
            calls=int(str(calls)),
            first=str(first or ""),
            last=str(last or ""),
            period_seconds=int(length.total_seconds()),
            periods=tuple(self._periods(length)) if calls else (),
            verdicts=self._counted("verdict"),
            would=would,
            clients=self._counted("client"),
            rules=tuple(self._rules(per_hour)),
            actions=self._counted("action", most=MOST_ACTIONS),
            severities=tuple(Counted(_NAMES[int(row.name)], row.calls) for row in self._counted("severity")),
            failures=self._counted("failure"),
            outcomes=tuple(self._outcomes()),
            hours=int(str(hours)),
            asks_per_hour=found.per_hour,
            would_asks_per_hour=round(_asks(would) * per_hour, 2),
            attention=found,
            latency_us=dict(self._latencies()),
        )

    def _select(self, sql: str) -> Iterator[tuple[object, ...]]:
        return select(self._store, self._chosen + sql, self._values)

    def _counted(self, column: str, where: str = "", most: int = -1) -> tuple[Counted, ...]:
        rows = self._select(
            f"SELECT {column}, count(*) AS n FROM c {where or f'WHERE {column} IS NOT NULL'}"
            f" GROUP BY {column} ORDER BY n DESC, {column} LIMIT {most}"
        )
        return tuple(Counted(str(name), int(str(count))) for name, count in rows)

    def _periods(self, length: timedelta) -> Iterator[Period]:
        seconds = int(length.total_seconds())
        counts: dict[int, dict[str, int]] = {}
        rows = self._select(
            f"SELECT CAST(strftime('%s', substr(at, 1, 19)) AS INTEGER) / {seconds} AS period, verdict, count(*)"
            " FROM c GROUP BY period, verdict"
        )
        for period, verdict, count in rows:
            counts.setdefault(int(str(period)), {})[str(verdict)] = int(str(count))
        for period in range(min(counts), max(counts) + 1):
            by_verdict = counts.get(period, {})
            start = timestamp(period * seconds * 1_000_000_000)
            yield Period(start, *(by_verdict.get(verdict.word, 0) for verdict in Verdict))

    def _rules(self, per_hour: float) -> Iterator[RuleHits]:
        rows = self._select(
            "SELECT f.rule, count(DISTINCT c.seq) AS n, count(DISTINCT CASE WHEN c.verdict = 'ask' THEN c.seq END),"
            f" count(DISTINCT CASE WHEN c.verdict = 'deny' THEN c.seq END), {_would(Verdict.ASK)} AS asks,"
            f" {_would(Verdict.DENY)} AS denials FROM c JOIN findings AS f ON f.seq = c.seq"
            # What would interrupt must not be crowded out by what only watches.
            f" GROUP BY f.rule ORDER BY asks + denials DESC, n DESC, f.rule LIMIT {MOST_RULES}"
        )
        for rule, *counts in rows:
            calls, asked, denied, would_ask, would_deny = (int(str(count)) for count in counts)
            yield RuleHits(str(rule), calls, asked, denied, round(asked * per_hour, 2), would_ask, would_deny)

    def _attention(self, hours: int, blind_ms: int) -> Attention:
        chosen = (int(str(seq)) for (seq,) in self._select(f"SELECT seq FROM c WHERE {IS_ASK} ORDER BY seq"))
        (first,) = next(self._select(f"SELECT min(seq) FROM c WHERE {IS_ASK}"))
        events = () if first is None else ask_events(self._store, int(str(first)))
        return attention(only(answers(events), chosen), hours, blind_ms, MOST_RULES)

    def _outcomes(self) -> Iterator[Counted]:
        rows = self._select(
            "SELECT coalesce(t.outcome, CASE WHEN t.call IS NULL THEN 'never ran' ELSE 'ran' END) AS o, count(*) AS n"
            f" FROM c LEFT JOIN results AS t ON t.call = c.seq WHERE {IS_ASK} GROUP BY o ORDER BY n DESC, o"
        )
        return (Counted(str(name), int(str(count))) for name, count in rows)

    def _latencies(self) -> Iterator[tuple[str, int]]:
        timed = int(str(next(self._select("SELECT count(elapsed_us) FROM c"))[0]))
        for percent in PERCENTILES if timed else ():
            skipped = max(0, -(-timed * percent // 100) - 1)
            row = next(self._select(f"SELECT elapsed_us FROM c WHERE elapsed_us NOTNULL ORDER BY 1 LIMIT {skipped}, 1"))
            yield f"p{percent}" if percent < 100 else "max", int(str(row[0]))


def _asks(counted: tuple[Counted, ...]) -> int:
    return next((row.calls for row in counted if row.name == Verdict.ASK.word), 0)


def _would(verdict: Verdict) -> str:
    """Counts the calls that were let through although the rule in `f` said this."""
    said = f"c.would = '{verdict.word}' AND f.verdict = c.would AND c.verdict != c.would"
    return f"count(DISTINCT CASE WHEN {said} THEN c.seq END)"


def _period(first: str, last: str) -> timedelta:
    """The shortest of the periods people know that cuts the time between two moments into few enough."""
    span = _moment(last) - _moment(first)
    return next((period for period in _PERIODS if span / period < MOST_PERIODS - 1), _PERIODS[-1])


def _moment(text: str) -> datetime:
    return datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)

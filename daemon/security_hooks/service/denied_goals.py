"""Denied goals on the path of a call: remembers what was denied, and denies other routes to it.

Only makes verdicts stricter. What a person permits (`allow-once`, or a question that the client put and after which the
call ran) is forgotten as a goal; so is all that was denied under a policy that is no longer in force. Where a policy
only observes, what it would have denied is remembered, and counts for as long as that holds.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator

from security_hooks.memory.goals import Denial, Goal, Goals, Route
from security_hooks.memory.subject import objections
from security_hooks.model.decision import Basis, Decision, Finding, Severity, Tier, Verdict
from security_hooks.model.event import EventKind, HookEvent, ToolCall
from security_hooks.policy.config_types import Mode
from security_hooks.policy.decide import EVIDENCE
from security_hooks.policy.snapshot import Snapshot
from security_hooks.service.exchange import Exchange
from security_hooks.service.judge import is_judged
from security_hooks.service.restraint import restricted

RULE = "denied-goal"
# Questions whose calls may still run; the oldest is given up past that.
MOST_ASKED = 256
MINUTE = 60

_RESULTS = frozenset({EventKind.POST_TOOL, EventKind.POST_TOOL_FAILURE})
_Call = tuple[str, str, str | ToolCall]


class DeniedGoals:
    """The goals of all sessions. `clock` is Unix time in seconds."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._goals = Goals()
        self._asked: OrderedDict[_Call, frozenset[Goal]] = OrderedDict()

    def restrict(self, exchange: Exchange, decision: Decision) -> Decision:
        """The decision, or a stricter one where the call would do by another route what was denied."""
        snapshot = exchange.snapshot
        if decision.would is Verdict.DENY or snapshot is None:
            return decision
        now = int(self._clock())
        route = max(self._routes(exchange, snapshot, now), key=lambda route: route.verdict, default=None)
        if route is None or route.verdict <= decision.would:
            return decision
        return restricted(decision, _finding(route, now), snapshot)

    def answered(self, exchange: Exchange, decision: Decision) -> None:
        """Take an answered call into account."""
        event, snapshot = exchange.event, exchange.snapshot
        if event is None or event.tool is None or snapshot is None:
            return
        if event.kind in _RESULTS:
            asked = self._asked.pop(_call(event, event.tool), None) if self._asked else None
            if asked is not None and event.outcome is not None:
                self._goals.clear(asked)
            return
        if not is_judged(event) or exchange.summary is None or exchange.place is None:
            return
        now = int(self._clock())
        if decision.verdict is Verdict.ALLOW:
            self._allowed(exchange, snapshot, now)
            if _is_observing(snapshot) and decision.would is Verdict.DENY and decision.basis is Basis.RULE:
                self._remember(exchange, decision, snapshot, now)
        elif exchange.answered == Verdict.ASK.word:
            self._ask(exchange, snapshot, now)
        elif decision.basis is Basis.RULE:
            self._remember(exchange, decision, snapshot, now)

    def dump(self, now: int) -> Iterator[bytes]:
        """All that is remembered and not older than a day, for `restore`."""
        return self._goals.dump(now - 1440 * MINUTE)

    def restore(self, parts: Iterable[bytes], now: int) -> None:
        """Take in what was dumped; raises msgspec.ValidationError or msgspec.DecodeError."""
        self._goals.restore(parts)
        self._goals.expire(now - 1440 * MINUTE)

    def _routes(self, exchange: Exchange, snapshot: Snapshot, now: int) -> tuple[Route, ...]:
        event, place, summary = exchange.event, exchange.place, exchange.summary
        minutes = snapshot.config.goal_minutes
        if event is None or place is None or summary is None or not minutes or not is_judged(event):
            return ()
        found = self._goals.routes(summary.deeds, _family(exchange, event), place, now - minutes * MINUTE)
        # A person who has changed the policy since has said what they want.
        return tuple(
            route
            for route in found
            if (route.goal.denial.root != exchange.root or route.goal.denial.digest == snapshot.digest)
            # Nobody was told of what was only observed.
            and (not route.goal.denial.is_observed or _is_observing(snapshot))
        )

    def _allowed(self, exchange: Exchange, snapshot: Snapshot, now: int) -> None:
        if exchange.permit is not None:
            self._goals.clear(_goals(self._routes(exchange, snapshot, now)))
        elif exchange.event is not None and exchange.place is not None and exchange.summary is not None:
            since = now - snapshot.config.goal_minutes * MINUTE
            self._goals.follow(exchange.summary.deeds, _family(exchange, exchange.event), exchange.place, since)

    def _ask(self, exchange: Exchange, snapshot: Snapshot, now: int) -> None:
        goals = _goals(self._routes(exchange, snapshot, now))
        if goals and exchange.event is not None and exchange.event.tool is not None:
            self._asked[_call(exchange.event, exchange.event.tool)] = goals
            if len(self._asked) > MOST_ASKED:
                self._asked.popitem(last=False)

    def _remember(self, exchange: Exchange, decision: Decision, snapshot: Snapshot, now: int) -> None:
        """Keep what a denial by rules was about; of an ask that the client could not put, what asked."""
        event, place, summary = exchange.event, exchange.place, exchange.summary
        if event is None or event.tool is None or place is None or summary is None or not snapshot.config.goal_minutes:
            return
        self._goals.expire(now - snapshot.config.goal_minutes * MINUTE)
        is_observed = _is_observing(snapshot)
        said = decision.would if is_observed else decision.verdict
        for finding in decision.findings:
            # What is not certain was never said to be there.
            if finding.verdict is not said or not finding.certain:
                continue
            denial = Denial(
                said,
                finding.rule,
                finding.evidence,
                now,
                _family(exchange, event),
                place.project,
                exchange.root,
                snapshot.digest,
                is_observed,
            )
            for known in snapshot.rules:
                rule = known.rule
                if (rule.name, rule.file, rule.line) == (finding.rule, finding.file, finding.line):
                    for objection in objections(rule, finding.command, summary.deeds, event, event.tool, place):
                        self._goals.remember(objection, denial, place)


def _is_observing(snapshot: Snapshot) -> bool:
    return snapshot.config.mode is Mode.OBSERVE


def _family(exchange: Exchange, event: HookEvent) -> str:
    return exchange.family or f"{event.client} {event.session_id}"


def _call(event: HookEvent, tool: ToolCall) -> _Call:
    return event.client, event.session_id, tool.call_id or tool


def _goals(routes: Iterable[Route]) -> frozenset[Goal]:
    return frozenset(route.goal for route in routes)


def _finding(route: Route, now: int) -> Finding:
    goal, denies = route.goal, route.verdict is Verdict.DENY
    minutes = max(0, now - goal.denial.at) // MINUTE
    ago = "just now" if minutes == 0 else f"{minutes} min ago"
    would = "would" if route.certain else "may"
    denied = "would have denied" if goal.denial.is_observed else "denied"
    nudge = (
        f"This {would} do by another route what rule {goal.denial.rule} {denied} {ago}. Do what that denial says"
        " instead, or leave it to a person, who can permit this call once from a terminal of their own, where"
        " `security-hooks asks` shows how"
    )
    return Finding(
        RULE,
        Tier.BLOCK if denies else Tier.SUSPICIOUS,
        route.certain,
        route.verdict,
        nudge,
        goal.denial.evidence[:EVIDENCE],
        route.command,
        "",
        0,
        Severity.HIGH,
    )

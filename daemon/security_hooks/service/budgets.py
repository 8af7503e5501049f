"""Budgets on the path of a call: how much of what a session, an agent and the machine did lately, and may yet do.

What is let through or put to a person is counted, in windows that slide; what is denied is not. A restart gives nothing
back. Asks the disk for sizes alone, and only of files that a call sends.
"""

import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator

from security_hooks.memory.ledger import Ledger
from security_hooks.model.decision import Decision, Finding, Severity, Tier, Verdict
from security_hooks.model.event import EventKind, HookEvent
from security_hooks.model.spending import BUDGET_RULES, NOTHING, Budget, Level, Resource, Spending
from security_hooks.service.exchange import Exchange
from security_hooks.service.restraint import restricted

MACHINE = "machine"

_MINUTE, _HOUR = 60, 3_600
_DID = {
    Resource.FILES_DELETED: "deleted {} different files",
    Resource.FILES_WRITTEN: "written {} different files",
    Resource.BYTES_OUT: "sent {} bytes or more",
    Resource.HOSTS: "connected to {} different hosts",
    Resource.FORCE_PUSHES: "overwritten or deleted branches with {} pushes",
}
_WHO = {
    Level.SESSION: "This session",
    Level.AGENT: "This agent",
    Level.MACHINE: "All sessions of this machine together",
}
_Share = tuple[tuple[bytes, ...], int]
_NO_SHARE: _Share = ((), 0)


class Budgets:
    """What was spent, by session, agent and machine. `is_slow` says of a path whether its disk may not answer; `clock`
    gives seconds and never goes back.
    """

    def __init__(self, is_slow: Callable[[str], bool], clock: Callable[[], float] = time.monotonic) -> None:
        self._is_slow = is_slow
        self._clock = clock
        self._ledger = Ledger(frozenset({MACHINE}))

    def restrict(self, exchange: Exchange, decision: Decision) -> Decision:
        """The decision, or a stricter one where the call would exceed a budget."""
        event, snapshot = exchange.event, exchange.snapshot
        spending = _spending(exchange)
        if spending is NOTHING or event is None or snapshot is None or decision.would is Verdict.DENY:
            return decision
        settings = snapshot.config.budgets
        now = self._ledger.time(self._clock())
        shares: dict[Resource, _Share] = {}
        for budget in settings.budgets:
            share = shares.get(budget.resource)
            if share is None:
                share = shares[budget.resource] = self._share(exchange, spending, budget.resource)
            if share is not _NO_SHARE:
                nudge = self._objection(budget, _holder(budget.level, exchange, event), share, now)
                if nudge:
                    decision = restricted(decision, _finding(budget, nudge, denies=settings.denies), snapshot)
        return decision

    def saw(self, exchange: Exchange, decision: Decision) -> None:
        """A call was answered."""
        event, snapshot = exchange.event, exchange.snapshot
        spending = _spending(exchange)
        if spending is NOTHING or event is None or snapshot is None:
            return
        if decision.verdict is not Verdict.ALLOW and exchange.answered != Verdict.ASK.word:
            return
        now = self._ledger.time(self._clock())
        for budget in snapshot.config.budgets.budgets:
            share = self._share(exchange, spending, budget.resource)
            if share is not _NO_SHARE:
                holder = _holder(budget.level, exchange, event)
                self._ledger.spend(holder, budget.resource, *share, now, budget.rate.seconds)

    def dump(self, now: int) -> Iterator[bytes]:
        """All that may still count, in parts, for `restore`."""
        return self._ledger.dump(now, self._ledger.time(self._clock()))

    def restore(self, parts: Iterable[bytes], now: int) -> None:
        """Take up what was dumped; raises msgspec.DecodeError or msgspec.ValidationError."""
        self._ledger.restore(parts, now, self._clock())

    def _objection(self, budget: Budget, holder: str, share: _Share, now: float) -> str:
        """Why the call may not spend its share; empty where it may."""
        names, amount = share
        most, seconds = budget.rate.count, budget.rate.seconds
        tally = self._ledger.tally(holder, budget.resource)
        spent = 0 if tally is None else tally.spent(now, seconds)
        if spent + len(names) + amount <= most:
            return ""
        needed = amount + (len(names) if tally is None else tally.needed(names, now, seconds))
        if not needed or spent + needed <= most:
            return ""
        waits = None if tally is None or needed > most else tally.frees(spent + needed - most, now, seconds)
        did = _DID[budget.resource].format(f"{spent:,}")
        verb = "have" if budget.level is Level.MACHINE else "has"
        when = (
            "This call alone is more than that"
            if waits is None
            else f"In {_told(waits)} enough of that no longer counts for this call"
        )
        return (
            f"{_WHO[budget.level]} {verb} {did} within {_told(seconds)}, and this call would add {needed:,}: "
            f"`{_key(budget)}` allows {most:,}. {when}. Tell the person what is left to do: they can permit this call "
            "once, where `security-hooks asks` shows how, or raise the budget in the configuration"
        )

    def _share(self, exchange: Exchange, spending: Spending, resource: Resource) -> _Share:
        """What of a resource the call spends: by name, and besides."""
        deleted, written, hosts = spending.unnamed
        match resource:
            case Resource.FILES_DELETED:
                share: _Share = (spending.deleted, deleted)
            case Resource.FILES_WRITTEN:
                share = (spending.written, written)
            case Resource.HOSTS:
                share = (spending.hosts, hosts)
            case Resource.FORCE_PUSHES:
                share = ((), spending.pushes)
            case Resource.BYTES_OUT:
                sent = () if exchange.is_unseen else spending.sent
                share = ((), spending.bytes + sum(map(self._size, sent)))
        return share if share[0] or share[1] else _NO_SHARE

    def _size(self, path: str) -> int:
        """The bytes of a regular file; 0 where nobody can say."""
        try:
            if self._is_slow(path):
                return 0
            status = os.stat(path)  # noqa: PTH116 - a path is a word here
        except (OSError, ValueError):
            return 0
        return status.st_size if stat.S_ISREG(status.st_mode) else 0


def _spending(exchange: Exchange) -> Spending:
    event, snapshot, summary = exchange.event, exchange.snapshot, exchange.summary
    if summary is None or snapshot is None or event is None or event.kind is not EventKind.PRE_TOOL:
        return NOTHING
    # One that was made in another process is another object.
    spending = summary.spending
    return spending if snapshot.config.budgets.budgets and spending != NOTHING else NOTHING


def _holder(level: Level, exchange: Exchange, event: HookEvent) -> str:
    if level is Level.MACHINE:
        return MACHINE
    session = f"{event.client}/{event.session_id}"
    if level is Level.SESSION:
        return f"session {exchange.family or session}"
    return f"agent {session} {event.agent_id or ''}"


def _key(budget: Budget) -> str:
    return f"[budgets.{budget.level.value}] {budget.resource.value}"


def _finding(budget: Budget, nudge: str, *, denies: bool) -> Finding:
    # The same for the same budget at any time: a permit for this call is one for that.
    return Finding(
        BUDGET_RULES[budget.resource],
        Tier.BLOCK if denies else Tier.SUSPICIOUS,
        True,
        Verdict.DENY if denies else Verdict.ASK,
        nudge,
        _key(budget),
        None,
        "",
        0,
        Severity.HIGH,
    )


def _told(seconds: float) -> str:
    if seconds >= _HOUR and seconds % _HOUR == 0:
        return f"{int(seconds // _HOUR)} h"
    if seconds > _MINUTE:
        return f"{int(-(-seconds // _MINUTE))} min"
    return f"{max(1, int(-(-seconds // 1)))} s"

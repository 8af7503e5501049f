"""The ask budget on the path of a call: past it a person is spared the question, and the call waits for them instead.

The verdict stays an ask, with its code for `allow-once`; only the client is told to deny. So nothing is ever let
through that would have been asked about. In memory alone.
"""

import time
from collections.abc import Callable

from msgspec.structs import replace

from security_hooks.clients.client import AskPolicy
from security_hooks.memory.ask_budget import Asked, is_spent, with_question, within
from security_hooks.memory.recent import Recent
from security_hooks.model.decision import Decision, Finding, Severity, Tier, Verdict
from security_hooks.model.event import EventKind, HookEvent
from security_hooks.service.ask_policy import ask_policy
from security_hooks.service.exchange import Exchange
from security_hooks.service.restraint import restricted

RULE = "ask-budget"
_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


class AskBudget:
    """What each session has asked a person of late; `clock` gives seconds and never goes back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sessions: Recent[Asked] = Recent()

    def restrict(self, exchange: Exchange, decision: Decision) -> Decision:
        """The same verdict; past the budget the person is not asked, and the decision says so."""
        snapshot, event, client = exchange.snapshot, exchange.event, exchange.client
        if decision.verdict is not Verdict.ASK or snapshot is None or event is None or client is None:
            return decision
        per_hour = snapshot.config.asks_per_hour
        if not per_hour or event.kind is not EventKind.PRE_TOOL or ask_policy(client, snapshot) is not AskPolicy.ASK:
            return decision
        now = self._clock()
        asked = self._sessions.get(_session(event), now) or ()
        if not is_spent(asked, severity_of(decision), per_hour, now):
            return decision
        exchange.is_unasked = True
        count = len(within(asked, now))
        why = (
            f"This session put {count} questions to a person within an hour, and what is left of the {per_hour} in "
            "`[verdict] asks_per_hour` is kept for graver ones, so nobody is asked"
        )
        found = Finding(RULE, Tier.WATCH, True, None, why, "", None, "", 0, Severity.INFO)
        return restricted(_told(decision, why), found, snapshot)

    def saw(self, exchange: Exchange) -> None:
        """Take into account what a call was answered."""
        event, snapshot = exchange.event, exchange.snapshot
        if exchange.answered != Verdict.ASK.word or event is None or event.kind is not EventKind.PRE_TOOL:
            return
        if snapshot is not None and snapshot.config.asks_per_hour:
            now = self._clock()
            session = _session(event)
            self._sessions.keep(session, with_question(self._sessions.get(session, now) or (), now), now)


def severity_of(decision: Decision) -> Severity:
    """How grave the gravest is that a person would be asked about; medium where no rule says."""
    asking = (finding.severity for finding in decision.findings if finding.verdict is Verdict.ASK)
    return max(asking, key=_RANKS.__getitem__, default=Severity.MEDIUM)


def _told(decision: Decision, why: str) -> Decision:
    """The decision with the reason in what the agent reads first. What a permit goes by stays as it is."""
    for number, finding in enumerate(decision.findings):
        if finding.verdict is Verdict.ASK:
            nudge = f"{finding.nudge.rstrip('. ')}. {why}" if finding.nudge else why
            said = replace(finding, nudge=nudge)
            return replace(decision, findings=(*decision.findings[:number], said, *decision.findings[number + 1 :]))
    return decision


def _session(event: HookEvent) -> tuple[str, str]:
    return event.client, event.session_id

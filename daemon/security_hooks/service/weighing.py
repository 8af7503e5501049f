"""Rulings on calls that would throw work away: held back until it is known whose work that is.

Stands before `Rulings` and asks nothing of other calls. Where it cannot be found out in time, the ruling stands as the
rules made it; the record says so.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from msgspec.structs import replace

from security_hooks.memory.weighing import TAG, Teller, Weighed, deletion, is_tagged, liftable, reworded
from security_hooks.model.decision import Basis, Decision, Finding, Severity, Tier, Verdict
from security_hooks.model.event import EventKind
from security_hooks.model.failure import CallError
from security_hooks.model.work import Discard, Discards, Loss, Stakes
from security_hooks.policy.config_types import DefaultAnswer, Mode, WhoseWork
from security_hooks.policy.decide import FINDINGS, FINDINGS_OF_ONE_RULE
from security_hooks.policy.snapshot import Snapshot
from security_hooks.service.authors import Authors
from security_hooks.service.exchange import Exchange
from security_hooks.service.pace import Pace
from security_hooks.service.repository import find_root
from security_hooks.service.restraint import restricted

# Of the time that a call may take apart, what looking for stakes may: the rest is for the way there and back.
SHARE = 0.6
_KINDS = (EventKind.PRE_TOOL, EventKind.PERMISSION)


class Ruler(Protocol):
    """Who decides by the rules: `Rulings`."""

    pace: Pace

    def rule(self, exchange: Exchange, payload: bytes) -> Decision | Awaitable[Decision]:
        """Decide on a payload, now or later; raises CallError."""


class Finder(Protocol):
    """Who looks for what is at stake: `Isolation`."""

    async def find_stakes(
        self, discards: tuple[Discard, ...], home: str, made_again: tuple[str, ...], seconds: float, deadline: float
    ) -> tuple[Stakes, ...]:
        """What each of these would throw away; raises CallError."""


class WeighedRulings:
    """Rules as `rulings` does, and weighs what calls would throw away. `is_slow` says of a path whether its disk may
    not answer.
    """

    def __init__(self, rulings: Ruler, finder: Finder, authors: Authors, is_slow: Callable[[str], bool]) -> None:
        self._rulings = rulings
        self._finder = finder
        self._authors = authors
        self._is_slow = is_slow
        self.pace = rulings.pace

    def rule(self, exchange: Exchange, payload: bytes) -> Decision | Awaitable[Decision]:
        """Decide on a payload, now or later; raises CallError."""
        ruling = self._rulings.rule(exchange, payload)
        return self._weighed(exchange, ruling) if isinstance(ruling, Decision) else self._later(exchange, ruling)

    async def _later(self, exchange: Exchange, ruling: Awaitable[Decision]) -> Decision:
        weighed = self._weighed(exchange, await ruling)
        return weighed if isinstance(weighed, Decision) else await weighed

    def _weighed(self, exchange: Exchange, decision: Decision) -> Decision | Awaitable[Decision]:
        summary, snapshot, event = exchange.summary, exchange.snapshot, exchange.event
        if summary is None or not summary.discards.discards or snapshot is None or event is None:
            return decision
        if exchange.is_unseen or not exchange.family or event.kind not in _KINDS or decision.basis is Basis.FAILURE:
            return decision
        if snapshot.config.whose_work is WhoseWork.OFF:
            return decision
        tagged = {finding.command for finding in decision.findings if is_tagged(finding)}
        wanted = tuple(
            discard
            for discard in summary.discards.discards
            if (
                decision.would is Verdict.ALLOW and self._may_be_others(discard, exchange.family)
                if discard.loss is Loss.FILES
                else discard.command in tagged
            )
        )
        return self._asked(exchange, snapshot, decision, summary.discards, wanted) if wanted else decision

    def _may_be_others(self, discard: Discard, family: str) -> bool:
        """Whether some of these files may be in a work tree and not surely this session's."""
        return any(
            self._is_slow(root)
            or (find_root(root) is not None and (discard.is_deep or not self._authors.is_own(root, family)))
            for root in discard.roots
        )

    async def _asked(
        self,
        exchange: Exchange,
        snapshot: Snapshot,
        decision: Decision,
        discards: Discards,
        wanted: tuple[Discard, ...],
    ) -> Decision:
        config, place = snapshot.config, exchange.place
        allowed = config.limits.analysis_milliseconds / 1000
        home, project = ("/", "") if place is None else (place.home, place.project or "")
        try:
            stakes = await self._finder.find_stakes(
                wanted, home, config.made_again, allowed * SHARE, asyncio.get_running_loop().time() + allowed
            )
        except CallError as error:
            stakes = (Stakes(missing=error.failure.row.log),) * len(wanted)
        family = exchange.family
        weighed = [
            Weighed(discard, found, tuple(self._authors.whose(stake, family) for stake in found.stakes))
            for discard, found in zip(wanted, stakes, strict=True)
        ]
        teller = Teller(project, self._authors.name, time.time_ns())
        found = deletion(weighed, teller)
        if found is not None:
            decision = restricted(decision, found, snapshot)
        decision = reworded(decision, weighed, teller)
        if config.whose_work is WhoseWork.LIFT and config.default_answer is not DefaultAnswer.ASK:
            decision = _lifted(decision, weighed, discards, is_observing=config.mode is Mode.OBSERVE)
        return _with_doubt(decision, weighed)


def _lifted(decision: Decision, weighed: list[Weighed], discards: Discards, *, is_observing: bool) -> Decision:
    """The decision without the asks that nobody needs; each stays as a finding without a verdict that says why."""
    # Of what was left out of the findings nobody knows which commands it was about.
    counts = [finding.rule for finding in decision.findings]
    is_listed = len(counts) < FINDINGS
    findings = []
    for finding in decision.findings:
        why = ""
        if is_tagged(finding) and is_listed and counts.count(finding.rule) < FINDINGS_OF_ONE_RULE:
            why = liftable(finding, weighed, discards)
        findings.append(replace(finding, verdict=None, nudge=f"Not asked about: {why}") if why else finding)
    would = max((finding.verdict for finding in findings if finding.verdict is not None), default=Verdict.ALLOW)
    if would >= decision.would:
        return replace(decision, findings=tuple(findings))
    basis = decision.basis if would is not Verdict.ALLOW else Basis.DEFAULT
    verdict = Verdict.ALLOW if is_observing else would
    return replace(decision, verdict=verdict, would=would, basis=basis, findings=tuple(findings))


def _with_doubt(decision: Decision, weighed: list[Weighed]) -> Decision:
    """The decision, with what could not be found out on record."""
    missing = next((one.stakes.missing for one in weighed if one.stakes.missing), "")
    if not missing:
        return decision
    said = f"Whose work it would discard could not be told: {missing}"
    doubt = Finding("unknown-work", Tier.WATCH, False, None, said, "", None, "", 0, Severity.INFO, (TAG,))
    return replace(decision, findings=(*decision.findings, doubt))

from typing import Any

import pytest

from security_hooks.model.decision import Basis, Decision, Finding, Severity, Tier, Verdict
from security_hooks.model.failure import Failure, Reason
from security_hooks.policy.decide import FINDINGS
from security_hooks.service.exchange import Exchange
from security_hooks.service.nap import Nap
from security_hooks.service.peer import Peer

ALLOW, ASK, DENY = Verdict.ALLOW, Verdict.ASK, Verdict.DENY


def finding(verdict: Verdict | None, *tags: str) -> Finding:
    return Finding("r", Tier.BLOCK, True, verdict, "", "x", 0, "a.rules", 1, Severity.HIGH, tags)


def decision(verdict: Verdict, *findings: Finding, **fields: Any) -> Decision:
    return Decision(verdict, Basis.RULE, findings, would=verdict, **fields)


class Sleeper:
    """A nap with clocks of our own."""

    def __init__(self) -> None:
        self.wall = self.steady = 0.0
        self.notes: list[dict[str, Any]] = []
        self.nap = Nap(self.notes.append, lambda: self.steady, lambda: self.wall)


OWN = finding(DENY, "self-protection")
OWN_ASK = finding(ASK, "self-protection")


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        (decision(DENY, finding(DENY)), ALLOW),
        (decision(ASK, finding(ASK)), ALLOW),
        (decision(ASK), ALLOW),
        (decision(DENY, OWN), DENY),
        (decision(DENY, finding(DENY), OWN), DENY),
        (decision(ASK, OWN_ASK), ASK),
        # What guards us only asks; the rest denies.
        (decision(DENY, finding(DENY), OWN_ASK), ASK),
        (decision(DENY, finding(DENY), finding(None, "self-protection")), ALLOW),
        # Not all findings are told, so that one of the guard's own may be left out.
        (decision(DENY, *[finding(DENY)] * FINDINGS), DENY),
        (Decision(DENY, Basis.FAILURE, would=DENY, failure=Failure(Reason.INTERNAL)), DENY),
        (decision(ALLOW), ALLOW),
    ],
)
def test_only_what_harms_the_guard_is_objected_to(given: Decision, verdict: Verdict) -> None:
    sleeper = Sleeper()
    exchange = Exchange(Peer(1, 2))
    assert sleeper.nap.ease(exchange, given) is given
    sleeper.nap.begin(60)
    eased = sleeper.nap.ease(exchange, given)
    assert (eased.verdict, eased.would) == (verdict, given.would)
    assert exchange.is_nap is (verdict is not given.verdict)


@pytest.mark.parametrize(("wall", "steady"), [(60.0, 0.0), (0.0, 60.0), (-9_000.0, 60.0)])
def test_it_ends_by_whichever_clock_is_first_there(wall: float, steady: float) -> None:
    sleeper = Sleeper()
    assert sleeper.nap.begin(60) == 60
    assert "for 1 more minutes" in sleeper.nap.line()
    sleeper.wall, sleeper.steady = wall, steady
    denied = decision(DENY, finding(DENY))
    assert sleeper.nap.ease(Exchange(Peer(1, 2)), denied) is denied
    assert sleeper.notes == [{"ended": "its time was up"}]
    assert sleeper.nap.line() == ""


def test_a_person_ends_it_and_a_second_time_there_is_none() -> None:
    sleeper = Sleeper()
    sleeper.nap.begin(60)
    assert sleeper.nap.end("a person woke it")
    assert not sleeper.nap.end("again")
    assert sleeper.notes == [{"ended": "a person woke it"}]
    assert not sleeper.nap.is_on()

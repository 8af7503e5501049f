import pytest

from security_hooks.model.decision import Basis, Decision, Finding, Severity, Tier, Verdict
from security_hooks.policy.built import Build
from security_hooks.policy.config import Config, Mode
from security_hooks.policy.snapshot import assemble_at_once
from security_hooks.service.restraint import restricted

ALLOW, ASK, DENY = Verdict.ALLOW, Verdict.ASK, Verdict.DENY


def finding(verdict: Verdict | None) -> Finding:
    return Finding("found", Tier.SUSPICIOUS, True, verdict, "", "", None, "", 0, Severity.LOW)


@pytest.mark.parametrize(
    ("before", "found", "after"),
    [
        (ALLOW, None, ALLOW),
        (ALLOW, ASK, ASK),
        (ALLOW, DENY, DENY),
        (ASK, ASK, ASK),
        (ASK, DENY, DENY),
        (DENY, None, DENY),
        (DENY, ASK, DENY),
    ],
)
def test_the_stricter_verdict_stands_and_the_finding_is_kept(
    before: Verdict, found: Verdict | None, after: Verdict
) -> None:
    one = finding(found)
    explicit = before is ALLOW
    snapshot = assemble_at_once(Build("d", Config(), ()), 1)
    decision = restricted(Decision(before, Basis.RULE, would=before, explicit=explicit), one, snapshot)
    assert (decision.verdict, decision.would) == (after, after)
    assert one in decision.findings
    assert decision.explicit == (explicit and after is ALLOW)


def test_an_observing_policy_blocks_nothing() -> None:
    snapshot = assemble_at_once(Build("d", Config(mode=Mode.OBSERVE), ()), 1)
    decision = restricted(Decision(ALLOW, Basis.DEFAULT), finding(DENY), snapshot)
    assert (decision.verdict, decision.would, decision.basis) == (ALLOW, DENY, Basis.RULE)

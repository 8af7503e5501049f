"""What may make a decision stricter after the rules: what sessions did before, what a person has said of a tool.

Each restraint is asked once about each call that has a decision, on the path of the call; none may loosen one.
"""

from typing import Protocol

from msgspec.structs import replace

from security_hooks.model.decision import Basis, Decision, Finding, Verdict
from security_hooks.policy.config_types import Mode
from security_hooks.policy.snapshot import Snapshot
from security_hooks.service.exchange import Exchange


class Restraint(Protocol):
    """Something that knows more of a call than its facts."""

    def restrict(self, exchange: Exchange, decision: Decision) -> Decision:
        """The decision, or a stricter one in its place."""


def restricted(decision: Decision, found: Finding, snapshot: Snapshot) -> Decision:
    """The decision with one more finding, which counts as a rule's does; in `observe` mode it blocks nothing."""
    verdict = Verdict.ALLOW if found.verdict is None else found.verdict
    if verdict <= decision.would:
        # Where a person is told one reason, it is still the first that made the verdict.
        return replace(decision, findings=(*decision.findings, found))
    is_observing = snapshot.config.mode is Mode.OBSERVE
    return replace(
        decision,
        verdict=Verdict.ALLOW if is_observing else verdict,
        would=verdict,
        basis=Basis.RULE,
        findings=(found, *decision.findings),
        explicit=False,
    )

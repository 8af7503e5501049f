"""One-time permits: what asks wait for a person, by which codes, and which calls a person has permitted once.

Lives in memory alone and is bounded. A permit lifts the very findings that its ask was about, for the very call, once:
nothing else that is found then, and nothing that protects the guard. Time comes in as a value that never goes back.
"""

from collections.abc import Callable, Iterable

import msgspec
from msgspec.structs import replace

from security_hooks.model.decision import Basis, Decision, Finding, Severity, Tier, Verdict
from security_hooks.model.spending import BUDGET_RULES
from security_hooks.policy.built import SELF_PROTECTION
from security_hooks.policy.decide import FINDINGS

SECONDS = 600.0
MOST = 64
# Without what people take for something else: 0 and O, 1 and I and L, U and V.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTWXYZ"
LENGTH = 8
RULE = "allow-once"
# Denials that no rule gave, which a person may lift as they may an ask.
LIFTABLE = frozenset({"denied-goal", *BUDGET_RULES.values()})


class Ask(msgspec.Struct, frozen=True, gc=False):
    """A call that a person was, or would have been, asked about. `call` is its digest, `text` the start of what it
    says, `findings` are rule and evidence of what asked; `at` is when.
    """

    code: str
    call: str
    client: str
    project: str | None
    text: str
    findings: frozenset[tuple[str, str]]
    at: float

    @property
    def rules(self) -> list[str]:
        """The rules that asked, by name."""
        return sorted({rule for rule, _ in self.findings})


class Permit(msgspec.Struct, frozen=True, gc=False):
    """An ask that the process `pid` of a person permitted, at `at`."""

    ask: Ask
    pid: int
    at: float


class Permits:
    """Asks and permits of the last ten minutes. `choose` picks one of a text's characters, unpredictably."""

    def __init__(self, choose: Callable[[str], str]) -> None:
        self._choose = choose
        self._asks: dict[str, Ask] = {}
        self._permits: dict[str, Permit] = {}

    def offer(self, call: str, client: str, project: str | None, text: str, decision: Decision, now: float) -> Ask:
        """Remember a call that is asked about. Asked about again, it keeps its code; past `MOST` the oldest goes."""
        self._forget(now)
        code = next((ask.code for ask in self._asks.values() if ask.call == call), None) or self._new_code()
        self._asks.pop(code, None)
        if len(self._asks) >= MOST:
            del self._asks[next(iter(self._asks))]
        self._asks[code] = Ask(code, call, client, project, text, asking(decision), now)
        return self._asks[code]

    def waiting(self, now: float) -> tuple[Ask, ...]:
        """The asks whose codes hold, the oldest first."""
        self._forget(now)
        return tuple(self._asks.values())

    def ask_of(self, typed: str, now: float) -> Ask | None:
        """The ask with the code that was typed, in letters of any case."""
        self._forget(now)
        return self._asks.get(typed.strip().upper())

    def permit(self, ask: Ask, pid: int, now: float) -> None:
        """Permit the call once; its code is spent."""
        self._forget(now)
        self._asks.pop(ask.code, None)
        if len(self._permits) >= MOST:
            del self._permits[next(iter(self._permits))]
        self._permits[ask.call] = Permit(ask, pid, now)

    def take(self, call: str, now: float) -> Permit | None:
        """The permit for this call, which is gone with that."""
        self._forget(now)
        return self._permits.pop(call, None)

    def _forget(self, now: float) -> None:
        self._asks = {code: ask for code, ask in self._asks.items() if now - ask.at < SECONDS}
        self._permits = {call: permit for call, permit in self._permits.items() if now - permit.at < SECONDS}

    def _new_code(self) -> str:
        while True:
            code = "".join(self._choose(ALPHABET) for _ in range(LENGTH))
            if code not in self._asks:
                return code


def is_permissible(decision: Decision) -> bool:
    """Whether a person may permit this call once: an ask, or a denial that no rule gave, by nothing that protects the
    guard, with nothing left out.
    """
    return (
        (decision.verdict is Verdict.ASK or _is_liftable(decision))
        and len(decision.findings) < FINDINGS
        and not any(SELF_PROTECTION in finding.tags for finding in _objecting(decision))
    )


def _is_liftable(decision: Decision) -> bool:
    denying = [finding for finding in decision.findings if finding.verdict is Verdict.DENY]
    return decision.verdict is Verdict.DENY and bool(denying) and all(found.rule in LIFTABLE for found in denying)


def asking(decision: Decision) -> frozenset[tuple[str, str]]:
    """What asks: rule and evidence of each finding."""
    return frozenset((finding.rule, finding.evidence) for finding in _objecting(decision))


def permitted(decision: Decision, permit: Permit) -> Decision:
    """The decision as it is with a permit: no objection, unless there is something that the person was not asked."""
    if not is_permissible(decision) or not asking(decision) <= permit.ask.findings:
        return decision
    left = tuple(finding for finding in decision.findings if finding.verdict is None)
    lifted = _objecting(decision)
    evidence = next((finding.evidence for finding in lifted), "")
    found = Finding(RULE, Tier.EXCEPT, True, None, "", evidence, None, "", 0, Severity.MEDIUM)
    return replace(
        decision,
        verdict=Verdict.ALLOW,
        would=Verdict.ALLOW,
        basis=Basis.DEFAULT,
        findings=(*left, found),
        explicit=False,
    )


def _objecting(decision: Decision) -> tuple[Finding, ...]:
    return tuple(_of_verdict(decision.findings))


def _of_verdict(findings: Iterable[Finding]) -> Iterable[Finding]:
    return (finding for finding in findings if finding.verdict is not None and finding.verdict > Verdict.ALLOW)

from collections.abc import Callable
from itertools import count

import pytest
from msgspec.structs import replace

from security_hooks.model.decision import Basis, Decision, Finding, Severity, Tier, Verdict
from security_hooks.policy.decide import FINDINGS
from security_hooks.service.permits import (
    ALPHABET,
    LENGTH,
    MOST,
    SECONDS,
    Ask,
    Permit,
    Permits,
    is_permissible,
    permitted,
)


def choosing() -> Callable[[str], str]:
    """Another character each time, so that no two codes are alike."""
    digits = (int(digit) for number in count() for digit in f"{number:0{LENGTH}}")
    return lambda letters: letters[next(digits)]


def finding(
    rule: str = "frob", evidence: str = "frob x", verdict: Verdict | None = Verdict.ASK, tags: tuple[str, ...] = ()
) -> Finding:
    return Finding(rule, Tier.SUSPICIOUS, True, verdict, "", evidence, 0, "a.rules", 1, Severity.MEDIUM, tags)


def asked(*findings: Finding) -> Decision:
    return Decision(Verdict.ASK, Basis.RULE, findings, would=Verdict.ASK)


def offered(permits: Permits, call: str = "digest", now: float = 0.0) -> Ask:
    return permits.offer(call, "codex-cli", "/p", "Bash: frob x", asked(finding()), now)


def given(*findings: Finding) -> Permit:
    permits = Permits(choosing())
    return Permit(permits.offer("digest", "codex-cli", "/p", "", asked(*findings), 0.0), 7, 0.0)


def test_a_code_is_made_of_what_cannot_be_misread() -> None:
    code = offered(Permits(choosing())).code
    assert len(code) == LENGTH
    assert set(code) <= set(ALPHABET)
    assert not set(ALPHABET) & set("0O1ILUV")


def test_a_code_is_typed_in_letters_of_any_case() -> None:
    permits = Permits(choosing())
    ask = offered(permits)
    assert permits.ask_of(f" {ask.code.lower()} ", 1.0) == ask
    assert permits.ask_of("", 1.0) is None


def test_a_permitted_call_is_permitted_once() -> None:
    permits = Permits(choosing())
    ask = offered(permits)
    permits.permit(ask, 7, 1.0)
    assert permits.ask_of(ask.code, 2.0) is None
    assert permits.take("another", 2.0) is None
    assert permits.take("digest", 2.0) == Permit(ask, 7, 1.0)
    assert permits.take("digest", 2.0) is None


def test_codes_and_permits_end_after_ten_minutes() -> None:
    permits = Permits(choosing())
    ask = offered(permits)
    assert permits.waiting(SECONDS - 1) == (ask,)
    permits.permit(ask, 7, SECONDS - 1)
    late = offered(permits, "late", SECONDS)
    assert permits.take("digest", 2 * SECONDS - 1) is None
    assert permits.ask_of(late.code, 2 * SECONDS) is None
    assert permits.waiting(2 * SECONDS) == ()


def test_a_call_that_is_asked_about_again_keeps_its_code() -> None:
    permits = Permits(choosing())
    first = offered(permits)
    again = offered(permits, now=500.0)
    assert (again.code, again.at) == (first.code, 500.0)
    assert permits.waiting(SECONDS + 1) == (again,)


def test_past_the_bound_the_oldest_goes() -> None:
    permits = Permits(choosing())
    asks = [offered(permits, str(number)) for number in range(MOST + 3)]
    assert permits.waiting(1.0) == tuple(asks[3:])
    assert len({ask.code for ask in asks}) == len(asks)


def test_permits_are_bounded_too() -> None:
    permits = Permits(choosing())
    for number in range(MOST + 1):
        permits.permit(offered(permits, str(number)), 7, 0.0)
    assert permits.take("0", 1.0) is None
    assert permits.take("1", 1.0) is not None


def test_a_permit_lifts_what_asked_and_says_so() -> None:
    watched = finding("watched", verdict=None)
    decision = permitted(asked(finding(), watched), given(finding()))
    assert (decision.verdict, decision.would, decision.basis, decision.explicit) == (
        Verdict.ALLOW,
        Verdict.ALLOW,
        Basis.DEFAULT,
        False,
    )
    assert [item.rule for item in decision.findings] == ["watched", "allow-once"]


def test_a_permit_lifts_an_ask_by_default() -> None:
    by_default = Decision(Verdict.ASK, Basis.DEFAULT, would=Verdict.ASK)
    assert permitted(by_default, given()).verdict is Verdict.ALLOW


@pytest.mark.parametrize(
    "decision",
    [
        asked(finding(), finding("another")),
        asked(finding(evidence="frob y")),
        asked(finding(tags=("self-protection",))),
        Decision(Verdict.DENY, Basis.RULE, (finding(), finding("grob", verdict=Verdict.DENY))),
        Decision(Verdict.DENY, Basis.FAILURE),
        asked(*(finding(evidence=str(number)) for number in range(FINDINGS))),
    ],
    ids=["another rule", "other evidence", "self-protection", "a denial", "a failure", "more than is told"],
)
def test_a_permit_lifts_nothing_that_the_person_was_not_asked_about(decision: Decision) -> None:
    told = tuple(item for item in decision.findings if item.tags) or (finding(),)
    assert permitted(decision, given(*told)) is decision


def test_only_asks_about_other_things_than_the_guard_can_be_permitted() -> None:
    assert is_permissible(asked(finding()))
    assert is_permissible(asked(finding(), finding("watched", verdict=None, tags=("self-protection",))))
    assert not is_permissible(asked(finding(), finding("guard", tags=("self-protection",))))
    assert not is_permissible(replace(asked(finding()), verdict=Verdict.ALLOW))
    assert not is_permissible(replace(asked(finding()), verdict=Verdict.DENY))


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ((finding("denied-goal", verdict=Verdict.DENY),), True),
        ((finding("denied-goal", verdict=Verdict.DENY), finding()), True),
        ((finding("denied-goal", verdict=Verdict.DENY), finding(verdict=Verdict.DENY)), False),
        ((finding("denied-goal", verdict=Verdict.DENY), finding(tags=("self-protection",))), False),
        ((finding(verdict=Verdict.DENY),), False),
        ((finding("denied-goal"),), False),
        ((), False),
    ],
)
def test_only_denials_that_no_rule_gave_are_lifted(findings: tuple[Finding, ...], expected: bool) -> None:
    decision = Decision(Verdict.DENY, Basis.RULE, findings, would=Verdict.DENY)
    assert is_permissible(decision) is expected
    permits = Permits(choosing())
    permit = Permit(permits.offer("digest", "codex-cli", "/p", "", decision, 0.0), 7, 0.0)
    assert (permitted(decision, permit).verdict is Verdict.ALLOW) is expected

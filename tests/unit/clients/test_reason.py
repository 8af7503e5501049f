"""Reasons: what was caught, where and what to do instead, in one bounded line."""

import json

import pytest
from msgspec.structs import replace

from security_hooks.clients.reason import LONGEST, for_json, for_stderr, say, say_failure
from security_hooks.model.decision import Basis, Decision, Finding, Severity, Tier, Verdict
from security_hooks.model.failure import FAILURES, Failure


def found(
    rule: str = "git-force-push",
    verdict: Verdict | None = Verdict.DENY,
    *,
    nudge: str = "Use --force-with-lease.",
    evidence: str = "git push -f",
    certain: bool = True,
) -> Finding:
    return Finding(rule, Tier.BLOCK, certain, verdict, nudge, evidence, 0, "/etc/x/git.rules", 14, Severity.HIGH)


def denied(*findings: Finding) -> Decision:
    return Decision(Verdict.DENY, Basis.RULE, findings)


def test_what_no_rule_of_a_file_found_names_none() -> None:
    finding = replace(found("failing-tool", evidence=""), file="", line=0)
    assert say(denied(finding), for_stderr) == ("security-hooks: denied: rule failing-tool: Use --force-with-lease.")


def asked(*findings: Finding) -> Decision:
    return Decision(Verdict.ASK, Basis.RULE, findings)


def test_a_denial_says_what_was_caught_where_and_what_to_do_instead() -> None:
    assert say(denied(found()), for_stderr) == (
        "security-hooks: denied: rule git-force-push at git.rules:14 caught `git push -f`: Use --force-with-lease."
    )


def test_the_strictest_findings_come_first_and_silent_ones_not_at_all() -> None:
    said = say(denied(found("b", Verdict.ASK), found("w", None), found("a"), found("l", Verdict.ALLOW)), for_stderr)
    assert said.index("rule a ") < said.index("rule b ")
    assert "rule w" not in said
    assert "rule l" not in said


def test_many_findings_are_counted() -> None:
    said = say(denied(*(found(f"rule-{index}") for index in range(9))), for_stderr)
    assert said.endswith("; and 5 more.")


def test_a_doubtful_match_says_so() -> None:
    assert "cannot be ruled out" in say(asked(found(verdict=Verdict.ASK, certain=False)), for_stderr)


def test_an_ask_asks_and_one_that_became_a_denial_says_how_to_lift_it() -> None:
    ask = asked(found(verdict=Verdict.ASK))
    assert say(ask, for_stderr).startswith("security-hooks: ask a person: rule")
    lifted = say(ask, for_stderr, became_deny=True)
    assert lifted.startswith("security-hooks: denied: rule")
    assert "`except` rule" in lifted
    assert lifted.endswith("`security-hooks explain`.")


def test_the_way_to_lift_survives_the_longest_reason() -> None:
    ask = asked(found(verdict=Verdict.ASK, nudge="\u20ac" * 5_000), *(found(verdict=Verdict.ASK),) * 3)
    for escape in (for_json, for_stderr):
        said = say(ask, escape, became_deny=True)
        assert len(said) <= LONGEST
        assert said.endswith("`security-hooks explain`.")


def test_a_decision_without_findings_still_has_a_reason() -> None:
    assert "`[verdict] default`" in say(Decision(Verdict.ASK, Basis.DEFAULT), for_stderr)
    assert "denied" in say(Decision(Verdict.DENY, Basis.RULE), for_stderr)
    assert "person" in say(Decision(Verdict.ASK, Basis.RULE), for_stderr)


@pytest.mark.parametrize("row", FAILURES, ids=lambda row: row.reason.value)
def test_a_failure_is_told_by_its_row_and_never_by_its_detail(row: object) -> None:
    failure = Failure(row.reason, "the request itself")  # type: ignore[attr-defined]  # rows come from the table
    decision = Decision(Verdict.DENY, Basis.FAILURE, failure=failure)
    for said in (say(decision, for_stderr), say_failure(failure, for_stderr)):
        assert said == "security-hooks: " + failure.row.agent
        assert failure.detail not in said


@pytest.mark.parametrize(
    "text",
    [
        "line\nbreak",
        "tab\there",
        "bell\x07",
        "\x1b[31mred",
        "\x7f",
        "nul\0",
        "\u202eright",
        "\u200bzero",
        "\x85",
        "\u2028",
    ],
)
def test_no_control_character_or_disguise_passes(text: str) -> None:
    for escape in (for_json, for_stderr):
        said = say(denied(found(nudge=text, evidence=text, rule=text)), escape)
        assert said.isascii()
        assert said.isprintable()
        assert "\\u20" not in said


@pytest.mark.parametrize("filler", ["a", '"', "\\", "\u20ac", "\U0001f600", "\ud800", "\x01", "a b"])
def test_a_reason_is_cut_to_whole_escapes(filler: str) -> None:
    decision = denied(*(found(nudge=filler * 100_000, evidence=filler * 5_000) for _ in range(9)))
    said = say(decision, for_json)
    assert len(said) <= LONGEST
    assert isinstance(json.loads(f'"{said}"'), str)
    assert not any("\ud800" <= character <= "\udfff" for character in json.loads(f'"{said}"'))
    assert len(say(decision, for_stderr)) <= LONGEST

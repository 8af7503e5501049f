"""From findings to a verdict. Rules are fakes that match what a table says, so that nothing else is tested here."""

from collections.abc import Callable, Mapping

import pytest

from security_hooks.catalogue.load import shipped
from security_hooks.dsl.compile import CompiledRule
from security_hooks.dsl.resolved import ResolvedRule
from security_hooks.dsl.truth import Truth
from security_hooks.model.decision import Basis, Decision, Severity, Tier, Verdict
from security_hooks.model.event import EventKind, HookEvent, McpTarget, Place, ToolCall, ToolKind
from security_hooks.model.shell import CallFacts, Command, Facts, Script
from security_hooks.model.word import Word
from security_hooks.policy.built import SELF_PROTECTION
from security_hooks.policy.config_types import Config, DefaultAnswer, Mode
from security_hooks.policy.decide import EVIDENCE, FINDINGS, FINDINGS_OF_ONE_RULE, decide, no_objection
from security_hooks.policy.index import index_in_steps
from security_hooks.policy.snapshot import Snapshot
from security_hooks.policy.stepwise import at_once

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
TOKEN = "ghp_0123456789abcdefghijABCDEFGHIJ012345"


def rule(
    tier: Tier,
    name: str,
    truths: Mapping[str, Truth] | Truth,
    *,
    asks: bool = False,
    tags: tuple[str, ...] = (),
    removes: tuple[str, ...] = (),
    until: int | None = None,
    match: Callable[[Facts], Truth] | None = None,
) -> CompiledRule:
    def of_table(facts: Facts) -> Truth:
        if isinstance(truths, Truth):
            return truths
        return truths.get(facts.command.text if facts.command else "", NO)

    resolved = ResolvedRule(
        tier,
        name,
        "a.rules",
        7,
        "user",
        (),
        nudge=f"not {name}",
        tags=tags,
        removes=removes,
        until=until,
        severity=Severity.HIGH,
    )
    return CompiledRule(resolved, match or of_table, lambda _facts: asks)


def snapshot(*rules: CompiledRule, config: Config | None = None) -> Snapshot:
    return Snapshot(5, "digest", config or Config(), {}, at_once(index_in_steps(rules)), catalogue=shipped())


def call(*commands: str, kind: EventKind = EventKind.PRE_TOOL, flaw: str = "") -> CallFacts:
    made = tuple(
        Command(index, (Word((text,), (0, 0), text),), text, text, text, (0, len(text)))
        for index, text in enumerate(commands)
    )
    script = Script(
        "; ".join(commands),
        made,
        unparseable=flaw == "unparseable",
        over_budget=flaw == "over_budget",
        dynamic=flaw == "dynamic",
    )
    tool = ToolCall("Bash", ToolKind.SHELL, script=script.text)
    event = HookEvent("claude-code", kind, "PreToolUse", "s", tool=tool)
    return CallFacts(event, tool, Place("/w", "/home/user"), script)


def rules_of(decision: Decision) -> list[str]:
    return [finding.rule for finding in decision.findings]


BLOCK = rule(Tier.BLOCK, "b", {"rm": YES})
ASK = rule(Tier.SUSPICIOUS, "s", {"rm": YES, "odd": YES})
ALLOW = rule(Tier.ALLOW, "a", {"ls": YES, "rm": YES})


@pytest.mark.parametrize(
    ("tier", "truth", "asks", "verdict", "basis"),
    [
        (Tier.BLOCK, YES, False, Verdict.DENY, Basis.RULE),
        (Tier.BLOCK, UNKNOWN, True, Verdict.ASK, Basis.RULE),
        (Tier.BLOCK, UNKNOWN, False, Verdict.ALLOW, Basis.DEFAULT),
        (Tier.BLOCK, NO, True, Verdict.ALLOW, Basis.DEFAULT),
        (Tier.SUSPICIOUS, YES, False, Verdict.ASK, Basis.RULE),
        (Tier.SUSPICIOUS, UNKNOWN, True, Verdict.ASK, Basis.RULE),
        (Tier.SUSPICIOUS, UNKNOWN, False, Verdict.ALLOW, Basis.DEFAULT),
        (Tier.WATCH, YES, False, Verdict.ALLOW, Basis.DEFAULT),
        (Tier.ALLOW, YES, False, Verdict.ALLOW, Basis.RULE),
        (Tier.ALLOW, NO, False, Verdict.ALLOW, Basis.DEFAULT),
    ],
)
def test_what_one_rule_is_worth(tier: Tier, truth: Truth, asks: bool, verdict: Verdict, basis: Basis) -> None:
    decision = decide(snapshot(rule(tier, "r", {"x": truth}, asks=asks)), call("x"))
    assert (decision.verdict, decision.basis, decision.would) == (verdict, basis, verdict)
    assert bool(decision.findings) is (truth is not NO)
    assert decision.explicit is (tier is Tier.ALLOW and truth is YES)


def test_the_strictest_verdict_wins_and_comes_first() -> None:
    decision = decide(snapshot(ALLOW, ASK, BLOCK), call("ls", "rm"))
    assert decision.verdict is Verdict.DENY
    assert rules_of(decision) == ["b", "s"]
    assert not decision.explicit


def test_a_finding_says_what_where_and_why() -> None:
    (finding,) = decide(snapshot(BLOCK), call("ls", "rm")).findings
    assert (finding.rule, finding.tier, finding.certain, finding.verdict) == ("b", Tier.BLOCK, True, Verdict.DENY)
    assert (finding.nudge, finding.evidence, finding.command) == ("not b", "rm", 1)
    assert (finding.file, finding.line, finding.severity) == ("a.rules", 7, Severity.HIGH)


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        ("x" * EVIDENCE, "x" * EVIDENCE),
        ("x" * 10_000, "[a word of 10000 characters]"),
        ("\u00a0" * 10_000, "[a word of 10000 characters]"),
        ("echo " + "x" * 10_000, "echo ..."),
        ("a " * 200, "a " * (EVIDENCE // 2 - 1) + "a ..."),
    ],
)
def test_evidence_is_cut_between_words_because_half_a_secret_is_not_recognised(text: str, evidence: str) -> None:
    (finding,) = decide(snapshot(rule(Tier.BLOCK, "b", YES)), call(text)).findings
    assert finding.evidence == evidence


def test_a_finding_repeats_no_secret() -> None:
    (finding,) = decide(snapshot(rule(Tier.BLOCK, "b", YES)), call(f"curl -H {TOKEN}")).findings
    assert finding.evidence == "curl -H [REDACTED:github-token]"


@pytest.mark.parametrize(
    ("tool", "evidence"),
    [
        (ToolCall("Read", ToolKind.READ, paths=("/etc/shadow",)), "/etc/shadow"),
        (ToolCall("WebFetch", ToolKind.FETCH, urls=("http://x",)), "http://x"),
        (ToolCall("Bash", ToolKind.SHELL, script="# nothing"), "# nothing"),
        (ToolCall("Odd", ToolKind.OTHER), "Odd"),
    ],
)
def test_the_evidence_of_other_tools_is_what_they_touch(tool: ToolCall, evidence: str) -> None:
    event = HookEvent("claude-code", EventKind.PRE_TOOL, "PreToolUse", "s", tool=tool)
    facts = CallFacts(event, tool, Place("/w", "/home/user"), None)
    (finding,) = decide(snapshot(rule(Tier.BLOCK, "b", YES)), facts).findings
    assert (finding.evidence, finding.command) == (evidence, None)


def test_an_explicit_allow_covers_every_command() -> None:
    assert decide(snapshot(ALLOW), call("ls", "ls")).explicit
    assert not decide(snapshot(ALLOW), call("ls", "cp")).explicit


@pytest.mark.parametrize(
    ("truths", "explicit"), [({"ls": YES}, False), ({"ls": YES, "": YES}, True), ({"": YES}, False), (YES, True)]
)
def test_what_looks_like_commands_in_an_mcp_tools_input_vouches_for_nothing(
    truths: Mapping[str, Truth] | Truth, explicit: bool
) -> None:
    made = call("ls")
    tool = ToolCall("mcp__s__t", ToolKind.MCP, mcp=McpTarget("s", "t"))
    decision = decide(snapshot(rule(Tier.ALLOW, "a", truths)), CallFacts(made.event, tool, made.place, made.script))
    assert (decision.verdict, decision.explicit) == (Verdict.ALLOW, explicit)


@pytest.mark.parametrize("flaw", ["unparseable", "over_budget", "dynamic"])
def test_nothing_covers_a_script_that_was_not_read_whole(flaw: str) -> None:
    decision = decide(snapshot(rule(Tier.ALLOW, "a", YES)), call("ls", flaw=flaw))
    assert (decision.basis, decision.explicit, decision.findings) == (Basis.DEFAULT, False, ())
    approving = Config(default_answer=DefaultAnswer.APPROVE)
    assert not decide(snapshot(config=approving), call("ls", flaw=flaw)).explicit


@pytest.mark.parametrize("truth", [UNKNOWN, YES])
def test_even_a_doubt_that_passes_keeps_an_allow_from_being_explicit(truth: Truth) -> None:
    doubt = rule(Tier.BLOCK if truth is UNKNOWN else Tier.WATCH, "d", truth)
    decision = decide(snapshot(ALLOW, doubt), call("ls"))
    assert decision.verdict is Verdict.ALLOW
    assert decision.explicit is (truth is YES)


def test_an_exception_takes_findings_away_at_its_own_command_only() -> None:
    exception = rule(Tier.EXCEPT, "e", {"rm": YES}, removes=("everywhere",))
    everywhere = rule(Tier.BLOCK, "everywhere", YES)
    lifted = decide(snapshot(everywhere, exception), call("rm"))
    assert (lifted.verdict, rules_of(lifted)) == (Verdict.ALLOW, ["e"])
    elsewhere = decide(snapshot(everywhere, exception), call("rm", "dd"))
    assert (elsewhere.verdict, elsewhere.findings[0].evidence) == (Verdict.DENY, "dd")


@pytest.mark.parametrize("truth", [NO, UNKNOWN])
def test_an_exception_that_is_not_sure_lifts_nothing(truth: Truth) -> None:
    exception = rule(Tier.EXCEPT, "e", truth, removes=("b",))
    assert decide(snapshot(BLOCK, exception), call("rm")).verdict is Verdict.DENY


def test_an_exception_lifts_only_what_it_names_and_never_self_protection() -> None:
    guard = rule(Tier.BLOCK, "guard", YES, tags=(SELF_PROTECTION,))
    exception = rule(Tier.EXCEPT, "e", YES, removes=("b", "guard"))
    decision = decide(snapshot(BLOCK, ASK, guard, exception), call("rm"))
    assert rules_of(decision) == ["guard", "s", "e"]


@pytest.mark.parametrize(("now", "verdict"), [(99, Verdict.ALLOW), (100, Verdict.DENY), (None, Verdict.DENY)])
def test_an_exception_ends(now: int | None, verdict: Verdict) -> None:
    exception = rule(Tier.EXCEPT, "e", YES, removes=("b",), until=100)
    assert decide(snapshot(BLOCK, exception), call("rm"), now).verdict is verdict


@pytest.mark.parametrize(
    ("answer", "verdict", "explicit"),
    [
        (DefaultAnswer.SILENT, Verdict.ALLOW, False),
        (DefaultAnswer.APPROVE, Verdict.ALLOW, True),
        (DefaultAnswer.ASK, Verdict.ASK, False),
    ],
)
def test_the_default_answer(answer: DefaultAnswer, verdict: Verdict, explicit: bool) -> None:
    decision = decide(snapshot(config=Config(default_answer=answer)), call("x"))
    assert (decision.verdict, decision.explicit, decision.basis) == (verdict, explicit, Basis.DEFAULT)


def test_an_explicit_allow_overrides_a_default_that_asks() -> None:
    decision = decide(snapshot(ALLOW, config=Config(default_answer=DefaultAnswer.ASK)), call("ls"))
    assert (decision.verdict, decision.basis, decision.explicit) == (Verdict.ALLOW, Basis.RULE, True)


def test_observing_blocks_nothing_approves_nothing_and_says_what_would_have_been() -> None:
    observing = Config(mode=Mode.OBSERVE)
    decision = decide(snapshot(BLOCK, config=observing), call("rm"))
    assert (decision.verdict, decision.would, rules_of(decision)) == (Verdict.ALLOW, Verdict.DENY, ["b"])
    assert not decide(snapshot(ALLOW, config=observing), call("ls")).explicit


@pytest.mark.parametrize(
    "kind",
    [
        EventKind.POST_TOOL,
        EventKind.POST_TOOL_FAILURE,
        EventKind.PROMPT,
        EventKind.SESSION_START,
        EventKind.SESSION_END,
    ],
)
def test_events_without_a_tool_about_to_run_meet_no_objection(kind: EventKind) -> None:
    policy = snapshot(BLOCK, config=Config(default_answer=DefaultAnswer.ASK))
    assert decide(policy, call("rm", kind=kind)) == no_objection(policy)
    assert no_objection(policy).verdict is Verdict.ALLOW


@pytest.mark.parametrize("kind", [EventKind.PRE_TOOL, EventKind.PERMISSION, EventKind.CONFIG_CHANGE, EventKind.OTHER])
def test_every_other_event_is_judged(kind: EventKind) -> None:
    assert decide(snapshot(BLOCK), call("rm", kind=kind)).verdict is Verdict.DENY


def test_a_decision_cites_the_generation_and_digest_it_was_made_by() -> None:
    for decision in (decide(snapshot(BLOCK), call("rm")), no_objection(snapshot())):
        assert (decision.generation, decision.digest) == (5, "digest")


def test_findings_are_few_and_the_strictest_of_them_are_kept() -> None:
    many = [rule(Tier.WATCH, f"w{number:03}", YES) for number in range(100)]
    decision = decide(snapshot(*many, BLOCK), call(*["cp"] * 50, "rm"))
    assert len(decision.findings) == FINDINGS
    assert decision.findings[0].rule == "b"
    different = decide(snapshot(rule(Tier.WATCH, "w", YES)), call(*map(str, range(50))))
    assert [finding.evidence for finding in different.findings] == list(map(str, range(FINDINGS_OF_ONE_RULE)))


def test_a_rule_that_raises_ends_the_call() -> None:
    def broken(_facts: Facts) -> Truth:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        decide(snapshot(rule(Tier.WATCH, "w", NO, match=broken)), call("x"))


def over_budget(facts: Facts) -> Truth:
    return YES if facts.call.script is not None and facts.call.script.over_budget else NO


@pytest.mark.parametrize(
    ("commands", "times", "rules", "verdict"),
    [
        (("ls", "ls", "ls"), (0.0, 0.0, 0.0, 0.0), ["a", "a", "a"], Verdict.ALLOW),
        (("ls", "ls", "ls"), (0.0, 0.0, 9.0), ["over"], Verdict.ASK),
        (("rm", "ls", "ls"), (0.0, 0.0, 9.0), ["b", "over", "s"], Verdict.DENY),
        (("ls", "rm"), (0.0, 9.0), ["over"], Verdict.ASK),
        (("ls",), (), ["a"], Verdict.ALLOW),
    ],
)
def test_commands_that_there_is_no_time_to_judge_are_over_budget(
    commands: tuple[str, ...], times: tuple[float, ...], rules: list[str], verdict: Verdict
) -> None:
    over = rule(Tier.SUSPICIOUS, "over", NO, match=over_budget)
    policy = snapshot(BLOCK, ASK, ALLOW, over, config=Config(default_answer=DefaultAnswer.APPROVE))
    clock = iter(times)
    decision = decide(policy, call(*commands), clock=lambda: next(clock))
    assert decision.verdict is verdict
    assert set(rules_of(decision)) == set(rules)
    assert decision.explicit is (verdict is Verdict.ALLOW)


def test_commands_that_there_is_no_time_to_judge_are_never_approved() -> None:
    clock = iter((0.0, 0.0, 9.0))
    policy = snapshot(ALLOW, config=Config(default_answer=DefaultAnswer.APPROVE))
    assert not decide(policy, call("ls", "ls"), clock=lambda: next(clock)).explicit

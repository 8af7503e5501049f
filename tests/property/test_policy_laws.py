"""Laws of deciding: order is irrelevant, a block never loosens, what is unknown never allows."""

from collections.abc import Callable
from random import Random

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from security_hooks.catalogue.load import shipped
from security_hooks.dsl.compile import CompiledRule
from security_hooks.dsl.resolved import ResolvedRule
from security_hooks.dsl.truth import Truth
from security_hooks.model.decision import Decision, Tier, Verdict
from security_hooks.model.event import EventKind, HookEvent, Place, ToolCall, ToolKind
from security_hooks.model.shell import CallFacts, Command, Facts, Script
from security_hooks.model.word import Word
from security_hooks.policy.config_types import Config, DefaultAnswer, Mode
from security_hooks.policy.decide import decide
from security_hooks.policy.index import index_in_steps
from security_hooks.policy.snapshot import Snapshot
from security_hooks.policy.stepwise import at_once

COMMANDS = 3
NAMES = tuple(f"r{number}" for number in range(6))


@st.composite
def rules(draw: st.DrawFn, tiers: tuple[Tier, ...] = tuple(Tier)) -> CompiledRule:
    tier = draw(st.sampled_from(tiers))
    loosens = tier in (Tier.ALLOW, Tier.EXCEPT)
    truths = draw(st.tuples(*[st.sampled_from((Truth.NO, Truth.YES) if loosens else tuple(Truth))] * COMMANDS))
    removes = tuple(draw(st.sets(st.sampled_from(NAMES)))) if tier is Tier.EXCEPT else ()
    asks = draw(st.booleans())
    resolved = ResolvedRule(
        tier, draw(st.sampled_from(NAMES)), "f", draw(st.integers(1, 99)), "user", (), removes=removes
    )
    return CompiledRule(resolved, _matcher(truths), lambda _facts: asks)


def _matcher(truths: tuple[Truth, ...]) -> Callable[[Facts], Truth]:
    return lambda facts: truths[facts.command.index] if facts.command is not None else Truth.NO


policies = st.lists(rules(), max_size=8, unique_by=lambda rule: rule.rule.name)
configs = st.builds(Config, mode=st.sampled_from(Mode), default_answer=st.sampled_from(DefaultAnswer))


def _snapshot(made: list[CompiledRule], config: Config) -> Snapshot:
    return Snapshot(1, "d", config, {}, at_once(index_in_steps(made)), catalogue=shipped())


def _decide(made: list[CompiledRule], config: Config = Config()) -> Decision:  # noqa: B008 - Config is frozen
    commands = tuple(
        Command(index, (Word((name,), (0, 1), name),), name, name, name, (0, 1)) for index, name in enumerate("abc")
    )
    tool = ToolCall("Bash", ToolKind.SHELL, script="a; b; c")
    event = HookEvent("claude-code", EventKind.PRE_TOOL, "PreToolUse", "s", tool=tool)
    return decide(_snapshot(made, config), CallFacts(event, tool, Place("/w", "/h"), Script("a; b; c", commands)))


@given(policies, configs, st.randoms(use_true_random=False))
def test_the_order_of_rules_is_irrelevant(made: list[CompiledRule], config: Config, random: Random) -> None:
    first = _decide(made, config)
    shuffled = list(made)
    random.shuffle(shuffled)
    other = _decide(shuffled, config)
    assert (first.verdict, first.would, first.explicit, first.basis) == (
        other.verdict,
        other.would,
        other.explicit,
        other.basis,
    )
    assert {found.rule for found in first.findings if found.verdict} == {
        found.rule for found in other.findings if found.verdict
    }


@given(policies, rules(tiers=(Tier.BLOCK, Tier.SUSPICIOUS)))
def test_a_rule_that_objects_never_loosens(made: list[CompiledRule], added: CompiledRule) -> None:
    named = CompiledRule(msgspec.structs.replace(added.rule, name="added"), added.match, added.asks)
    before, after = _decide(made), _decide([*made, named])
    assert after.verdict >= before.verdict
    assert before.explicit or not after.explicit


@given(policies)
def test_what_is_unknown_never_allows_and_never_lifts(made: list[CompiledRule]) -> None:
    def blurred(rule: CompiledRule) -> CompiledRule:
        match = rule.match
        return CompiledRule(rule.rule, lambda facts: min(match(facts), Truth.UNKNOWN), rule.asks)

    loosening = (Tier.ALLOW, Tier.EXCEPT)
    without = _decide([rule for rule in made if rule.rule.tier not in loosening])
    doubtful = _decide([blurred(rule) if rule.rule.tier in loosening else rule for rule in made])
    assert doubtful == without


@given(policies)
def test_an_explicit_allow_means_that_nothing_objected(made: list[CompiledRule]) -> None:
    decision = _decide(made)
    if decision.explicit:
        assert decision.verdict is Verdict.ALLOW
        assert {found.tier for found in decision.findings} <= {Tier.ALLOW, Tier.WATCH, Tier.EXCEPT}


@given(policies, configs)
def test_observing_never_blocks_and_every_decision_cites_its_generation(
    made: list[CompiledRule], config: Config
) -> None:
    decision = _decide(made, config)
    assert (decision.generation, decision.digest) == (1, "d")
    if config.mode is Mode.OBSERVE:
        assert decision.verdict is Verdict.ALLOW
    else:
        assert decision.verdict is decision.would

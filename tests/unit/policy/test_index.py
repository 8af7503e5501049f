"""What of a policy is asked about a command, and what of it a text may hold."""

import pytest

from security_hooks.dsl.compile import CompiledRule, compile_rule
from security_hooks.dsl.regex import Screen
from security_hooks.dsl.resolved import All, Ask, Condition, Pattern, ResolvedRule
from security_hooks.model.decision import Tier
from security_hooks.model.event import EventKind, HookEvent, Place, ToolCall, ToolKind
from security_hooks.model.shell import CallFacts, Command, Facts, Script
from security_hooks.model.word import Word
from security_hooks.policy import index as index_module
from security_hooks.policy.index import PATTERNS_OF_SCREEN, Index, index_in_steps
from security_hooks.policy.stepwise import at_once


def rule(name: str, *conditions: Condition, tier: Tier = Tier.BLOCK) -> CompiledRule:
    return compile_rule(ResolvedRule(tier, name, "a.rules", 1, "user", conditions))


def facts(text: str, whole: str | None = None) -> Facts:
    words = tuple(Word((part,), (0, 0), part) for part in text.split())
    command = Command(0, words, words[0].literal, text, text, (0, len(text)))
    tool = ToolCall("Bash", ToolKind.SHELL, script=text)
    event = HookEvent("claude-code", EventKind.PRE_TOOL, "PreToolUse", "s", tool=tool)
    return Facts(CallFacts(event, tool, Place("/w", "/h"), Script(whole or text, (command,))), command)


def sighted(index: Index, text: str, whole: str | None = None) -> list[str]:
    return [found.rule.name for found in index.sighted(facts(text, whole))]


def after(index: Index, rules: list[CompiledRule]) -> Index:
    return at_once(index_in_steps(rules, index))


def test_rules_are_sighted_by_any_of_their_patterns_once() -> None:
    index = at_once(index_in_steps([rule("two", Pattern("needle"), Pattern("thread")), rule("other", Pattern("sail"))]))
    assert sighted(index, "x needle thread") == ["two"]
    assert sighted(index, "x", whole="x; sail") == ["other"]
    assert sighted(index, "thread x", whole="$'thread' x") == ["two"]
    assert sighted(index, "x") == []


def test_a_pattern_of_a_rule_that_lets_off_is_asked_like_a_condition() -> None:
    index = at_once(index_in_steps([rule("lax", Pattern("needle"), tier=Tier.ALLOW)]))
    assert sighted(index, "needle") == []
    assert [found.rule.name for found, _ in index.asked(facts("x")).allowing] == ["lax"]


def test_only_lines_that_can_be_met_are_asked() -> None:
    two = rule("two", Ask("command", ("rm",)), All((Ask("command", ("ls",)), Ask("argument", ("-x",)))))
    index = at_once(index_in_steps([two]))
    (_, narrowed), *_ = index.asked(facts("ls -x")).objecting
    assert narrowed is not two.match
    assert narrowed(facts("ls -x")) is two.match(facts("ls -x"))
    assert index.asked(facts("cat -x")).objecting == ()


def test_what_was_worked_out_for_an_aspect_is_kept() -> None:
    index = at_once(index_in_steps([rule("rm", Ask("command", ("r*",)))]))
    assert index.asked(facts("rm a")) is index.asked(facts("rm b"))


def test_no_more_aspects_are_kept_than_a_person_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_module, "MOST_ASPECTS", 3)
    index = at_once(index_in_steps([rule("rm", Ask("command", ("r*",)))]))
    asked = [index.asked(facts(f"r{number}")) for number in range(4)]
    assert index.asked(facts("r3")) is asked[3]
    assert index.asked(facts("r0")) is not asked[0]
    assert index.asked(facts("r0")).objecting != ()


def test_screens_whose_patterns_all_stand_are_taken_over() -> None:
    rules = [rule(f"r{number:03}", Pattern(f"needle{number:03}")) for number in range(2 * PATTERNS_OF_SCREEN + 1)]
    before = at_once(index_in_steps(rules))
    assert len(before.screens) == 3
    added = after(before, [*rules, rule("new", Pattern("new1"))])
    assert set(before.screens[:2]) <= set(added.screens)
    assert len(added.screens) == 3
    removed = after(before, rules[1:])
    assert before.screens[0] not in removed.screens
    assert before.screens[1] in removed.screens
    assert sighted(removed, "needle000") == []
    assert sighted(removed, "needle001") == ["r001"]


def test_patterns_that_fit_in_no_screen_are_all_asked() -> None:
    screen = Screen(["(" * 3, "a"])
    assert set(screen.possible(b"zzz")) == {"(((", "a"}

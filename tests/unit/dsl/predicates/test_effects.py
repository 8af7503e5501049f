"""Predicates about effects, asked about effects made by hand."""

from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from security_hooks.dsl.predicates import PREDICATES
from security_hooks.dsl.truth import Truth
from security_hooks.model.action import Action
from security_hooks.model.effect import Effect, EffectKind, Flow, Scope
from security_hooks.model.shell import CallFacts, Facts
from security_hooks.model.word import Origin, Word

NO, UNKNOWN, YES = Truth.NO, Truth.UNKNOWN, Truth.YES
KEY = "/home/person/.ssh/id_rsa"


def word(text: str) -> Word:
    return Word((text,), (0, 0), text)


def effect(kind: EffectKind, target: str | None = None, **changes: object) -> Effect:
    return replace(Effect(kind, None if target is None else word(target)), **changes)


def asked(build: SimpleNamespace, condition: str, *effects: Effect, **changes: object) -> Truth:
    (facts,) = build.facts("x", effects=effects, **changes)
    truth = build.ask(condition, facts)
    assert isinstance(truth, Truth)
    return truth


@pytest.mark.parametrize(
    ("condition", "found", "truth"),
    [
        ('signals("sshd")', effect(EffectKind.SIGNALS, "sshd"), YES),
        ('signals("1", "-1")', effect(EffectKind.SIGNALS, "4711"), NO),
        ("signals()", effect(EffectKind.SIGNALS, "4711"), YES),
        ('signals("sshd")', effect(EffectKind.SIGNALS), UNKNOWN),
        ('installs("left-*")', effect(EffectKind.INSTALLS, "left-pad"), YES),
        ('calls("github")', effect(EffectKind.CALLS, "github/get"), YES),
        ('calls("github/delete_*")', effect(EffectKind.CALLS, "github/get"), NO),
        ('mutates("service/ssh*")', effect(EffectKind.MUTATES, "sshd", object="service"), YES),
        ('mutates("service/ssh*")', effect(EffectKind.MUTATES, "nginx", object="service"), NO),
        ('mutates("service/ssh*")', effect(EffectKind.MUTATES, "sshd", object="container"), NO),
        ('mutates("service/ssh*")', effect(EffectKind.MUTATES, object="service"), UNKNOWN),
        ('mutates("service")', effect(EffectKind.MUTATES, object="service"), YES),
        ('executes("python")', effect(EffectKind.EXECUTES, object="python"), YES),
        ('executes("*.sh")', effect(EffectKind.EXECUTES, "/w/a.sh"), YES),
        ('executes("*.sh")', effect(EffectKind.EXECUTES), UNKNOWN),
        ('executes("sh")', effect(EffectKind.EXECUTES, object="sql"), NO),
        ('executes_from("network")', effect(EffectKind.EXECUTES, origin=Origin.NETWORK), YES),
        ('executes_from("network")', effect(EffectKind.EXECUTES, origin=Origin.UNKNOWN), UNKNOWN),
        ('executes_from("unknown")', effect(EffectKind.EXECUTES, origin=Origin.UNKNOWN), YES),
        ('connects("E.example")', effect(EffectKind.CONNECTS, "e.EXAMPLE"), YES),
        ('connects("e.example")', effect(EffectKind.CONNECTS), UNKNOWN),
        ("sends()", effect(EffectKind.CONNECTS, "e.example"), NO),
        ('sends("e.example")', effect(EffectKind.CONNECTS, "e.example", sends=True), YES),
        ('reads_env("*_KEY")', effect(EffectKind.READS_ENV, "*"), UNKNOWN),
        ("reads_env()", effect(EffectKind.READS_ENV, "*"), YES),
        ('sets_env("LD_*")', effect(EffectKind.SETS_ENV, "LD_PRELOAD"), YES),
        ('sets_env("LD_*")', effect(EffectKind.SETS_ENV, "LD_PRELOAD", certain=False), UNKNOWN),
        ('writes("<system>")', effect(EffectKind.WRITES, "/etc/x", scope=Scope.SYSTEM), YES),
        ('writes("<system>")', effect(EffectKind.WRITES, scope=Scope.UNKNOWN), UNKNOWN),
        ('writes("<outside>")', effect(EffectKind.WRITES, "/tmp/x", scope=Scope.TEMP), NO),
        ('writes("~/.ssh/*")', effect(EffectKind.WRITES, "/w/x", real=word(KEY)), YES),
        ('reads("~/.ssh/*")', effect(EffectKind.NAMES, KEY), UNKNOWN),
        ('names("~/.ssh/*")', effect(EffectKind.NAMES, KEY, certain=False), YES),
        ('reads("~/.ssh/*")', effect(EffectKind.READS, "/home/person", recursive=True), UNKNOWN),
        ('reads("~/.ssh/*")', effect(EffectKind.READS, "/home/person/.ssh", recursive=True), YES),
        ('changes_mode("~/.ssh/*")', effect(EffectKind.CHANGES_MODE, "/home/person", recursive=True), YES),
        ('moves("~/.ssh/*")', effect(EffectKind.MOVES, "/home/person/.ssh"), YES),
        ('deletes_recursively("~/.ssh")', effect(EffectKind.DELETES, "/home/person/.ssh"), NO),
        ('deletes_recursively("~/.ssh")', effect(EffectKind.DELETES, "/home/person/.ssh", contents=True), YES),
    ],
)
def test_one_effect(build: SimpleNamespace, condition: str, found: Effect, truth: Truth) -> None:
    assert asked(build, condition, found) is truth


def test_what_makes_the_verdict_looser_must_hold_of_every_effect(build: SimpleNamespace) -> None:
    here = effect(EffectKind.WRITES, "/work/project/x", scope=Scope.PROJECT)
    there = effect(EffectKind.WRITES, "/etc/x", scope=Scope.SYSTEM)
    condition = 'not writes("<project>")'
    assert asked(build, condition, here) is NO
    assert asked(build, condition, here, there) is YES
    assert asked(build, condition, replace(here, certain=False)) is UNKNOWN
    assert asked(build, condition, replace(here, real=word("/etc/x"), scope=Scope.SYSTEM)) is YES


def test_an_action_that_is_only_possible_is_unknown(build: SimpleNamespace) -> None:
    condition = 'action("git_discard", "db_exec")'
    assert asked(build, condition, action=Action.GIT_DISCARD) is YES
    assert asked(build, condition, action=Action.GIT_SAFE, may_be=(Action.GIT_DISCARD,)) is UNKNOWN
    assert asked(build, condition, action=Action.GIT_SAFE) is NO
    assert asked(build, "not " + condition, action=Action.GIT_DISCARD, may_be=(Action.TEXT,)) is UNKNOWN


def test_effects_of_other_tools_are_those_of_the_call(build: SimpleNamespace) -> None:
    call = build.call()
    call = CallFacts(call.event, call.tool, call.place, None, (effect(EffectKind.WRITES, "/home/person/.bashrc"),))
    assert build.ask('writes("~/.bashrc")', Facts(call, None)) is YES
    assert build.ask('writes("~/.zshrc")', Facts(call, None)) is NO


@pytest.mark.parametrize(
    ("condition", "source", "sink", "truth"),
    [
        ('flow("~/.ssh/*", "network")', effect(EffectKind.READS, KEY), effect(EffectKind.CONNECTS, "h"), YES),
        ('flow("~/.ssh/*", "*.h")', effect(EffectKind.READS, KEY), effect(EffectKind.CONNECTS, "a.h"), YES),
        ('flow("~/.ssh/*", "*.h")', effect(EffectKind.READS, KEY), effect(EffectKind.CONNECTS, "a.b"), NO),
        ('flow("~/.ssh/*", "network")', effect(EffectKind.READS, "/x"), effect(EffectKind.CONNECTS, "h"), NO),
        ('flow("~/.ssh/*", "file")', effect(EffectKind.READS, KEY), effect(EffectKind.CONNECTS, "h"), NO),
        ('flow("sensitive", "network")', effect(EffectKind.READS, KEY), effect(EffectKind.CONNECTS, "h"), YES),
        ('flow("sensitive", "network")', effect(EffectKind.READS_ENV, "A_TOKEN"), effect(EffectKind.CONNECTS), YES),
        ('flow("sensitive", "network")', effect(EffectKind.READS_ENV, "NAME"), effect(EffectKind.CONNECTS), NO),
        ('flow("environment", "network")', effect(EffectKind.READS_ENV, "*"), effect(EffectKind.CONNECTS), YES),
        ('flow("environment", "network")', effect(EffectKind.READS_ENV, "NAME"), effect(EffectKind.CONNECTS), NO),
        ('flow("network", "execution")', effect(EffectKind.CONNECTS, "h"), effect(EffectKind.EXECUTES), YES),
        ('flow("network", "network")', effect(EffectKind.CONNECTS, "h"), effect(EffectKind.CONNECTS, "g"), YES),
    ],
)
def test_flows(build: SimpleNamespace, condition: str, source: Effect, sink: Effect, truth: Truth) -> None:
    lists = {"sensitive_paths": ("~/.ssh/*",), "secret_env_vars": ("*_TOKEN",)}
    reader, sender, other = build.facts("a; b; c")
    for certain in (True, False):
        script = replace(reader.call.script, flows=(Flow(source, sink, 0, 1, certain),))
        call = CallFacts(reader.call.event, reader.call.tool, reader.call.place, script)
        assert build.ask(condition, Facts(call, other.command), lists) is NO
        for facts in (reader, sender):
            expected = truth if certain else min(truth, UNKNOWN)
            assert build.ask(condition, Facts(call, facts.command), lists) is expected


@pytest.mark.parametrize(
    "condition",
    [
        'reads("<projekt>")',
        'reads("~other/x")',
        'reads("../x")',
        'reads("")',
        'connects("https://h/")',
        'mutates("kernel")',
        'mutates("service/")',
        'action("git_discrad")',
        'executes_from("web")',
        'flow("network")',
        'flow("$", "network")',
    ],
)
def test_arguments_that_mean_nothing_are_refused(build: SimpleNamespace, condition: str) -> None:
    _, diagnostics = build.resolve(f'block "t"\n  match {condition}')
    assert [found.code for found in diagnostics] in (["bad-argument"], ["arguments"])


def test_every_predicate_on_effects_leaves_marks() -> None:
    words = {kind.value for kind in EffectKind} | {
        "deletes_recursively",
        "executes_from",
        "sends",
        "action",
        "flow",
        "tool",
    }
    with_marks = {predicate.name for predicate in PREDICATES if predicate.marks is not None}
    assert words <= with_marks

"""From a build to rules that can be asked, and only those that can match."""

from collections.abc import Generator

import msgspec
import pytest

from security_hooks.dsl.resolved import Ask, Condition, Pattern, ResolvedRule
from security_hooks.model.decision import Tier
from security_hooks.model.event import EventKind, HookEvent, Place, ToolCall, ToolKind
from security_hooks.model.shell import CallFacts, Command, Facts, Script, Wrapper
from security_hooks.model.word import Hole, HoleKind, Word
from security_hooks.policy.built import SELF_PROTECTION, Build
from security_hooks.policy.config_types import Config
from security_hooks.policy.snapshot import Snapshot, assemble, assemble_at_once


def rule(name: str, condition: Condition, tier: Tier = Tier.BLOCK, tags: tuple[str, ...] = ()) -> bytes:
    return msgspec.msgpack.encode(ResolvedRule(tier, name, "a.rules", 1, "user", (condition,), tags=tags))


def command(program: str) -> Condition:
    return Ask("command", (program,))


def facts(program: str | None, *wrappers: str, script: bool = True, unparseable: bool = False) -> Facts:
    tool = ToolCall("Bash", ToolKind.SHELL, script="x")
    call = CallFacts(
        HookEvent("claude-code", EventKind.PRE_TOOL, "PreToolUse", "s", tool=tool),
        tool,
        Place("/w", "/home/user"),
        Script("x", (), unparseable=unparseable) if script else None,
    )
    if not script or unparseable:
        return Facts(call, None)
    part = program if program is not None else Hole(HoleKind.PARAMETER, "$X")
    word = Word((part,), (0, 0), program)
    made = tuple(Wrapper(wrapper, ()) for wrapper in wrappers)
    return Facts(call, Command(0, (word,), program, "x", "x", (0, 1), wrappers=made))


def names(snapshot: Snapshot, about: Facts) -> set[str]:
    asked, sighted = snapshot.index.asked(about), snapshot.index.sighted(about)
    asking = [rule for rule, _ in (*asked.objecting, *asked.allowing, *asked.excepting)]
    return {compiled.rule.name for compiled in (*asking, *sighted)}


def finish(steps: Generator[None, None, Snapshot]) -> Snapshot:
    def passed_on() -> Generator[None, None, None]:
        made.append((yield from steps))

    made: list[Snapshot] = []
    for _ in passed_on():
        continue
    return made[0]


BUILD = Build(
    "digest",
    Config(),
    (
        rule("rm", command("rm")),
        rule("sudo", command("sudo"), Tier.WATCH),
        rule("ls", command("ls"), Tier.ALLOW),
        rule("any", Pattern("x")),
    ),
)


@pytest.mark.parametrize(
    ("about", "asked"),
    [
        (facts("rm"), {"any", "rm"}),
        (facts("ls"), {"any", "ls"}),
        (facts("git"), {"any"}),
        (facts("rm", "sudo"), {"any", "rm", "sudo"}),
        (facts("git", "sudo"), {"any", "sudo"}),
        (facts(None), {"any", "rm", "sudo", "ls"}),
        (facts(None, script=False), set()),
        (facts(None, unparseable=True), {"any", "rm", "sudo", "ls"}),
    ],
)
def test_only_rules_that_can_match_are_asked(about: Facts, asked: set[str]) -> None:
    assert names(assemble_at_once(BUILD), about) == asked


def test_rules_that_did_not_change_are_the_same_objects() -> None:
    before = assemble_at_once(BUILD)
    changed = msgspec.structs.replace(BUILD, rules=(*BUILD.rules[1:], rule("rm", command("rmdir"))))
    after = finish(assemble(changed, 2, before))
    assert after.generation == 2
    shared = [encoding for encoding in BUILD.rules if encoding in after.compiled]
    assert len(shared) == 3
    assert all(after.compiled[encoding] is before.compiled[encoding] for encoding in shared)
    assert names(after, facts("rm")) == {"any"}


def test_the_work_is_done_in_small_steps() -> None:
    rules = tuple(rule(f"r{number}", command(f"p{number}")) for number in range(200))
    steps = sum(1 for _ in assemble(Build("d", Config(), rules), 1))
    assert steps >= 200


def test_disabled_rules_take_no_part_but_those_that_guard_us_do() -> None:
    config = Config(disabled_rules=frozenset({"rm", "guard"}))
    guard = rule("guard", Pattern("y"), tags=(SELF_PROTECTION,))
    snapshot = assemble_at_once(msgspec.structs.replace(BUILD, config=config, rules=(*BUILD.rules, guard)))
    assert names(snapshot, facts(None)) == {"any", "sudo", "ls", "guard"}
    assert {compiled.rule.name for compiled in snapshot.rules} == {"any", "sudo", "ls", "guard"}


def test_the_order_of_rules_does_not_show() -> None:
    shuffled = msgspec.structs.replace(BUILD, rules=BUILD.rules[::-1])
    one, other = assemble_at_once(BUILD), assemble_at_once(shuffled)
    assert [rule.rule for rule in one.index.rules] == [rule.rule for rule in other.index.rules]

"""Decisions are remembered only where deciding again would say the same."""

from collections.abc import Callable

import msgspec
import pytest

from security_hooks.catalogue.load import shipped
from security_hooks.dsl.compile import CompiledRule
from security_hooks.dsl.resolved import ResolvedRule
from security_hooks.dsl.truth import Truth
from security_hooks.model.decision import Tier, Verdict
from security_hooks.model.effect import Effect, EffectKind, Scope
from security_hooks.model.event import EventKind, HookEvent, InputString, Place, ToolCall, ToolKind
from security_hooks.model.shell import LOOKED, CallFacts, Command, Facts, Script
from security_hooks.model.word import Word
from security_hooks.policy.config_types import Config
from security_hooks.policy.index import index_in_steps
from security_hooks.policy.snapshot import Snapshot
from security_hooks.policy.stepwise import at_once
from security_hooks.service.decision_memory import DECISIONS, DecisionMemory

LS = Command(0, (Word(("ls",), (0, 2), "ls"),), "ls", "ls", "ls", (0, 2))
SCRIPT = Script("ls", (LS,))
TOOL = ToolCall("Bash", ToolKind.SHELL, call_id="c1", script="ls", strings=(InputString("/command", "ls"),))
EVENT = HookEvent("claude-code", EventKind.PRE_TOOL, "PreToolUse", "s1", cwd="/w", permission_mode="default", tool=TOOL)
CALL = CallFacts(EVENT, TOOL, Place("/w", "/h"), SCRIPT)


class Asked:
    """A policy of one rule that counts how often it is asked."""

    def __init__(self, until: int | None = None, generation: int = 1) -> None:
        self.times = 0
        resolved = ResolvedRule(Tier.WATCH, "r", "f", 1, "user", (), until=until)
        index = at_once(index_in_steps([CompiledRule(resolved, self._match, lambda _facts: False)]))
        self.snapshot = Snapshot(generation, "d", Config(), {}, index, catalogue=shipped())

    def _match(self, _: Facts) -> Truth:
        self.times += 1
        return Truth.NO


def now() -> float:
    return 0.0


def call(**changes: object) -> CallFacts:
    """The call with changes of its event, its tool, its place or itself."""
    event = {name: value for name, value in changes.items() if name in ("session_id", "turn_id", "agent_id", "client")}
    event |= {name: value for name, value in changes.items() if name in ("permission_mode", "kind", "client_dir")}
    tool = {name: value for name, value in changes.items() if name in ("call_id", "unanalysed_code", "strings")}
    made = msgspec.structs.replace(TOOL, **tool)
    place = changes.get("place", CALL.place)
    script = changes.get("script", SCRIPT)
    effects = changes.get("effects", ())
    assert isinstance(place, Place)
    assert isinstance(script, Script)
    assert isinstance(effects, tuple)
    return CallFacts(msgspec.structs.replace(EVENT, **event, tool=made), made, place, script, effects)


@pytest.mark.parametrize(
    "again",
    [
        call(),
        call(call_id="c2", session_id="s2", turn_id="t2", agent_id="a"),
        call(client_dir="/h/.claude"),
    ],
)
def test_the_same_call_is_decided_once(again: CallFacts) -> None:
    asked, memory = Asked(), DecisionMemory()
    first = memory.decide(asked.snapshot, CALL, 0, now)
    assert memory.decide(asked.snapshot, again, 0, now) == first
    assert asked.times == 1


@pytest.mark.parametrize(
    "other",
    [
        call(permission_mode="plan"),
        call(client="codex-cli"),
        call(kind=EventKind.PERMISSION),
        call(place=Place("/v", "/h")),
        call(place=Place("/w", "/h", "/w")),
        call(unanalysed_code=True),
        call(strings=(InputString("/command", "ls"), InputString("/description", "x"))),
        # Read again: who knows what it saw of the disk.
        call(script=Script("ls", (LS,))),
    ],
)
def test_another_call_is_decided_anew(other: CallFacts) -> None:
    asked, memory = Asked(), DecisionMemory()
    for each in (CALL, other, CALL, other):
        memory.decide(asked.snapshot, each, 0, now)
    assert asked.times == 2


def test_another_policy_decides_anew() -> None:
    one, other, memory = Asked(), Asked(generation=2), DecisionMemory()
    memory.decide(one.snapshot, CALL, 0, now)
    memory.decide(other.snapshot, CALL, 0, now)
    assert (one.times, other.times) == (1, 1)


def test_rules_that_end_some_day_are_asked_each_time() -> None:
    asked, memory = Asked(until=99), DecisionMemory()
    memory.decide(asked.snapshot, CALL, 0, now)
    memory.decide(asked.snapshot, CALL, 100, now)
    assert asked.times == 2


EFFECT = Effect(EffectKind.READS, None, Scope.UNKNOWN)


@pytest.mark.parametrize(
    "each",
    [
        call(script=Script("ls", (LS,), over_budget=True)),
        call(script=Script("x" * 5_000, (LS,))),
        call(effects=(EFFECT,)),
    ],
)
def test_what_may_come_out_otherwise_is_decided_each_time(each: CallFacts) -> None:
    asked, memory = Asked(), DecisionMemory()
    for _ in range(3):
        memory.decide(asked.snapshot, each, 0, now)
    assert asked.times == 3


def test_a_decision_that_took_its_time_is_not_remembered() -> None:
    def slow() -> Callable[[], float]:
        times = iter(range(100))
        return lambda: float(next(times))

    asked, memory = Asked(), DecisionMemory()
    for _ in range(2):
        memory.decide(asked.snapshot, CALL, 0, slow())
    assert asked.times == 2


def test_the_oldest_is_forgotten() -> None:
    asked, memory = Asked(), DecisionMemory()
    for number in (*range(DECISIONS + 1), DECISIONS, 0):
        memory.decide(asked.snapshot, call(place=Place(f"/{number}", "/h")), 0, now)
    assert asked.times == DECISIONS + 2


@pytest.mark.parametrize("field", HookEvent.__struct_fields__)
def test_every_field_of_an_event_counts_or_is_none_that_rules_look_at(field: str) -> None:
    """Who gives the event a new field must say here which it is, and rules must not look at one that does not count."""
    counts = {"client", "kind", "permission_mode", "tool"}
    # The directory counts as part of the place.
    unseen = {"name", "session_id", "cwd", "turn_id", "agent_id", "prompt", "settings_path", "client_dir", "outcome"}
    unseen |= {"output", "transcript", "duration_ms"}
    assert field in counts | unseen


def test_a_verdict_is_remembered_whole() -> None:
    resolved = ResolvedRule(Tier.BLOCK, "r", "f", 1, "user", (), nudge="no")
    index = at_once(index_in_steps([CompiledRule(resolved, lambda _facts: Truth.YES, lambda _facts: False)]))
    snapshot = Snapshot(1, "d", Config(), {}, index, catalogue=shipped())
    memory = DecisionMemory()
    decisions = [memory.decide(snapshot, CALL, 0, now) for _ in range(2)]
    assert decisions[0] is decisions[1]
    assert decisions[0].verdict is Verdict.DENY
    assert decisions[0].findings[0].nudge == "no"


def test_what_a_rule_looked_at_the_disk_for_is_decided_anew() -> None:
    asked, memory = Asked(), DecisionMemory()
    looking = call()
    looking.memo[LOOKED] = True
    memory.decide(asked.snapshot, looking, 0, now)
    memory.decide(asked.snapshot, looking, 0, now)
    assert asked.times == 2

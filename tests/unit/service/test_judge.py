import pytest

from security_hooks.model.decision import Basis, Verdict
from security_hooks.model.event import EventKind, HookEvent, Place, ToolCall, ToolKind
from security_hooks.model.failure import Failure, Reason
from security_hooks.policy.built import Build
from security_hooks.policy.config import Config, Limits, Mode
from security_hooks.policy.decide import UNJUDGED
from security_hooks.policy.snapshot import Snapshot, assemble_at_once
from security_hooks.service.judge import failed, judge, shell_limits

PLACE = Place("/home/user/project", "/home/user", "/home/user/project")
SHELL = ToolCall("Bash", ToolKind.SHELL, script="git status; ls")


def snapshot(mode: Mode = Mode.ENFORCE) -> Snapshot:
    return assemble_at_once(Build("digest", Config(mode=mode), ()), 7)


def event(kind: EventKind, tool: ToolCall | None) -> HookEvent:
    return HookEvent("claude-code", kind, kind.value, "s", cwd=PLACE.cwd, tool=tool)


def test_a_tool_call_is_read_and_decided() -> None:
    judgement = judge(event(EventKind.PRE_TOOL, SHELL), PLACE, snapshot(), 0)
    assert judgement.call is not None
    assert judgement.call.script is not None
    assert [command.program for command in judgement.call.script.commands] == ["git", "ls"]
    assert (judgement.decision.verdict, judgement.decision.generation) == (Verdict.ALLOW, 7)


@pytest.mark.parametrize("kind", [kind for kind in EventKind if kind in UNJUDGED])
def test_an_event_before_which_no_tool_runs_is_not_read(kind: EventKind) -> None:
    judgement = judge(event(kind, SHELL), PLACE, snapshot(), 0)
    assert judgement.call is None
    assert judgement.decision.basis is Basis.DEFAULT


def test_an_event_without_a_tool_has_nothing_to_judge() -> None:
    assert judge(event(EventKind.PRE_TOOL, None), PLACE, snapshot(), 0).call is None


def test_the_limits_of_the_policy_hold_for_the_script() -> None:
    limits = shell_limits(
        Limits(script_bytes=1, script_nodes=2, script_depth=3, script_commands=5, script_milliseconds=4)
    )
    assert (limits.bytes, limits.nodes, limits.depth, limits.commands, limits.milliseconds) == (1, 2, 3, 5, 4)
    small = assemble_at_once(Build("d", Config(limits=Limits(script_bytes=3)), ()))
    call = judge(event(EventKind.PRE_TOOL, SHELL), PLACE, small, 0).call
    assert call is not None
    assert call.script is not None
    assert call.script.over_budget


@pytest.mark.parametrize(
    ("policy", "verdict", "generation"),
    [
        (None, Verdict.DENY, 0),
        (snapshot(), Verdict.DENY, 7),
        (snapshot(Mode.OBSERVE), Verdict.ALLOW, 7),
    ],
)
def test_a_failure_denies_but_where_a_policy_only_observes(
    policy: Snapshot | None, verdict: Verdict, generation: int
) -> None:
    decision = failed(Failure(Reason.INTERNAL, "why"), policy)
    assert (decision.verdict, decision.would, decision.basis) == (verdict, Verdict.DENY, Basis.FAILURE)
    assert decision.generation == generation

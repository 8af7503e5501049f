"""An event to a decision: the pure stages in their order, for the daemon and for `check` alike."""

import time
from collections.abc import Callable

import msgspec

from security_hooks.memory.view import seen_in
from security_hooks.model.decision import Basis, Decision, Verdict
from security_hooks.model.event import HookEvent, Place
from security_hooks.model.failure import Failure
from security_hooks.model.session import NO_SESSION, SessionView
from security_hooks.model.shell import CallFacts
from security_hooks.model.world import NOWHERE, World
from security_hooks.policy.config_types import Limits, Mode
from security_hooks.policy.decide import UNJUDGED, decide, no_objection
from security_hooks.policy.snapshot import Snapshot
from security_hooks.service.world import LocalWorld, UnseenWorld
from security_hooks.shell.limits import ShellLimits
from security_hooks.tools.facts import Find, Read, call_facts

Decide = Callable[[Snapshot, CallFacts, int, Callable[[], float]], Decision]


class Share(msgspec.Struct, frozen=True):
    """What of its time the loop gives to one call before it leaves it to the process that may take its own."""

    nodes: int
    commands: int
    milliseconds: float


# Nearly all scripts that people and agents write stay below: ten commands are read in a millisecond.
ORDINARY = Share(nodes=2_000, commands=48, milliseconds=1.5)
# The same while dear calls come one after the other: an ordinary command takes a tenth of a millisecond.
HURRIED = Share(nodes=400, commands=8, milliseconds=0.5)


class Judgement(msgspec.Struct, frozen=True):
    """A decision and what it was made of; `call` is None for events that hold no tool call to judge."""

    call: CallFacts | None
    decision: Decision


class _OutOfTimeError(Exception):
    """The loop has given a call what it gives; caught in `look`."""


def judge(
    event: HookEvent,
    place: Place,
    snapshot: Snapshot,
    now: int,
    world: World = NOWHERE,
    session: SessionView = NO_SESSION,
) -> Judgement:
    """Judge one event under one snapshot; `now` is Unix time in seconds. Raises CallError."""
    if event.tool is None or not is_judged(event):
        return Judgement(None, no_objection(snapshot))
    call = call_facts(event, event.tool, place, snapshot.catalogue, shell_limits(snapshot.config.limits), None, world)
    call = seen_in(call, session)
    return Judgement(call, decide(snapshot, call, now, time.thread_time))


def look(
    event: HookEvent,
    place: Place,
    snapshot: Snapshot,
    now: int,
    read: Read,
    world: LocalWorld | UnseenWorld,
    share: Share = ORDINARY,
    find: Find | None = None,
    decide: Decide = decide,
    session: SessionView = NO_SESSION,
) -> tuple[Judgement | None, bool]:
    """Judge one event within what the loop gives to one call, and say whether that was enough.

    Where it was not, the judgement holds only as far as it denies. `read`, `find` and `decide` stand in for the stages
    of these names: something that remembers. Raises CallError.
    """
    if event.tool is None or not is_judged(event):
        return Judgement(None, no_objection(snapshot)), True
    limits = _loop_limits(snapshot.config.limits, share)
    call = call_facts(event, event.tool, place, snapshot.catalogue, limits, read, world, find)
    call = seen_in(call, session)
    try:
        decision = decide(snapshot, call, now, _LoopClock(share.milliseconds / 1000))
    except _OutOfTimeError:
        return None, False
    is_enough = not world.left_out and (call.script is None or not call.script.over_budget)
    return Judgement(call, decision), is_enough


def is_judged(event: HookEvent) -> bool:
    """Whether rules about tools judge this event."""
    return event.tool is not None and event.kind not in UNJUDGED


def shell_limits(limits: Limits) -> ShellLimits:
    """The part of the limits that the shell layer keeps to."""
    return ShellLimits(
        bytes=limits.script_bytes,
        nodes=limits.script_nodes,
        depth=limits.script_depth,
        commands=limits.script_commands,
        milliseconds=limits.script_milliseconds,
        # The time of this thread: a machine that is busy with others must not put a script over budget.
        clock=time.thread_time,
    )


def _loop_limits(limits: Limits, share: Share) -> ShellLimits:
    return ShellLimits(
        bytes=limits.script_bytes,
        nodes=min(limits.script_nodes, share.nodes),
        depth=limits.script_depth,
        commands=min(limits.script_commands, share.commands),
        milliseconds=min(limits.script_milliseconds, share.milliseconds),
        clock=time.thread_time,
    )


class _LoopClock:
    """A clock that stops whoever looks at it once the loop's time is up."""

    __slots__ = ("_latest", "_seconds")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._latest = 0.0

    def __call__(self) -> float:
        now = time.thread_time()
        if not self._latest:
            self._latest = now + self._seconds
        elif now > self._latest:
            raise _OutOfTimeError
        return now


def failed(failure: Failure, snapshot: Snapshot | None) -> Decision:
    """A denial because we could not decide; recorded only, where a policy in force only observes."""
    is_observing = snapshot is not None and snapshot.config.mode is Mode.OBSERVE
    return Decision(
        verdict=Verdict.ALLOW if is_observing else Verdict.DENY,
        basis=Basis.FAILURE,
        would=Verdict.DENY,
        failure=failure,
        generation=snapshot.generation if snapshot is not None else 0,
        digest=snapshot.digest if snapshot is not None else "",
    )

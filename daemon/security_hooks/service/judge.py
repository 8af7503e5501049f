"""An event to a decision: the pure stages in their order, for the daemon and for `check` alike."""

import time

import msgspec

from security_hooks.catalogue.entry import Catalogue
from security_hooks.model.decision import Basis, Decision, Verdict
from security_hooks.model.event import HookEvent, Place
from security_hooks.model.failure import Failure
from security_hooks.model.shell import CallFacts
from security_hooks.policy.config_types import Limits, Mode
from security_hooks.policy.decide import UNJUDGED, decide, no_objection
from security_hooks.policy.snapshot import Snapshot
from security_hooks.shell.limits import ShellLimits
from security_hooks.tools.facts import Read, call_facts


class Judgement(msgspec.Struct, frozen=True):
    """A decision and what it was made of; `call` is None for events that hold no tool call to judge."""

    call: CallFacts | None
    decision: Decision


def judge(
    event: HookEvent, place: Place, snapshot: Snapshot, catalogue: Catalogue, now: int, read: Read | None = None
) -> Judgement:
    """Judge one event under one snapshot; `now` is Unix time in seconds. Raises CallError."""
    if event.tool is None or event.kind in UNJUDGED:
        return Judgement(None, no_objection(snapshot))
    call = call_facts(event, event.tool, place, catalogue, shell_limits(snapshot.config.limits), read)
    return Judgement(call, decide(snapshot, call, now, time.thread_time))


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

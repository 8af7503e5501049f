"""Decisions on scripts that were read before, made before.

Deciding is a function of the policy and the facts, so a script that `ScriptMemory` gives back as the very object it
was, in the same place, with the same past and under the same policy, need not be asked about again. What rules do not
look at, the ids of a session, a turn and a call, does not count. Rules that hold until some day, and calls about whose
tool rules may look further than at the call, are decided anew each time, and so is what a rule looked at the disk for.
"""

from collections import OrderedDict
from collections.abc import Callable

import msgspec

from security_hooks.model.decision import Decision
from security_hooks.model.event import EventKind, Place, ToolCall, ToolKind
from security_hooks.model.session import Count
from security_hooks.model.shell import LOOKED, CallFacts, Script
from security_hooks.policy.decide import decide
from security_hooks.policy.snapshot import Snapshot
from security_hooks.service.script_memory import LONGEST, MOST_COMMANDS

DECISIONS = 512

_Past = tuple[int, frozenset[str], bool]
_Key = tuple[int, int, str, EventKind, str | None, Place, ToolCall, _Past]


class _Remembered(msgspec.Struct, frozen=True, gc=False):
    # Held, so that no other script can have its id.
    script: Script
    # The same for what was counted of the session.
    counts: tuple[Count, ...]
    decision: Decision


class DecisionMemory:
    """The last decisions, at most DECISIONS."""

    def __init__(self) -> None:
        self._decisions: OrderedDict[_Key, _Remembered] = OrderedDict()

    def decide(self, snapshot: Snapshot, call: CallFacts, now: int, clock: Callable[[], float]) -> Decision:
        """As `decide`. Where `clock` raises for want of time, so does this."""
        script = call.script
        if script is None or not _is_repeatable(call, script) or snapshot.index.is_dated:
            return decide(snapshot, call, now, clock)
        counts = call.session.counts
        past = (id(counts), call.session.written, call.session.ran_unseen)
        event, tool = call.event, msgspec.structs.replace(call.tool, call_id=None)
        key = (snapshot.generation, id(script), event.client, event.kind, event.permission_mode, call.place, tool, past)
        remembered = self._decisions.get(key)
        if remembered is not None:
            self._decisions.move_to_end(key)
            return remembered.decision
        latest = clock() + snapshot.config.limits.script_milliseconds / 1000
        decision = decide(snapshot, call, now, clock)
        # Later than that some commands may be left out, which another time are not.
        if clock() < latest and LOOKED not in call.memo:
            self._decisions[key] = _Remembered(script, counts, decision)
            if len(self._decisions) > DECISIONS:
                self._decisions.popitem(last=False)
        return decision


def _is_repeatable(call: CallFacts, script: Script) -> bool:
    # With more time, more of a script that is over budget might be judged.
    return (
        call.tool.kind is ToolKind.SHELL
        and not call.effects
        and not script.over_budget
        and len(script.commands) <= MOST_COMMANDS
        and len(script.text) <= LONGEST
    )

"""The limits on a session's tool calls, on the path of a call. In memory alone, and only where a limit is set."""

import hashlib
import math
import time
from collections.abc import Callable

import msgspec

from security_hooks.memory.call_count import NOTHING, Caps, Count, Excess, excess, wait, with_call, with_result
from security_hooks.memory.recent import Recent
from security_hooks.model.decision import Decision, Finding, Severity, Tier, Verdict
from security_hooks.model.event import EventKind, HookEvent, Outcome, ToolCall
from security_hooks.policy.snapshot import Snapshot
from security_hooks.service.exchange import Exchange
from security_hooks.service.restraint import restricted

_RULES = {Excess.SESSION: "tool-call-limit", Excess.MINUTE: "tool-call-rate"}
_RESULTS = (EventKind.POST_TOOL, EventKind.POST_TOOL_FAILURE)
_RAISED = "A person can raise it in the configuration, which holds for the next call"


class CallLimits:
    """What each session has called; `clock` gives seconds and never goes back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sessions: Recent[Count] = Recent()

    def restrict(self, exchange: Exchange, decision: Decision) -> Decision:
        """The decision, a denial where the call would be one too many."""
        event, snapshot = exchange.event, exchange.snapshot
        if snapshot is None or event is None or event.tool is None or event.kind is not EventKind.PRE_TOOL:
            return decision
        caps = _caps(snapshot)
        if caps is None or decision.would is Verdict.DENY:
            return decision
        now = self._clock()
        count = self._sessions.get(_session(event), now)
        passed = None if count is None else excess(count, content_of(event.tool), caps, now)
        if count is None or passed is None:
            return decision
        nudge = _nudge(passed, caps, wait(count, caps, now))
        found = Finding(_RULES[passed], Tier.BLOCK, True, Verdict.DENY, nudge, "", None, "", 0, Severity.MEDIUM)
        return restricted(decision, found, snapshot)

    def saw(self, exchange: Exchange, decision: Decision) -> None:
        """Take into account what a call was answered, or what became of one."""
        event, snapshot = exchange.event, exchange.snapshot
        if event is None or event.tool is None or snapshot is None or _caps(snapshot) is None:
            return
        now, session = self._clock(), _session(event)
        count = self._sessions.get(session, now) or NOTHING
        if event.kind in _RESULTS:
            failed = event.kind is EventKind.POST_TOOL_FAILURE or event.outcome is Outcome.FAILED
            after = with_result(count, _call(event.tool), has_failed=failed)
        elif event.kind is EventKind.PRE_TOOL and _runs(exchange, decision):
            after = with_call(count, _call(event.tool), content_of(event.tool), now)
        else:
            return
        self._sessions.keep(session, after, now)


def content_of(tool: ToolCall) -> bytes:
    """A digest of the tool and all that it is given: the same for a call and its retry."""
    given = tool.script if tool.script is not None else [(item.pointer, item.value) for item in tool.strings]
    return hashlib.blake2b(msgspec.json.encode((tool.name, given)), digest_size=16).digest()


def _call(tool: ToolCall) -> str | bytes:
    return content_of(tool) if tool.call_id is None else tool.call_id


def _runs(exchange: Exchange, decision: Decision) -> bool:
    """Whether the client may run it: what is denied does not count."""
    return decision.verdict is Verdict.ALLOW or exchange.answered == Verdict.ASK.word


def _caps(snapshot: Snapshot) -> Caps | None:
    limits = snapshot.config.limits
    caps = Caps(limits.max_tool_calls_per_session, limits.tool_calls_per_minute)
    return caps if caps.session or caps.minute else None


def _nudge(passed: Excess, caps: Caps, seconds: float) -> str:
    if passed is Excess.SESSION:
        return (
            f"This session has made {caps.session} tool calls, all that `[limits] max_tool_calls_per_session` allows. "
            f"Tell the person what is left to do. {_RAISED}, or begin another session"
        )
    return (
        f"This session has made {caps.minute} tool calls within a minute, all that `[limits] tool_calls_per_minute` "
        f"allows. Wait {math.ceil(seconds)} seconds, and do more with each call. {_RAISED}"
    )


def _session(event: HookEvent) -> tuple[str, str]:
    return event.client, event.session_id

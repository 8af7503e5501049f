"""Secrets that were seen in outputs of tools, and the calls that would take one away. In memory alone.

Learns from every event after a tool call, short outputs at once and long ones a slice at a time beside the calls; looks
at every call that has a decision, and makes the decision stricter where the call carries what was learned. What could
not be looked at is counted, never waited for.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator

from security_hooks.memory.secret_candidates import candidates, given
from security_hooks.memory.secret_reach import Reach, reach_of
from security_hooks.memory.secret_values import LARGEST, Carried, SecretValues
from security_hooks.model.decision import Decision, Finding, Severity, Tier, Verdict
from security_hooks.model.deed import Deeds
from security_hooks.model.effect import EffectKind
from security_hooks.model.event import EventKind, ToolCall, ToolKind
from security_hooks.model.record import Json
from security_hooks.model.server import decode_pin
from security_hooks.policy.config_types import Config, Remembering, Switch
from security_hooks.service.exchange import Exchange
from security_hooks.service.judge import is_judged
from security_hooks.service.restraint import restricted

RULE = "remembered-secret"
ENVIRONMENT = "the daemon's environment"
# Outputs up to this many characters are looked at before anything else happens; longer ones in slices of it. A slice
# takes in some of the one before, so that what stands at the seam is whole in one of them.
AT_ONCE = 8_192
SEAM = 4_096
PAUSE_SECONDS = 0.001
MOST_WAITING = 8_388_608
_RESULTS = (EventKind.POST_TOOL, EventKind.POST_TOOL_FAILURE)

_Answer = tuple[Verdict | None, Tier, Severity, str]
_DENIED: _Answer = (
    Verdict.DENY,
    Tier.BLOCK,
    Severity.CRITICAL,
    "It would leave this machine for somebody it is not for. If it has to go there, a person names the host in"
    " `secrets.trusted_hosts`",
)
_ASKED: _Answer = (
    Verdict.ASK,
    Tier.SUSPICIOUS,
    Severity.HIGH,
    "A person should see where it goes. Name the variable or the file that holds it, not the value",
)
_KEPT: _Answer = (
    Verdict.ASK,
    Tier.SUSPICIOUS,
    Severity.HIGH,
    "It would be written where it is kept and passed on. Have the program read it from the environment or a file that"
    " git ignores",
)
_SEEN: _Answer = (None, Tier.WATCH, Severity.INFO, "It stays where it may be")
_PART: _Answer = (None, Tier.WATCH, Severity.MEDIUM, "It is a part; with more of it the next call is stopped")
_TOO_LONG = (
    f"This call is longer than the {LARGEST} characters that are looked through for secrets seen before, and it reaches"
    " somebody else. Send less at a time, or a file"
)
_STRICTNESS = {None: -1, Verdict.ALLOW: 0, Verdict.ASK: 1, Verdict.DENY: 2}


class RememberedSecrets:
    """The memory of one daemon. `key` is random; `clock` says seconds that only ever grow."""

    def __init__(self, key: bytes, clock: Callable[[], float] = time.monotonic) -> None:
        settings = Remembering()
        self._values = SecretValues(key, settings.values, settings.hours * 3600)
        self._is_on = settings.switch is Switch.ON
        self._clock = clock
        self._key = key
        self._queue: deque[tuple[str, str, str | None]] = deque()
        self._waiting = 0
        self._wanted = asyncio.Event()
        self._not_looked_at = 0

    def use(self, settings: Remembering, environment: Iterable[str]) -> None:
        """Keep to the settings from now on, and know the values of the secret environment variables."""
        self._is_on = settings.switch is Switch.ON
        if not self._is_on:
            self._values = SecretValues(self._key, settings.values, settings.hours * 3600)
            self._queue.clear()
            self._waiting = 0
            return
        self._values.most, self._values.lifetime = settings.values, settings.hours * 3600
        for value in environment:
            found = given(value)
            if found is not None:
                self._values.learn(found, ENVIRONMENT, None, self._clock())

    def see(self, exchange: Exchange) -> None:
        """Learn from an event after a tool call; other events hold no output."""
        event = exchange.event
        if event is None or event.kind not in _RESULTS or not self._is_on:
            return
        tool = event.tool
        name = f"`{tool.name}`" if tool is not None else "a tool"
        server = tool.mcp.server if tool is not None and tool.mcp is not None else None
        self._not_looked_at += event.output.is_cut
        for text in event.output.texts:
            if len(text) <= AT_ONCE:
                self._learn(text, name, server)
            elif self._waiting + len(text) > MOST_WAITING:
                self._not_looked_at += 1
            else:
                self._waiting += len(text)
                self._queue.append((text, name, server))
                self._wanted.set()

    async def run(self) -> None:
        """Look at long outputs, a slice at a time; runs until cancelled."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            while self._queue:
                text, name, server = self._queue.popleft()
                for part in slices(text):
                    self._learn(part, name, server)
                    await asyncio.sleep(PAUSE_SECONDS)
                self._waiting = max(0, self._waiting - len(text))

    def restrict(self, exchange: Exchange, decision: Decision) -> Decision:
        """The decision, or a stricter one where the call carries a remembered value; with none this costs a look."""
        if not self._values:
            return decision
        event, snapshot = exchange.event, exchange.snapshot
        if event is None or event.tool is None or snapshot is None or not is_judged(event):
            return decision
        self._values.expire(self._clock())
        tool, deeds = event.tool, None if exchange.summary is None else exchange.summary.deeds
        texts = tuple(_texts(tool, deeds))
        found = [self._finding(carried, tool, deeds, snapshot.config) for carried in self._values.find(texts)]
        if any(len(text) > LARGEST for text in texts):
            found.append(_unread(tool, deeds, snapshot.config))
        told = max((one for one in found if one is not None), key=lambda one: _STRICTNESS[one.verdict], default=None)
        return decision if told is None else restricted(decision, told, snapshot)

    def report(self) -> dict[str, Json]:
        """Plain data for `status`."""
        return {"values": len(self._values), "waiting": len(self._queue), "not_looked_at": self._not_looked_at}

    def _learn(self, text: str, name: str, server: str | None) -> None:
        if not self._is_on:
            return
        for candidate in candidates(text):
            self._values.learn(candidate, name, server, self._clock())

    def _finding(self, carried: Carried, tool: ToolCall, deeds: Deeds | None, config: Config) -> Finding | None:
        known = carried.known
        reach = _reach(tool, deeds, config, known.hosts, known.origin)
        if reach is Reach.KEPT and self._was_there(carried, tool):
            reach = Reach.NOWHERE
        is_out = self._values.goes_out(carried) if reach >= Reach.UNSURE else carried.is_whole
        if not is_out:
            return _found(known.kind, known.seen_in, _PART) if known.is_strong and reach is Reach.AWAY else None
        return _found(known.kind, known.seen_in, _answer(reach, is_strong=known.is_strong))

    def _was_there(self, carried: Carried, tool: ToolCall) -> bool:
        """Whether the value stood in the file before the edit."""
        old = _replaced(tool)
        return any(one.known is carried.known and one.is_whole for one in self._values.find(old))


def slices(text: str) -> Iterator[str]:
    """A long text in parts; what is shorter than SEAM is whole in one of them."""
    for start in range(0, max(len(text) - SEAM, 1), AT_ONCE - SEAM):
        yield text[start : start + AT_ONCE]


def _reach(tool: ToolCall, deeds: Deeds | None, config: Config, hosts: tuple[str, ...], origin: str | None) -> Reach:
    pins = (decode_pin(text) for text in config.lists.get("mcp_pins", ()))
    servers = (*config.lists.get("mcp_allowed", ()), *(pin.name for pin in pins if pin is not None))
    trusted = config.lists.get("trusted_hosts", ())
    return reach_of(tool, deeds, hosts, origin, trusted, servers, config.lists.get("sensitive_paths", ()))


def _answer(reach: Reach, *, is_strong: bool) -> _Answer:
    match reach:
        case Reach.AWAY:
            return _DENIED if is_strong else _ASKED
        case Reach.VOUCHED | Reach.UNSURE:
            return _ASKED
        case Reach.KEPT if is_strong:
            return _KEPT
        case _:
            return _SEEN


def _unread(tool: ToolCall, deeds: Deeds | None, config: Config) -> Finding | None:
    if _reach(tool, deeds, config, (), None) < Reach.UNSURE:
        return None
    return Finding(RULE, Tier.SUSPICIOUS, False, Verdict.ASK, _TOO_LONG, "", None, "", 0, Severity.MEDIUM)


def _found(kind: str, seen_in: str, answer: _Answer) -> Finding:
    verdict, tier, severity, advice = answer
    # The value itself is in no message: what is denied is read by the agent, and asked about on a screen.
    name = "" if kind == "secret" else f" ({kind})"
    nudge = f"This call carries a secret{name} that was seen in {_told(seen_in)}. {advice}"
    return Finding(RULE, tier, True, verdict, nudge, "", None, "", 0, severity, ("secrets",))


def _told(seen_in: str) -> str:
    return seen_in if seen_in == ENVIRONMENT else f"the output of {seen_in}"


def _texts(tool: ToolCall, deeds: Deeds | None) -> Iterator[str]:
    """What a call says, and what hosts its words come to; of an edit what is new."""
    if tool.kind is ToolKind.PATCH and tool.script is not None:
        yield "\n".join(line for line in tool.script.splitlines() if line.startswith("+"))
    elif tool.script is not None:
        yield tool.script
    else:
        # Together, so that what is cut over several of them is seen.
        yield "\n".join(string.value for string in tool.strings if string.pointer != "/old_string")
    if deeds is not None and tool.kind is ToolKind.SHELL:
        for deed in deeds.deeds:
            if deed.kind is EffectKind.CONNECTS and deed.target is not None:
                yield deed.target


def _replaced(tool: ToolCall) -> tuple[str, ...]:
    """What an edit or a patch takes away or leaves, as far as it says."""
    if tool.kind is ToolKind.PATCH and tool.script is not None:
        return ("\n".join(line for line in tool.script.splitlines() if not line.startswith("+")),)
    return tuple(string.value for string in tool.strings if string.pointer == "/old_string")

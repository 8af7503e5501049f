"""Where asks meet their permits: on the path of a call, and in the questions that a person's terminal puts.

A code goes to the person alone. It is in no record before it is spent, and in nothing that the agent reads.
"""

import hashlib
import json
import time
from collections.abc import Callable

from security_hooks.clients.payload import read_object
from security_hooks.model.decision import Decision, Verdict
from security_hooks.model.event import EventKind, HookEvent, ToolCall, ToolKind
from security_hooks.model.record import AuditRecord, Json, RecordKind
from security_hooks.service.exchange import Exchange
from security_hooks.service.peer import Peer
from security_hooks.service.permits import SECONDS, Ask, Permits, is_permissible, permitted

# Reading a payload once more takes time on the loop; a larger call is asked about without a code.
LONGEST_PAYLOAD = 65_536
LONGEST_TEXT = 4_096
WIDEST = 160


class Asks:
    """Offers codes, takes permits into account, answers `asks` and `allow-once`.

    `object_to` says why a process is not taken for a person's; `redact` replaces secrets; `append` writes a record or
    raises AuditError.
    """

    def __init__(
        self,
        permits: Permits,
        object_to: Callable[[int], str | None],
        redact: Callable[[str], str],
        append: Callable[[AuditRecord], int],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._permits = permits
        self._object_to = object_to
        self._redact = redact
        self._append = append
        self._clock = clock

    def settle(self, exchange: Exchange, decision: Decision) -> tuple[Decision, str]:
        """The decision with the permit for this call, if there is one; and else, of an ask, what to tell the person."""
        event = exchange.event
        if event is None or event.kind is not EventKind.PRE_TOOL:
            return decision, ""
        if decision.verdict is not Verdict.ASK and not is_permissible(decision):
            return decision, ""
        call = exchange.call = digest_of(exchange)
        if event.tool is None or call is None:
            return decision, ""
        now = self._clock()
        exchange.permit = self._permits.take(call, now)
        if exchange.permit is not None:
            decision = permitted(decision, exchange.permit)
        if not is_permissible(decision):
            return decision, ""
        project = None if exchange.place is None else exchange.place.project
        ask = self._permits.offer(call, event.client, project, _text(event.tool), decision, now)
        return (
            decision,
            f"security-hooks: to permit this call once, run `security-hooks allow-once {ask.code}` in a terminal",
        )

    def listed(self, peer: Peer) -> bytes:
        """The answer to `@asks`: what waits for a person, with its codes."""
        refused = self._object_to(peer.pid)
        if refused is not None:
            return _answer({"refused": refused})
        now = self._clock()
        return _answer({"asks": [self._fields(ask, now) for ask in self._permits.waiting(now)]})

    def permit(self, typed: bytes, peer: Peer) -> bytes:
        """The answer to `@permit`: one call permitted once, recorded first; raises AuditError."""
        now = self._clock()
        refused = self._object_to(peer.pid)
        ask = None if refused is not None else self._permits.ask_of(typed.decode("ascii", "replace"), now)
        if ask is None:
            why = refused or "no ask has this code; it may be over ten minutes old, or used"
            self._record({"refused": why, "peer_pid": peer.pid})
            return _answer({"refused": why, "unknown": refused is None})
        self._record(
            {"client": ask.client, "project": ask.project, "peer_pid": peer.pid, "permit": permit_fields(ask, peer.pid)}
        )
        self._permits.permit(ask, peer.pid, now)
        return _answer({"permitted": self._fields(ask, now), "seconds": SECONDS})

    def _record(self, fields: dict[str, Json]) -> None:
        self._append(AuditRecord(RecordKind.PERMIT, time.time_ns(), fields))

    def _fields(self, ask: Ask, now: float) -> dict[str, Json]:
        shown = self._redact(ask.text)
        return {
            "code": ask.code,
            "client": ask.client,
            "project": ask.project,
            "rules": list(ask.rules),
            "text": shown if len(shown) <= WIDEST else shown[:WIDEST] + "...",
            "age_seconds": round(now - ask.at),
        }


def permit_fields(ask: Ask, pid: int) -> dict[str, Json]:
    """What the log tells of a permit: the code, which is spent by then, who gave it, and for what."""
    return {"code": ask.code, "peer_pid": pid, "rules": list(ask.rules), "call": ask.call}


def digest_of(exchange: Exchange) -> str | None:
    """SHA-256 of all that makes a call this very call: client, project, directory, tool and input.

    What a shell tool's call says of itself in words (`description`) changes nothing, and is worded anew each time. None
    where the payload is too large.
    """
    event = exchange.event
    if event is None or event.tool is None or len(exchange.payload) > LONGEST_PAYLOAD:
        return None
    project = None if exchange.place is None else exchange.place.project
    said = (event.client, project, event.cwd, event.tool.name, _mcp(event), _input(exchange.payload, event.tool))
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode("ascii")).hexdigest()


def _input(payload: bytes, tool: ToolCall) -> object:
    given = read_object(payload).get("tool_input")
    if isinstance(given, dict) and tool.kind is ToolKind.SHELL:
        return {name: value for name, value in given.items() if name != "description"}
    return given


def _mcp(event: HookEvent) -> tuple[object, ...]:
    mcp = None if event.tool is None else event.tool.mcp
    return () if mcp is None else (mcp.server, mcp.tool, mcp.command)


def _text(tool: ToolCall) -> str:
    """What the call says, its start if it is long, cut between words: half a secret is not recognised as one."""
    text = tool.script or " ".join((*tool.paths, *tool.urls)) or " ".join(item.value for item in tool.strings[:1])
    if len(text) > LONGEST_TEXT:
        start = text[:LONGEST_TEXT]
        text = start[: max(start.rfind(blank) for blank in " \n\t") + 1] + "..."
    return f"{tool.name}: {text}"


def _answer(fields: dict[str, Json]) -> bytes:
    return json.dumps(fields).encode("ascii")

"""Tools that failed too often: their calls are asked about until a person says otherwise. In memory alone.

Only makes verdicts stricter, and only where `[anomalies] failing_tools = "ask"` holds now.
"""

import json
import time
from collections.abc import Callable

from security_hooks.model.decision import Decision, Finding, Severity, Tier, Verdict
from security_hooks.model.record import AuditRecord, Json, RecordKind
from security_hooks.policy.config_types import OnFailingTool
from security_hooks.service.exchange import Exchange
from security_hooks.service.judge import is_judged
from security_hooks.service.peer import Peer
from security_hooks.service.restraint import restricted

RULE = "failing-tool"
MOST = 64


class FailingTools:
    """The tools, by client. `object_to` says why a process is not taken for a person's; `append` writes a record or
    raises AuditError; `cleared` is told of a tool that a person has set free.
    """

    def __init__(
        self,
        object_to: Callable[[int], str | None],
        append: Callable[[AuditRecord], int],
        cleared: Callable[[str], None],
    ) -> None:
        self._object_to = object_to
        self._append = append
        self._cleared = cleared
        self._tools: dict[tuple[str, str], str] = {}

    def stop(self, client: str, tool: str, why: str) -> None:
        """Have calls of a tool asked about; past `MOST` the oldest goes."""
        self._tools.pop((client, tool), None)
        if len(self._tools) >= MOST:
            del self._tools[next(iter(self._tools))]
        self._tools[client, tool] = why

    def restrict(self, exchange: Exchange, decision: Decision) -> Decision:
        """The decision, an ask where it would let a stopped tool run; with nothing stopped this costs a look."""
        if not self._tools or decision.would is not Verdict.ALLOW:
            return decision
        event, snapshot = exchange.event, exchange.snapshot
        if event is None or event.tool is None or snapshot is None or not is_judged(event):
            return decision
        why = self._tools.get((event.client, event.tool.name))
        if why is None or snapshot.config.on_failing_tool is not OnFailingTool.ASK:
            return decision
        nudge = f"{why}. To stop asking, a person runs `security-hooks anomalies clear {event.tool.name}` in a terminal"
        found = Finding(RULE, Tier.SUSPICIOUS, True, Verdict.ASK, nudge, "", None, "", 0, Severity.MEDIUM)
        return restricted(decision, found, snapshot)

    def clear(self, typed: bytes, peer: Peer) -> bytes:
        """The answer to `@clear`: a tool set free, which is recorded first; raises AuditError."""
        tool = typed.decode("utf-8", "replace")
        refused = self._object_to(peer.pid)
        keys = [key for key in self._tools if key[1] == tool]
        if refused is not None or not keys:
            return _answer({"refused": refused or "no such tool is asked about", "unknown": refused is None})
        self._append(
            AuditRecord(RecordKind.PERMIT, time.time_ns(), {"tool": tool, "cleared": True, "peer_pid": peer.pid})
        )
        for key in keys:
            del self._tools[key]
        self._cleared(tool)
        return _answer({"cleared": tool})

    def report(self) -> list[Json]:
        """Plain data for `status`."""
        return [{"client": client, "tool": tool, "why": why} for (client, tool), why in self._tools.items()]


def _answer(fields: dict[str, Json]) -> bytes:
    return json.dumps(fields).encode("ascii")

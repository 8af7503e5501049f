"""One answered call to the fields of its audit record. Unredacted: redaction is the log's business."""

from security_hooks.model.decision import Decision, Finding, Verdict
from security_hooks.model.event import ToolCall
from security_hooks.model.record import AuditRecord, Json, RecordKind
from security_hooks.model.reply import HookReply
from security_hooks.service.asks import permit_fields
from security_hooks.service.exchange import Exchange

# The log cuts long texts itself, after it has looked for secrets in them.
MOST_STRINGS = 64
# On the path of every call `_value_` and a table cost a fifth of what `Enum.value` does.
_NOTHING = ("", "{}")
_WORDS = {verdict: verdict.word for verdict in Verdict}


def decision_record(at: int, exchange: Exchange, decision: Decision, reply: HookReply) -> AuditRecord:
    """The record of one call; `at` is Unix time in nanoseconds."""
    fields: dict[str, Json] = {
        "client": exchange.name,
        "peer_pid": exchange.peer.pid,
        "verdict": _WORDS[decision.verdict],
        "would": _WORDS[decision.would],
        "basis": decision.basis._value_,
        "explicit": decision.explicit,
        "exit_status": reply.exit_status,
        "sent": _sent(exchange, decision, reply),
        "generation": decision.generation,
        "policy": decision.digest,
        "elapsed_us": exchange.elapsed_us(),
    }
    event = exchange.event
    if event is not None:
        fields["event"] = event.name
        fields["kind_of_event"] = event.kind._value_
        fields["session"] = event.session_id
        fields["cwd"] = event.cwd
        fields["permission_mode"] = event.permission_mode
        if event.outcome is not None:
            fields["outcome"] = event.outcome._value_
            if event.duration_ms is not None:
                fields["duration_ms"] = event.duration_ms
        _put_present(fields, turn=event.turn_id, agent=event.agent_id, settings_path=event.settings_path)
        if event.prompt is not None:
            fields["prompt"] = event.prompt
        if event.tool is not None:
            _put_tool(fields, event.tool)
    if exchange.place is not None:
        fields["home"] = exchange.place.home
        _put_present(fields, project=exchange.place.project, root=exchange.root)
    summary = exchange.summary
    if summary is not None:
        fields.update(summary.fields)
    if exchange.is_unseen:
        fields["unseen_files"] = True
    if exchange.is_nap:
        fields["nap"] = True
    _put_present(fields, call=exchange.call, answered=exchange.answered)
    if exchange.permit is not None:
        fields["permit"] = permit_fields(exchange.permit.ask, exchange.permit.pid)
    if decision.findings:
        fields["findings"] = [finding_fields(finding) for finding in decision.findings]
    if decision.failure is not None:
        fields["failure"] = {"reason": decision.failure.reason.value, "detail": decision.failure.detail}
    return AuditRecord(RecordKind.DECISION, at, fields, is_plain=True)


def _sent(exchange: Exchange, decision: Decision, reply: HookReply) -> str:
    """What the client was given: `nothing` is no objection, `message` a line for the person besides."""
    if reply.exit_status == 0 and reply.stdout in _NOTHING:
        return "nothing"
    if decision.verdict is not Verdict.ALLOW:
        return exchange.answered or "deny"
    return "approval" if decision.explicit else "message"


def _put_tool(fields: dict[str, Json], tool: ToolCall) -> None:
    fields["tool"] = tool.name
    fields["tool_kind"] = tool.kind._value_
    _put_present(fields, call_id=tool.call_id, tool_cwd=tool.cwd)
    if tool.unanalysed_code:
        fields["unanalysed_code"] = True
    if tool.mcp is not None:
        mcp = tool.mcp
        told: dict[str, Json] = {"url": mcp.url, "cwd": mcp.cwd, "source": mcp.source, "others": list(mcp.others)}
        fields["mcp"] = {
            "server": mcp.server,
            "tool": mcp.tool,
            "command": list(mcp.command),
            **{name: value for name, value in told.items() if value},
        }
    if tool.script is not None:
        fields["script"] = tool.script
        return
    fields["input"] = {string.pointer: string.value for string in tool.strings[:MOST_STRINGS]}
    if len(tool.strings) > MOST_STRINGS:
        # Whoever judges it again must know that this is not all.
        fields["strings"] = len(tool.strings)


def finding_fields(finding: Finding) -> dict[str, Json]:
    """One finding as plain data, in records and in what `--json` prints."""
    return {
        "rule": finding.rule,
        "tier": finding.tier.value,
        "certain": finding.certain,
        "verdict": finding.verdict.word if finding.verdict is not None else None,
        "severity": finding.severity.value,
        "nudge": finding.nudge,
        "evidence": finding.evidence,
        "file": finding.file,
        "line": finding.line,
    }


def rule_names(decision: Decision) -> list[str]:
    """The rules that made the verdict what it is, each once, the strictest first."""
    return list(dict.fromkeys(finding.rule for finding in decision.findings if finding.verdict is decision.would))


def _put_present(fields: dict[str, Json], **given: str | None) -> None:
    for name, value in given.items():
        if value is not None:
            fields[name] = value

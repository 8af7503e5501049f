from typing import Any

from security_hooks.model.decision import Basis, Decision, Finding, Severity, Tier, Verdict
from security_hooks.model.event import EventKind, HookEvent, InputString, McpTarget, Outcome, Place, ToolCall, ToolKind
from security_hooks.model.failure import Failure, Reason
from security_hooks.model.record import RecordKind
from security_hooks.model.reply import HookReply
from security_hooks.service.exchange import Exchange
from security_hooks.service.journal import MOST_STRINGS, decision_record
from security_hooks.service.peer import Peer
from security_hooks.service.permits import Ask, Permit
from security_hooks.service.summary import Summary

FINDING = Finding("r", Tier.BLOCK, True, Verdict.DENY, "do not", "rm x", 0, "a.rules", 3, Severity.HIGH)
DENIED = Decision(Verdict.DENY, Basis.RULE, (FINDING,), would=Verdict.DENY, generation=4, digest="d")
PLACE = Place("/p", "/home/u", "/p")


def fields_of(event: HookEvent | None, decision: Decision = DENIED, **more: Any) -> dict[str, Any]:
    exchange = Exchange(Peer(1, 42), name="claude-code", event=event, **more)
    record = decision_record(99, exchange, decision, HookReply(2, "", "no"))
    assert (record.kind, record.at) == (RecordKind.DECISION, 99)
    fields: dict[str, Any] = record.fields
    return fields


def shell_event(script: str) -> HookEvent:
    tool = ToolCall("Bash", ToolKind.SHELL, call_id="t1", script=script)
    return HookEvent("claude-code", EventKind.PRE_TOOL, "PreToolUse", "s", cwd="/p", turn_id="u", tool=tool)


def test_the_record_of_a_shell_call() -> None:
    event = shell_event("rm x")
    fields = fields_of(event, place=PLACE, summary=Summary({"programs": ["rm", "?"]}))
    assert fields.pop("elapsed_us") >= 0
    assert fields == {
        "client": "claude-code",
        "peer_pid": 42,
        "verdict": "deny",
        "would": "deny",
        "basis": "rule",
        "explicit": False,
        "exit_status": 2,
        "sent": "deny",
        "generation": 4,
        "policy": "d",
        "event": "PreToolUse",
        "kind_of_event": "pre_tool",
        "session": "s",
        "cwd": "/p",
        "permission_mode": None,
        "turn": "u",
        "tool": "Bash",
        "tool_kind": "shell",
        "call_id": "t1",
        "script": "rm x",
        "home": "/home/u",
        "project": "/p",
        "programs": ["rm", "?"],
        "findings": [
            {
                "rule": "r",
                "tier": "block",
                "certain": True,
                "verdict": "deny",
                "severity": "high",
                "nudge": "do not",
                "evidence": "rm x",
                "file": "a.rules",
                "line": 3,
            }
        ],
    }


def test_how_long_a_tool_took_is_recorded_where_the_client_tells() -> None:
    tool = ToolCall("Bash", ToolKind.SHELL, call_id="t1", script="ls")
    for duration in (0, 70):
        ran = HookEvent(
            "claude-code",
            EventKind.POST_TOOL,
            "PostToolUse",
            "s",
            tool=tool,
            outcome=Outcome.SUCCEEDED,
            duration_ms=duration,
        )
        assert fields_of(ran)["duration_ms"] == duration
    assert "duration_ms" not in fields_of(shell_event("ls"))


def test_other_tools_are_recorded_by_the_strings_of_their_input() -> None:
    strings = tuple(InputString(f"/{i}", str(i)) for i in range(MOST_STRINGS + 5))
    tool = ToolCall("Read", ToolKind.READ, strings=strings)
    fields = fields_of(HookEvent("claude-code", EventKind.PRE_TOOL, "PreToolUse", "s", tool=tool))
    assert fields["input"]["/0"] == "0"
    assert len(fields["input"]) == MOST_STRINGS
    assert fields["strings"] == MOST_STRINGS + 5
    assert "script" not in fields


def test_what_a_second_judgement_needs_is_recorded_where_there_is_any() -> None:
    tool = ToolCall("T", ToolKind.MCP, mcp=McpTarget("s", "t", ("npx", "x")), unanalysed_code=True, cwd="/elsewhere")
    event = HookEvent("claude-code", EventKind.PRE_TOOL, "PreToolUse", "s", tool=tool)
    fields = fields_of(event, place=PLACE, root="/p")
    assert fields["mcp"] == {"server": "s", "tool": "t", "command": ["npx", "x"]}
    assert (fields["unanalysed_code"], fields["tool_cwd"], fields["root"]) == (True, "/elsewhere", "/p")


def test_a_prompt_and_a_change_of_settings_are_recorded() -> None:
    prompt = HookEvent("claude-code", EventKind.PROMPT, "UserPromptSubmit", "s", prompt="hello")
    assert fields_of(prompt)["prompt"] == "hello"
    change = HookEvent("claude-code", EventKind.CONFIG_CHANGE, "ConfigChange", "s", settings_path="/p/settings.json")
    assert fields_of(change)["settings_path"] == "/p/settings.json"


def test_a_call_that_could_not_be_read_is_recorded_with_its_failure() -> None:
    decision = Decision(Verdict.DENY, Basis.FAILURE, failure=Failure(Reason.BAD_PAYLOAD, "line 1"))
    fields = fields_of(None, decision)
    assert fields["failure"] == {"reason": "bad_payload", "detail": "line 1"}
    assert "event" not in fields
    assert "findings" not in fields


def test_what_kept_a_script_from_being_understood_is_recorded() -> None:
    event = shell_event("(")
    assert fields_of(event, summary=Summary({"problem": "unbalanced"}))["problem"] == "unbalanced"


def test_that_the_files_of_a_peer_were_not_seen_is_told() -> None:
    assert fields_of(shell_event("ls"), is_unseen=True)["unseen_files"] is True
    assert "unseen_files" not in fields_of(shell_event("ls"))


def test_the_record_of_an_ask_tells_which_call_what_was_answered_and_whose_permit_was_taken() -> None:
    ask = Ask("K7M2RWQ4", "abc", "codex-cli", "/p", "Bash: rm x", frozenset({("r", "rm x"), ("r", "rm y")}), 1.0)
    fields = fields_of(shell_event("rm x"), call="abc", answered="deny", permit=Permit(ask, 7, 2.0))
    assert (fields["call"], fields["answered"]) == ("abc", "deny")
    assert fields["permit"] == {"code": "K7M2RWQ4", "peer_pid": 7, "rules": ["r"], "call": "abc"}

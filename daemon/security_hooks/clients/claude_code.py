"""Claude Code: its payloads and its answers.

It runs the tool on any failure but exit status 2 unless the hook says `onFailure`, and even then on text that is no
JSON object; so a denial is JSON and exit status 2 both, and "no objection" is `{}`, never an approval.
"""

import re
from posixpath import join

from security_hooks.clients.claude_transcript import TRANSCRIPTS
from security_hooks.clients.client import AskPolicy, Client
from security_hooks.clients.events import SETTINGS_EVENTS, Events
from security_hooks.clients.outcome import claude_duration, claude_outcome
from security_hooks.clients.output import output_of
from security_hooks.clients.payload import (
    JsonObject,
    client_dir,
    directory,
    label,
    optional_text,
    read_object,
    required_object,
    required_text,
)
from security_hooks.clients.reason import for_json, message_to_person, say, say_failure
from security_hooks.clients.shapes import (
    PLAIN,
    UNKNOWN,
    Shapes,
    ToolShape,
    always,
    carries_code,
    shaped_call,
    split_mcp_name,
)
from security_hooks.model.decision import Decision, Verdict
from security_hooks.model.event import EventKind, HookEvent, McpTarget, ToolCall, ToolKind
from security_hooks.model.failure import Failure
from security_hooks.model.reply import HookReply

NAME = "claude-code"

_KINDS = {
    "PreToolUse": EventKind.PRE_TOOL,
    "PermissionRequest": EventKind.PERMISSION,
    "PostToolUse": EventKind.POST_TOOL,
    "PostToolUseFailure": EventKind.POST_TOOL_FAILURE,
    "UserPromptSubmit": EventKind.PROMPT,
    "ConfigChange": EventKind.CONFIG_CHANGE,
    "SessionStart": EventKind.SESSION_START,
    "SessionEnd": EventKind.SESSION_END,
}

# Events before which nothing can be stopped, or where stopping goes wrong: a refused Stop starts another turn, for
# ever. They carry no call to judge and are always answered with "no objection".
_QUIET = frozenset(
    {
        "CwdChanged",
        "InstructionsLoaded",
        "Notification",
        "PermissionDenied",
        "PostCompact",
        "PostToolBatch",
        "PreCompact",
        "Setup",
        "Stop",
        "SubagentStart",
        "SubagentStop",
        "TaskCompleted",
        "TaskCreated",
        "UserPromptExpansion",
    }
)
_EVENTS = Events(_KINDS, _QUIET)

# In the other modes an explicit approval would switch off more than the prompt: it lifts `dontAsk`, and skips the
# safety check of `auto` and `plan`.
_APPROVING_MODES = frozenset({"default", "acceptEdits"})


def _monitor_unread(given: JsonObject) -> bool:
    """A monitor may watch another source than a command: then what arrives is not ours to read."""
    return "command" not in given or bool(given.keys() - {"command", "description", "timeout_ms", "persistent"})


def _has_prompt(given: JsonObject) -> bool:
    return "prompt" in given


def _is_remote(given: JsonObject) -> bool:
    """A sub-agent on this machine runs under the same hooks; on another machine it does not."""
    return given.get("isolation") == "remote"


_TOOLS: Shapes = {
    "Bash": ToolShape(ToolKind.SHELL, script="command"),
    "Monitor": ToolShape(ToolKind.SHELL, script="command", script_optional=True, unread=_monitor_unread),
    # Another language than the one we read.
    "PowerShell": ToolShape(ToolKind.CODE, unread=always),
    # A script, or the name or path of one, that starts agents; only their single calls are seen.
    "Workflow": ToolShape(ToolKind.CODE, other_paths=("scriptPath",), unread=always),
    # The text of a skill may hold shell lines, which run without a hook of their own; only its name is told.
    "Skill": ToolShape(ToolKind.CODE, unread=always),
    # A prompt that takes effect later, when nobody looks.
    "CronCreate": ToolShape(ToolKind.AGENT, unread=always),
    "ScheduleWakeup": ToolShape(ToolKind.AGENT, unread=_has_prompt),
    # Prompts for agents whose own calls come to us one by one.
    "Agent": ToolShape(ToolKind.AGENT, unread=_is_remote),
    "Task": ToolShape(ToolKind.AGENT, unread=_is_remote),
    "SendMessage": ToolShape(ToolKind.AGENT),
    "ListAgents": ToolShape(ToolKind.AGENT),
    "Read": ToolShape(ToolKind.READ, paths=("file_path",)),
    "Write": ToolShape(ToolKind.WRITE, paths=("file_path",), content=("content",)),
    "Edit": ToolShape(ToolKind.EDIT, paths=("file_path",), content=("new_string",)),
    "NotebookEdit": ToolShape(ToolKind.EDIT, paths=("notebook_path",), content=("new_source",)),
    "Glob": ToolShape(ToolKind.SEARCH, other_paths=("path",), patterns=("pattern",)),
    "Grep": ToolShape(ToolKind.SEARCH, other_paths=("path",), patterns=("glob",)),
    "WebFetch": ToolShape(ToolKind.FETCH, urls=("url",)),
    "WebSearch": ToolShape(ToolKind.WEB_SEARCH),
    "ListMcpResourcesTool": ToolShape(ToolKind.MCP, server="server"),
    "ReadMcpResourceTool": ToolShape(ToolKind.MCP, server="server", urls=("uri",)),
    "EnterWorktree": ToolShape(ToolKind.OTHER, other_paths=("path",)),
    # These carry no code, and touch no file but the client's own lists.
    "AskUserQuestion": PLAIN,
    "CronDelete": PLAIN,
    "CronList": PLAIN,
    "EnterPlanMode": PLAIN,
    "ExitPlanMode": PLAIN,
    "ExitWorktree": PLAIN,
    "ReportFindings": PLAIN,
    "TaskCreate": PLAIN,
    "TaskGet": PLAIN,
    "TaskList": PLAIN,
    "TaskStop": PLAIN,
    "TaskUpdate": PLAIN,
    "TodoWrite": PLAIN,
    "ToolSearch": PLAIN,
}
_MCP = ToolShape(ToolKind.MCP, unread=carries_code)
# Settings that changed on the disk and are about to hold in this session: judged like a tool that writes the file.
_SETTINGS = ToolShape(ToolKind.WRITE, other_paths=("file_path",))


def decode(payload: bytes) -> HookEvent:
    """One hook event of Claude Code; raises `CallError` where the payload is not what we rely on."""
    data = read_object(payload)
    name, kind, holds_tool = _EVENTS.read(data)
    cwd = directory(data, "cwd")
    return HookEvent(
        client=NAME,
        kind=kind,
        name=name,
        session_id=required_text(data, "session_id"),
        cwd=cwd,
        permission_mode=label(data, "permission_mode"),
        turn_id=label(data, "prompt_id"),
        agent_id=label(data, "agent_id"),
        tool=_tool(data, cwd) if holds_tool else _change(data, name) if kind is EventKind.CONFIG_CHANGE else None,
        prompt=optional_text(data, "prompt") if kind is EventKind.PROMPT else None,
        client_dir=client_dir(data, "projects") if kind in SETTINGS_EVENTS else None,
        outcome=claude_outcome(kind, data),
        output=output_of(kind, data),
        settings_path=optional_text(data, "file_path") if kind is EventKind.CONFIG_CHANGE else None,
        transcript=label(data, "transcript_path"),
        duration_ms=claude_duration(kind, data),
    )


def _tool(data: JsonObject, cwd: str | None) -> ToolCall:
    name = required_text(data, "tool_name")
    given = required_object(data, "tool_input")
    call_id = label(data, "tool_use_id")

    def resolve(path: str) -> tuple[str, ...]:
        # The client resolves against the current directory and the home before it asks; `~` is left to the caller.
        return (path if path.startswith("~") else join(cwd or "", path),)

    # A tool that we know by its name is read as what it is, whoever provides it.
    mcp = _mcp_target(name, data) if name.startswith("mcp__") or isinstance(data.get("mcp_server"), dict) else None
    shape = _TOOLS.get(name, UNKNOWN if mcp is None else _MCP)
    return shaped_call(name, shape, given, call_id=call_id, cwd=cwd, resolve=resolve, mcp=mcp)


def _change(data: JsonObject, name: str) -> ToolCall:
    changed = optional_text(data, "file_path")
    given: JsonObject = {} if changed is None else {"file_path": changed}
    return shaped_call(name, _SETTINGS, given, call_id=None, cwd=None, resolve=lambda path: (path,))


def _mcp_target(name: str, data: JsonObject) -> McpTarget:
    server = data.get("mcp_server")
    told = label(server, "name") if isinstance(server, dict) else None
    if told is None:
        return split_mcp_name(name)
    prefix = f"mcp__{_NOT_IN_NAMES.sub('_', told)}__"
    tool = name.removeprefix(prefix) if name.startswith(prefix) else split_mcp_name(name).tool or name
    return McpTarget(told, tool, source=label(server, "source") if isinstance(server, dict) else None)


def encode(event: HookEvent, decision: Decision, ask_policy: AskPolicy, note: str = "") -> HookReply:
    """What Claude Code takes as this decision, per event and permission mode."""
    match event.kind:
        case EventKind.PRE_TOOL:
            return _before_tool(event, decision, ask_policy, note)
        case EventKind.PERMISSION:
            # Never an approval; and of what needs a person, a person is being asked already.
            return _refuse_permission(decision) if decision.verdict is Verdict.DENY else _NOTHING
        case EventKind.PROMPT | EventKind.CONFIG_CHANGE | EventKind.OTHER:
            if decision.verdict is Verdict.ALLOW or event.name in _QUIET:
                return _NOTHING
            return _block(say(decision, for_json, became_deny=decision.verdict is Verdict.ASK))
        case _:
            return _NOTHING


def _before_tool(event: HookEvent, decision: Decision, ask_policy: AskPolicy, note: str) -> HookReply:
    if decision.verdict is Verdict.ALLOW:
        return _APPROVAL if decision.explicit and event.permission_mode in _APPROVING_MODES else _NOTHING
    if decision.verdict is Verdict.ASK and ask_policy is AskPolicy.ASK:
        return HookReply(0, _before_tool_json("ask", say(decision, for_json), note))
    reason = say(decision, for_json, became_deny=decision.verdict is Verdict.ASK, offered=bool(note))
    return HookReply(2, _before_tool_json("deny", reason, note))


def _before_tool_json(word: str, reason: str, note: str) -> str:
    # Of all fields the person sees this one, and the model does not.
    shown = f',"systemMessage":"{for_json(note)}"' if note else ""
    return (
        '{"hookSpecificOutput":{"hookEventName":"PreToolUse","permissionDecision":"'
        f'{word}","permissionDecisionReason":"{reason}"}}{shown}}}'
    )


def _refuse_permission(decision: Decision) -> HookReply:
    return HookReply(
        0,
        '{"hookSpecificOutput":{"hookEventName":"PermissionRequest","decision":{"behavior":"deny","message":"'
        f'{say(decision, for_json)}"}}}}}}',
    )


def _block(reason: str) -> HookReply:
    # Understood by every event that can be stopped, a tool call included. Without readable JSON the exit status still
    # blocks, and the client then quotes stderr.
    return HookReply(2, f'{{"decision":"block","reason":"{reason}"}}')


def fail(failure: Failure) -> HookReply:
    """The answer to a call whose event could not be read: closed for a tool, a prompt and a change of settings."""
    return _block(say_failure(failure, for_json))


_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]")
_NOTHING = HookReply(0, "{}")
_APPROVAL = HookReply(0, '{"hookSpecificOutput":{"hookEventName":"PreToolUse","permissionDecision":"allow"}}')

CLIENT = Client(
    NAME,
    decode,
    encode,
    fail,
    (AskPolicy.ASK, AskPolicy.DENY),
    ("claude", "claude-code"),
    message_to_person,
    TRANSCRIPTS,
    frozenset(_TOOLS),
    # Runs without a person, and agents of a team, whose prompts come from the agent that leads it.
    frozenset(
        ("-p", "--print", "--input-format", "--output-format", "--sdk-url", "--agent-id", "--agent-name", "--team-name")
        + ("--parent-session-id", "--bg", "--background", "mcp", "remote-control")
    ),
)

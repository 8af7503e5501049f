"""Codex CLI: its payloads and its answers.

Before a tool runs it can be told no, and nothing else: an `ask` is an error to it, and the tool runs. A denial is exit
status 2 with text on stderr and nothing on stdout, because then nothing can fail to validate.
"""

from posixpath import join

from security_hooks.clients.client import AskPolicy, Client
from security_hooks.clients.codex_transcript import TRANSCRIPTS
from security_hooks.clients.events import SETTINGS_EVENTS, Events
from security_hooks.clients.outcome import codex_outcome
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
from security_hooks.clients.reason import for_stderr, message_to_person, say, say_failure
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
from security_hooks.model.event import EventKind, HookEvent, ToolCall, ToolKind
from security_hooks.model.failure import Failure
from security_hooks.model.reply import HookReply

NAME = "codex-cli"

_KINDS = {
    "PreToolUse": EventKind.PRE_TOOL,
    "PermissionRequest": EventKind.PERMISSION,
    "PostToolUse": EventKind.POST_TOOL,
    "UserPromptSubmit": EventKind.PROMPT,
    "SessionStart": EventKind.SESSION_START,
    "SessionEnd": EventKind.SESSION_END,
}

# Nothing can be stopped before these, or stopping goes wrong: a refused Stop becomes the next prompt.
_QUIET = frozenset(
    {
        "Interrupt",
        "PostCompact",
        "PostModelRequest",
        "PreCompact",
        "PreModelRequest",
        "Stop",
        "SubagentStart",
        "SubagentStop",
    }
)
_EVENTS = Events(_KINDS, _QUIET)

# Agents whose own calls come to us one by one.
_AGENT = ToolShape(ToolKind.AGENT)
_TOOLS: Shapes = {
    "Bash": ToolShape(ToolKind.SHELL, script="command"),
    "apply_patch": ToolShape(ToolKind.PATCH, script="command"),
    # Keys for a terminal. They are read as shell text, but what reads them there may be any program.
    "write_stdin": ToolShape(ToolKind.SHELL, script="chars", script_optional=True, unread=always),
    # JavaScript of code mode. It is not hooked in the version at hand, only the calls it makes.
    "exec": ToolShape(ToolKind.CODE, unread=always),
    "wait": PLAIN,
    "view_image": ToolShape(ToolKind.READ, paths=("path",)),
    "list_mcp_resources": ToolShape(ToolKind.MCP, server="server"),
    "list_mcp_resource_templates": ToolShape(ToolKind.MCP, server="server"),
    "read_mcp_resource": ToolShape(ToolKind.MCP, server="server", urls=("uri",)),
    "web_search": ToolShape(ToolKind.WEB_SEARCH),
    "spawn_agent": _AGENT,
    "create_goal": PLAIN,
    "get_goal": PLAIN,
    "request_user_input": PLAIN,
    "request_user_input_async": PLAIN,
    "tool_search": PLAIN,
    "update_goal": PLAIN,
    # Tools of a namespace arrive with both names run together.
    "clockcurr_time": PLAIN,
    "clocksleep": PLAIN,
    "collaborationfollowup_task": _AGENT,
    "collaborationinterrupt_agent": _AGENT,
    "collaborationlist_agents": _AGENT,
    "collaborationsend_message": _AGENT,
    "collaborationspawn_agent": _AGENT,
    "collaborationwait_agent": _AGENT,
    "multi_agent_v1close_agent": _AGENT,
    "multi_agent_v1resume_agent": _AGENT,
    "multi_agent_v1send_input": _AGENT,
    "multi_agent_v1spawn_agent": _AGENT,
    "multi_agent_v1wait_agent": _AGENT,
}
_MCP = ToolShape(ToolKind.MCP, unread=carries_code)


def decode(payload: bytes) -> HookEvent:
    """One hook event of Codex CLI; raises `CallError` where the payload is not what we rely on."""
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
        turn_id=label(data, "turn_id"),
        agent_id=label(data, "agent_id"),
        tool=_tool(data, cwd) if holds_tool else None,
        prompt=optional_text(data, "prompt") if kind is EventKind.PROMPT else None,
        client_dir=client_dir(data, "sessions") if kind in SETTINGS_EVENTS else None,
        outcome=codex_outcome(kind, data),
        transcript=label(data, "transcript_path"),
    )


def _tool(data: JsonObject, cwd: str | None) -> ToolCall:
    name = required_text(data, "tool_name")
    given = required_object(data, "tool_input")

    def resolve(path: str) -> tuple[str, ...]:
        return (join(cwd, path) if cwd is not None else "./" + path if path.startswith("~") else path,)

    mcp = split_mcp_name(name) if name.startswith("mcp__") else None
    shape = _TOOLS.get(name, UNKNOWN if mcp is None else _MCP)
    return shaped_call(name, shape, given, call_id=label(data, "tool_use_id"), cwd=cwd, resolve=resolve, mcp=mcp)


def encode(
    event: HookEvent,
    decision: Decision,
    ask_policy: AskPolicy,  # noqa: ARG001 - it cannot ask
    note: str = "",
) -> HookReply:
    """What Codex CLI takes as this decision, per event. It runs no tool but at silence, whatever the mode."""
    is_stoppable = event.kind in _STOPPABLE and event.name not in _QUIET
    if decision.verdict is Verdict.ALLOW or not is_stoppable:
        return _NOTHING
    if decision.verdict is Verdict.ASK and event.kind is EventKind.PERMISSION:
        # Silence: the client is about to ask already.
        return _NOTHING
    # The note itself stays out: all that a denial says here is read by the model.
    became_deny = decision.verdict is Verdict.ASK
    return HookReply(2, stderr=say(decision, for_stderr, became_deny=became_deny, offered=bool(note)))


def fail(failure: Failure) -> HookReply:
    """The answer to a call whose event could not be read: closed for a tool, a permission and a prompt."""
    return HookReply(2, stderr=say_failure(failure, for_stderr))


_STOPPABLE = frozenset({EventKind.PRE_TOOL, EventKind.PERMISSION, EventKind.PROMPT, EventKind.OTHER})
_NOTHING = HookReply(0)

CLIENT = Client(
    NAME,
    decode,
    encode,
    fail,
    (AskPolicy.DENY,),
    ("codex",),
    message_to_person,
    TRANSCRIPTS,
    frozenset(_TOOLS),
    # With the background server of its terminal UI, nobody knows which terminal a prompt came from.
    frozenset(("exec", "e", "review", "app-server", "mcp-server", "mcp", "proto", "cloud")),
)

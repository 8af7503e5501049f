"""Gemini CLI: its payloads and its answers.

Only a JSON object that says `deny`, or text with an exit status above 1, stops a tool. An `ask` hangs a run that has
nobody to ask, for ever, so it is sent only where the configuration says that a person is there.
"""

from msgspec.structs import replace

from security_hooks.clients.addresses import addresses
from security_hooks.clients.client import AskPolicy, Client
from security_hooks.clients.events import SETTINGS_EVENTS, Events
from security_hooks.clients.gemini_paths import absolute, readings
from security_hooks.clients.gemini_transcript import TRANSCRIPTS
from security_hooks.clients.outcome import gemini_outcome
from security_hooks.clients.payload import (
    JsonObject,
    bad_payload,
    client_dir,
    directory,
    label,
    optional_text,
    read_object,
    required_object,
    required_text,
)
from security_hooks.clients.reason import for_json, for_stderr, message_to_person, say, say_failure
from security_hooks.clients.shapes import (
    PLAIN,
    UNKNOWN,
    Shapes,
    ToolShape,
    always,
    argument_list,
    carries_code,
    shaped_call,
    split_name,
)
from security_hooks.model.decision import Decision, Verdict
from security_hooks.model.event import EventKind, HookEvent, McpTarget, ToolCall, ToolKind
from security_hooks.model.failure import Failure
from security_hooks.model.reply import HookReply

NAME = "gemini-cli"

_KINDS = {
    "BeforeTool": EventKind.PRE_TOOL,
    "AfterTool": EventKind.POST_TOOL,
    "BeforeAgent": EventKind.PROMPT,
    "SessionStart": EventKind.SESSION_START,
    "SessionEnd": EventKind.SESSION_END,
}

# The client ignores a denial of these, or goes wrong on it: a denied AfterAgent starts another turn, for ever, and a
# denied AfterModel does not stop the call that the model asked for.
_QUIET = frozenset({"AfterAgent", "AfterModel", "BeforeToolSelection", "Notification", "PreCompress"})
_EVENTS = Events(_KINDS, _QUIET)

_TOOLS: Shapes = {
    "run_shell_command": ToolShape(ToolKind.SHELL, script="command"),
    "read_file": ToolShape(ToolKind.READ, paths=("file_path",)),
    "write_file": ToolShape(ToolKind.WRITE, paths=("file_path",), content=("content",)),
    "replace": ToolShape(ToolKind.EDIT, paths=("file_path",), content=("new_string",)),
    "glob": ToolShape(ToolKind.SEARCH, other_paths=("dir_path",), patterns=("pattern",)),
    "grep_search": ToolShape(ToolKind.SEARCH, other_paths=("dir_path",), patterns=("include_pattern",)),
    "search_file_content": ToolShape(ToolKind.SEARCH, other_paths=("dir_path",), patterns=("include_pattern",)),
    "list_directory": ToolShape(ToolKind.SEARCH, other_paths=("dir_path",)),
    # With `prompt` the addresses are in the text.
    "web_fetch": ToolShape(ToolKind.FETCH, urls=("url",)),
    "google_web_search": ToolShape(ToolKind.WEB_SEARCH),
    "list_mcp_resources": ToolShape(ToolKind.MCP, server="serverName"),
    "read_mcp_resource": ToolShape(ToolKind.MCP, server="serverName", urls=("uri",)),
    # The sub-agent's own calls come to us one by one.
    "invoke_agent": ToolShape(ToolKind.AGENT),
    "complete_task": ToolShape(ToolKind.AGENT),
    # A skill is text for the model; what it then does comes to us call by call.
    "activate_skill": PLAIN,
    "ask_user": PLAIN,
    "enter_plan_mode": PLAIN,
    "exit_plan_mode": PLAIN,
    "list_background_processes": PLAIN,
    "read_background_output": PLAIN,
    "tracker_add_dependency": PLAIN,
    "tracker_create_task": PLAIN,
    "tracker_get_task": PLAIN,
    "tracker_list_tasks": PLAIN,
    "tracker_update_task": PLAIN,
    "tracker_visualize": PLAIN,
    "update_topic": PLAIN,
    "write_todos": PLAIN,
}
_MCP = ToolShape(ToolKind.MCP, unread=carries_code)
# A program of the project's own, found by a command in its settings.
_DISCOVERED = ToolShape(ToolKind.CODE, unread=always)


def decode(payload: bytes) -> HookEvent:
    """One hook event of Gemini CLI; raises `CallError` where the payload is not what we rely on."""
    data = read_object(payload)
    name, kind, holds_tool = _EVENTS.read(data)
    cwd = directory(data, "cwd")
    return HookEvent(
        client=NAME,
        kind=kind,
        name=name,
        session_id=required_text(data, "session_id"),
        cwd=cwd,
        tool=_tool(data, cwd) if holds_tool else None,
        prompt=optional_text(data, "prompt") if kind is EventKind.PROMPT else None,
        client_dir=client_dir(data, "tmp") if kind in SETTINGS_EVENTS else None,
        outcome=gemini_outcome(kind, data),
        transcript=label(data, "transcript_path"),
    )


def _tool(data: JsonObject, cwd: str | None) -> ToolCall:
    # `original_request_name`, where a tool's result asked for this call, says nothing of what it does.
    name = required_text(data, "tool_name")
    given = required_object(data, "tool_input")

    def resolve(path: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(absolute(reading, cwd) for reading in readings(path)))

    # Only the client sets the context, and only for the tools of MCP servers, however these call themselves; but a
    # tool that we know by its whole name is read as what it is, whoever provides it.
    is_mcp = data.get("mcp_context") is not None or name.startswith("mcp_")
    mcp = _mcp_target(name, data) if is_mcp else None
    discovered = _DISCOVERED if name.startswith("discovered_tool_") else UNKNOWN
    shape = _TOOLS.get(name, _MCP if is_mcp else discovered)
    call = shaped_call(name, shape, given, call_id=None, cwd=cwd, resolve=resolve, mcp=mcp)
    match name:
        case "run_shell_command" if "dir_path" in given:
            return replace(call, cwd=_shell_directory(given, cwd))
        case "replace":
            # Where no such file exists, the client edits the one file below the cwd whose path ends like this.
            written = readings(required_text(given, "file_path"))
            return replace(call, sought=tuple(path for path in written if not path.startswith("/")))
        case "web_fetch" if "prompt" in given:
            return replace(call, urls=call.urls + addresses(required_text(given, "prompt")))
        case _:
            return call


def _shell_directory(given: JsonObject, cwd: str | None) -> str | None:
    written = optional_text(given, "dir_path") or "."
    if "\0" in written:
        raise bad_payload("`dir_path` holds a NUL")
    return absolute(written, cwd) if cwd is not None or written.startswith("/") else None


def _mcp_target(name: str, data: JsonObject) -> McpTarget:
    if data.get("mcp_context") is None:
        # The name alone does not tell where the server's part ends.
        return split_name(name.removeprefix("mcp_"), "_")
    context = required_object(data, "mcp_context")
    command = optional_text(context, "command")
    return McpTarget(
        required_text(context, "server_name"),
        required_text(context, "tool_name"),
        () if command is None else (command, *argument_list(context, "args")),
        url=optional_text(context, "url") or optional_text(context, "tcp"),
        cwd=optional_text(context, "cwd"),
    )


def encode(event: HookEvent, decision: Decision, ask_policy: AskPolicy, note: str = "") -> HookReply:
    """What Gemini CLI takes as this decision, per event; its payloads tell no permission mode."""
    is_stoppable = event.kind in _STOPPABLE and event.name not in _QUIET
    if decision.verdict is Verdict.ALLOW or not is_stoppable:
        return _NOTHING
    if decision.verdict is Verdict.ASK and ask_policy is AskPolicy.ASK and event.kind is EventKind.PRE_TOOL:
        # The dialog shows the system message, not the reason.
        added = for_json(f" {note}") if note else ""
        return HookReply(0, f'{{"decision":"ask","systemMessage":"{say(decision, for_json)}{added}"}}')
    reason = say(decision, for_json, became_deny=decision.verdict is Verdict.ASK, offered=bool(note))
    return HookReply(0, _deny_json(reason, note))


def fail(failure: Failure) -> HookReply:
    """The answer to a call whose event could not be read: closed by its JSON, and by its text without it."""
    return HookReply(2, _deny_json(say_failure(failure, for_json)), say_failure(failure, for_stderr))


def _deny_json(reason: str, note: str = "") -> str:
    # The system message is a line for the person; the model reads the reason alone.
    shown = f',"systemMessage":"{for_json(note)}"' if note else ""
    return f'{{"decision":"deny","reason":"{reason}"{shown}}}'


_STOPPABLE = frozenset({EventKind.PRE_TOOL, EventKind.PERMISSION, EventKind.PROMPT, EventKind.OTHER})
_NOTHING = HookReply(0, "{}")

CLIENT = Client(
    NAME,
    decode,
    encode,
    fail,
    (AskPolicy.DENY, AskPolicy.ASK),
    ("gemini", "gemini-cli"),
    message_to_person,
    TRANSCRIPTS,
    frozenset(_TOOLS),
    frozenset(("-p", "--prompt", "--acp", "--experimental-acp", "--output-format")),
)

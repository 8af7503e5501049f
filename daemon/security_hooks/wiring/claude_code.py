"""Our hooks in Claude Code's settings.

In exec form the client starts the static shim itself, so that neither a project's `env` nor a shell comes between; with
`onFailure` a hook that fails blocks. A client too old for that gets a shell line that ends in 2 instead.
"""

import json

from security_hooks.model.record import Json
from security_hooks.wiring.json_hooks import Groups, JsonFormat, check_hooks, expect
from security_hooks.wiring.json_text import Node, TextError
from security_hooks.wiring.line import HookLine
from security_hooks.wiring.table import CLAUDE_SECONDS, START, Version, wired_client

NAME = "claude-code"
_TABLE = wired_client(NAME)
_WITH_MATCHER = frozenset({"PreToolUse", "PermissionRequest", "PostToolUse", "PostToolUseFailure"})
_HOOK_TYPES = frozenset({"command", "http", "prompt", "agent", "mcp_tool"})
_ON_FAILURE = frozenset({"block", "continue"})

# With these a cloned repository or a skill would run what no hook of ours sees, or switch hooks off.
PINS: dict[str, Json] = {"disableAllHooks": False, "disableSkillShellExecution": True}


def groups(line: HookLine, version: Version | None) -> Groups:
    """The group of each event; a version that is not known is taken for a present one."""
    return {wired.event: _group(wired.event, _handler(line, wired.event, version)) for wired in _TABLE.events}


def _handler(line: HookLine, event: str, version: Version | None) -> dict[str, Json]:
    if line.start and event == START:
        # The only line of shell form: what a shell of somebody else's made of it could only fail to start a daemon.
        return {
            "type": "command",
            "command": line.behind_start(f"exec {line.shell(NAME)}"),
            "timeout": CLAUDE_SECONDS,
        }
    program, *arguments = line.words(NAME)
    command: dict[str, Json] = {
        "type": "command",
        "command": program,
        "args": list(arguments),
        "timeout": CLAUDE_SECONDS,
    }
    if line.observe:
        return command
    if version is not None and _TABLE.blocks_since is not None and version < _TABLE.blocks_since:
        return {"type": "command", "command": f"{line.shell(NAME, held=True)} || exit 2", "timeout": CLAUDE_SECONDS}
    return {**command, "onFailure": "block"}


def _group(event: str, handler: dict[str, Json]) -> dict[str, Json]:
    matcher: dict[str, Json] = {"matcher": "*"} if event in _WITH_MATCHER else {}
    return {**matcher, "hooks": [handler]}


def managed_text(line: HookLine, version: Version | None) -> str:
    """The whole of our own file among the managed settings, with what it pins."""
    hooks: Json = {event: [group] for event, group in groups(line, version).items()}
    return json.dumps({**PINS, "hooks": hooks}, indent=2) + "\n"


def _check(root: Node) -> None:
    """Any of these makes the client drop the whole file, silently in a headless run."""
    check_hooks(root)
    hooks = root.member("hooks")
    for event in hooks.items() if hooks is not None else ():
        for group in event.items():
            inner = group.member("hooks")
            for handler in inner.items() if inner is not None else ():
                _check_handler(handler)
    switch = root.member("disableAllHooks")
    if switch is not None:
        expect(switch, bool, "`disableAllHooks` is neither true nor false")


def _check_handler(handler: Node) -> None:
    kind, command, timeout = (handler.member(name) for name in ("type", "command", "timeout"))
    if kind is None or kind.value not in _HOOK_TYPES:
        raise TextError(handler.start, "a hook of a `type` that this client does not know")
    if kind.value == "command" and (command is None or not isinstance(command.value, str)):
        raise TextError(handler.start, "a hook without a `command`")
    if timeout is not None and (
        isinstance(timeout.value, bool) or not isinstance(timeout.value, (int, float)) or timeout.value <= 0
    ):
        raise TextError(timeout.start, "a `timeout` that is no number over 0")
    failure = handler.member("onFailure")
    if failure is not None and failure.value not in _ON_FAILURE:
        raise TextError(failure.start, "an `onFailure` that this client does not know")


FORM = JsonFormat(comments=False, check=_check)

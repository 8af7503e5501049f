"""A tool call that every policy denies, in each client's shape, and whether an answer denies it in its own way."""

import json

# No configuration switches off the rule that denies this.
SCRIPT = "security-hooks uninstall --all"
RULE = "guard-commands"
SESSION = "security-hooks-doctor"

_TOOLS = {
    "claude-code": ("PreToolUse", "Bash"),
    "gemini-cli": ("BeforeTool", "run_shell_command"),
    "codex-cli": ("PreToolUse", "Bash"),
}


def canary(client: str) -> bytes:
    """The payload that the client would send."""
    event, tool = _TOOLS[client]
    call = {
        "session_id": SESSION,
        "cwd": "/",
        "hook_event_name": event,
        "permission_mode": "default",
        "tool_name": tool,
        "tool_input": {"command": SCRIPT},
    }
    return json.dumps(call).encode()


def is_denied(client: str, status: int, stdout: str, stderr: str) -> bool:
    """Whether the client would keep the call from running; what is not surely a denial is none."""
    answer = _answer(stdout)
    match client:
        case "claude-code":
            return status == 2 or _word(answer, "hookSpecificOutput", "permissionDecision") == "deny"
        case "gemini-cli":
            # Text at any status but 0 and 1 denies, where it is no JSON.
            text = (stdout.strip() or stderr.strip()) if status not in {0, 1} else ""
            return answer.get("decision") in {"deny", "block"} or (bool(text) and status > 0 and not _is_json(text))
        case _:
            return status == 2 and bool(stderr.strip())


def _answer(stdout: str) -> dict[str, object]:
    try:
        answer = json.loads(stdout)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _word(answer: dict[str, object], section: str, name: str) -> object:
    inner = answer.get(section)
    return inner.get(name) if isinstance(inner, dict) else None


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True

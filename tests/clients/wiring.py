"""Puts the hook into a client's settings, as a person's own settings want it: closed on every failure.

`wire` is all that a scenario uses. A project's or a machine's settings are another matter.
"""

import hashlib
import json
import re
import shlex
import tomllib
from pathlib import Path

import tomli_w

_SECONDS = 20


def wire(client: str, home: Path, shim: Path, socket: Path) -> None:
    """Adds our hook to the client's settings below `home`, which exist."""
    line = (str(shim), client, "--socket", str(socket), "--id", "5f0c1e7a")
    match client:
        case "claude-code":
            _wire_claude_code(home / ".claude/settings.json", line)
        case "gemini-cli":
            _wire_gemini_cli(home / ".gemini/settings.json", line)
        case _:
            _wire_codex_cli(home / ".codex/config.toml", line)


def _wire_claude_code(settings: Path, line: tuple[str, ...]) -> None:
    # The exec form: neither a shell nor a loader that a project's settings could turn stands in between.
    hook = {"type": "command", "command": line[0], "args": list(line[1:]), "timeout": _SECONDS}
    closed = {**hook, "onFailure": "block"}
    hooks = {
        "PreToolUse": [{"matcher": "*", "hooks": [closed]}],
        "UserPromptSubmit": [{"hooks": [closed]}],
        "ConfigChange": [{"hooks": [closed]}],
        "PostToolUse": [{"matcher": "*", "hooks": [hook]}],
        "PostToolUseFailure": [{"matcher": "*", "hooks": [hook]}],
        "SessionStart": [{"hooks": [hook]}],
    }
    settings.write_text(json.dumps({**json.loads(settings.read_bytes()), "hooks": hooks}))


def _wire_gemini_cli(settings: Path, line: tuple[str, ...]) -> None:
    # The client takes silence, death and lateness for consent, so a shell around the shim turns them into text and 2.
    command = (
        f"o=$(/usr/bin/timeout -k 1 {_SECONDS} {shlex.join(line)}) && "
        "case $o in '{'*'}') printf '%s\\n' \"$o\";; *) false;; esac || "
        "{ echo 'security-hooks: the hook failed, call refused' >&2; exit 2; }"
    )
    pinned = ("BASH_ENV", "SHELLOPTS", "LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT")
    hook = {
        "type": "command",
        "name": "security-hooks-5f0c1e7a",
        "timeout": 600_000,
        "env": {"PATH": "/usr/bin:/bin", "SHLVL": "1"} | dict.fromkeys(pinned, ""),
        "command": command,
    }
    events = ("BeforeTool", "BeforeAgent", "AfterTool", "SessionStart")
    hooks = {event: [{"sequential": True, "hooks": [hook]}] for event in events}
    given = json.loads(settings.read_bytes())
    settings.write_text(json.dumps({**given, "hooksConfig": {"enabled": True}, "hooks": hooks}))


def _wire_codex_cli(config: Path, line: tuple[str, ...]) -> None:
    # Only a text on stderr with status 2 stops a call: a shell around the shim says it where the shim cannot.
    command = f'{shlex.join(line)} || {{ echo "security-hooks: refused (status $?)" >&2; exit 2; }}'
    hook = {"type": "command", "command": command, "timeout": _SECONDS}
    settings = tomllib.loads(config.read_text())
    # What is typed into a terminal reaches no hook.
    settings.setdefault("features", {}).update(hooks=True, unified_exec_tty=False)
    hooks = settings.setdefault("hooks", {})
    for event in ("PreToolUse", "PermissionRequest", "UserPromptSubmit", "PostToolUse", "SessionStart"):
        hooks[event] = [{"hooks": [hook]}]
        snake = re.sub(r"(?<!^)(?=[A-Z])", "_", event).lower()
        trusted = {"trusted_hash": _codex_hash(snake, command)}
        hooks.setdefault("state", {})[f"{config}:{snake}:0:0"] = trusted
    config.write_text(tomli_w.dumps(settings))


def _codex_hash(event: str, command: str) -> str:
    """What a person who trusts the hook makes the client write down; an untrusted one is skipped in silence."""
    handler = {"async": False, "command": command, "timeout": _SECONDS, "type": "command"}
    identity = {"event_name": event, "hooks": [handler]}
    text = json.dumps(identity, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()

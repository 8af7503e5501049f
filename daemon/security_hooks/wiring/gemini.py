"""Our hooks in Gemini CLI's settings, and in an extension of our own.

The client runs a shell line and takes nearly every failure of it for consent, so the line lets nothing through but one
whole JSON object from a shim that ended well. It holds no `$NAME`, which the client would replace from the environment.
"""

import json

from security_hooks import __version__
from security_hooks.model.record import Json
from security_hooks.wiring.json_hooks import Groups, JsonFormat, check_hooks, expect, unwired
from security_hooks.wiring.json_text import Edit, Node, TextError, applied, put_in
from security_hooks.wiring.line import HookLine
from security_hooks.wiring.table import GEMINI_MILLISECONDS, START, wired_client

NAME = "gemini-cli"
EXTENSION = "security-hooks"
_TABLE = wired_client(NAME)

# The client looks for `bash` along this PATH; without SHLVL bash may take its stdin for a remote login and read
# ~/.bashrc; the rest a project's `.env` could set.
_ENVIRONMENT: dict[str, Json] = {
    "PATH": "/usr/bin:/bin",
    "SHLVL": "1",
    "BASH_ENV": "",
    "SHELLOPTS": "",
    "LD_PRELOAD": "",
    "LD_LIBRARY_PATH": "",
    "LD_AUDIT": "",
}


def groups(line: HookLine) -> Groups:
    """The group of each event. The extension's and the settings' are the same, so that the client runs them once."""
    return {wired.event: {"sequential": True, "hooks": [_handler(line, wired.event)]} for wired in _TABLE.events}


def _handler(line: HookLine, event: str) -> dict[str, Json]:
    command = line.shell(NAME) if line.observe else _closed(line)
    return {
        "type": "command",
        "name": f"security-hooks-{line.id}",
        "timeout": GEMINI_MILLISECONDS,
        "env": _ENVIRONMENT,
        "command": line.behind_start(command) if event == START else command,
    }


def _closed(line: HookLine) -> str:
    return (
        f'set -- "$({line.shell(NAME, held=True)} || echo failed)"; '
        "case $@ in '{'*'}') printf '%s\\n' \"$@\";; "
        "*) echo 'security-hooks: the guard gave no whole answer, so this call is blocked; "
        "run `security-hooks doctor`' >&2; exit 2;; esac"
    )


def manifest_text() -> str:
    """The extension's `gemini-extension.json`."""
    return json.dumps({"name": EXTENSION, "version": __version__}, indent=2) + "\n"


def extension_text(line: HookLine) -> str:
    """The extension's `hooks/hooks.json`."""
    return json.dumps({"hooks": {event: [group] for event, group in groups(line).items()}}, indent=2) + "\n"


def enabled(text: str) -> str:
    """System settings that pin hooks on, whatever a project says."""
    root = FORM.read(text)
    section = root.member("hooksConfig")
    if section is None:
        return applied(text, [put_in(text, root, root, [("hooksConfig", {"enabled": True})])])
    switch = section.member("enabled")
    if switch is None:
        return applied(text, [put_in(text, root, section, [("enabled", True)])])
    return text if switch.value is True else applied(text, [Edit(switch.start, switch.end, "true")])


def without_pins(text: str) -> str | None:
    """System settings without our hooks; None where only what we pin is left. Else the pin stays."""
    left = unwired(text, FORM)
    return None if left is None or FORM.read(left).value == {"hooksConfig": {"enabled": True}} else left


def _check(root: Node) -> None:
    """A matcher that is no string disables every hook of its event; the rest the client cannot read."""
    check_hooks(root)
    section = root.member("hooksConfig")
    if section is None:
        return
    expect(section, dict, "`hooksConfig` is no object")
    names = section.member("disabled")
    if names is not None:
        expect(names, list, "`hooksConfig.disabled` is no array")
        if not all(isinstance(name.value, str) for name in names.items()):
            raise TextError(names.start, "`hooksConfig.disabled` holds something that is no name")


FORM = JsonFormat(comments=True, check=_check)

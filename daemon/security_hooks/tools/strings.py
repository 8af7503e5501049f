"""What the strings given to an MCP server's tool may be: paths, addresses, shell text.

Nobody knows what it does with them. Takes the strings of the input; gives what the rules should look at besides.
"""

import re
from collections.abc import Iterator

from security_hooks.model.event import InputString, ToolCall, ToolKind

MOST_STRINGS = 512
_LONGEST = 4_096
_SHELL_FIELDS = frozenset(("command", "commands", "cmd", "shell", "shell_command", "bash", "script"))
_PATH_FIELDS = re.compile(
    r"(?:.*[_-])?(?:path|paths|file|files|filename|filepath|dir|directory|folder|cwd|root)", re.IGNORECASE
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_ROOTED = ("/", "~/", "./", "../")


def shell_text(tool: ToolCall) -> str | None:
    """The strings that are shell text by their field's name, as one script; None where there are none."""
    if tool.kind is not ToolKind.MCP:
        return None
    texts = [string.value for string in _first(tool) if _field(string) in _SHELL_FIELDS]
    return "\n".join(texts) if texts else None


def paths_and_urls(tool: ToolCall) -> Iterator[tuple[str, bool]]:
    """The strings that may be a path or an address, and whether it is an address."""
    if tool.kind is not ToolKind.MCP:
        return
    for string in _first(tool):
        value = string.value.strip()
        if not value or len(value) > _LONGEST or "\n" in value:
            continue
        if _SCHEME.match(value) or value.startswith("file:"):
            yield value, True
        elif value == "~" or value.startswith(_ROOTED) or _PATH_FIELDS.fullmatch(_field(string)):
            yield value, False


def _first(tool: ToolCall) -> tuple[InputString, ...]:
    return tool.strings[:MOST_STRINGS]


def _field(string: InputString) -> str:
    """The name that a string stands under; of one in a list, that of the list."""
    parts = [part for part in string.pointer.split("/") if part and not part.isdigit()]
    return parts[-1] if parts else ""

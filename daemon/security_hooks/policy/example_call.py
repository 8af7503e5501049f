"""The call that an example or a case stands for: a shell command, or `@TOOL ...` for a tool that is no shell.

`@read PATH`, `@search PATH`, `@write PATH TEXT`, `@edit PATH TEXT`, `@fetch URL` and `@mcp SERVER/TOOL NAME=VALUE ...`
belong to no client: whatever a client calls its tools, rules see them so. It happens in a fictitious place.
"""

import re
import shlex
from collections.abc import Callable, Iterator, Mapping

from security_hooks.catalogue.entry import Catalogue
from security_hooks.model.event import EventKind, HookEvent, InputString, McpTarget, Place, ToolCall, ToolKind
from security_hooks.model.shell import CallFacts
from security_hooks.shell.limits import ShellLimits
from security_hooks.tools.facts import call_facts

PLACE = Place(cwd="/home/user/project", home="/home/user", project="/home/user/project")
CLIENT = "claude-code"

_TOOL = re.compile(r"@(read|search|write|edit|fetch|mcp)[ ]+(\S+)(?:[ ]+(.*))?", re.DOTALL)


def example_call(text: str, catalogue: Catalogue, client: str = CLIENT) -> CallFacts:
    """The facts of the call that a text stands for."""
    found = _TOOL.fullmatch(text)
    if found is None:
        return shell_call(text, catalogue, client)
    return _facts(_TOOLS[found[1]](found[2], found[3] or ""), catalogue, client)


def shell_call(command: str, catalogue: Catalogue, client: str = CLIENT) -> CallFacts:
    """The facts of a shell tool about to run `command`."""
    strings = (InputString("/command", command),)
    return _facts(ToolCall("Bash", ToolKind.SHELL, script=command, strings=strings), catalogue, client)


def _facts(tool: ToolCall, catalogue: Catalogue, client: str) -> CallFacts:
    event = HookEvent(client, EventKind.PRE_TOOL, "PreToolUse", "example", cwd=PLACE.cwd, tool=tool)
    # Without a clock: the outcome must not depend on how busy the machine is.
    return call_facts(event, tool, PLACE, catalogue, ShellLimits())


def _read(path: str, _text: str) -> ToolCall:
    return ToolCall("read", ToolKind.READ, paths=(path,), strings=(InputString("/path", path),))


def _search(path: str, _text: str) -> ToolCall:
    return ToolCall("search", ToolKind.SEARCH, paths=(path,), strings=(InputString("/path", path),))


def _write(path: str, text: str) -> ToolCall:
    return _written(ToolKind.WRITE, path, text)


def _edit(path: str, text: str) -> ToolCall:
    return _written(ToolKind.EDIT, path, text)


def _written(kind: ToolKind, path: str, text: str) -> ToolCall:
    strings = (InputString("/path", path), InputString("/content", text))
    return ToolCall(kind.value, kind, paths=(path,), content=(text,), strings=strings)


def _fetch(url: str, _text: str) -> ToolCall:
    return ToolCall("fetch", ToolKind.FETCH, urls=(url,), strings=(InputString("/url", url),))


def _mcp(name: str, text: str) -> ToolCall:
    server, _, tool = name.partition("/")
    return ToolCall(f"mcp__{server}__{tool}", ToolKind.MCP, mcp=McpTarget(server, tool), strings=tuple(_given(text)))


def _given(text: str) -> Iterator[InputString]:
    try:
        words = shlex.split(text)
    except ValueError:
        # A quote that is not closed: the text as it stands.
        words = [text]
    for word in words:
        name, equals, value = word.partition("=")
        yield InputString(f"/{name}", value) if equals else InputString("/text", word)


_TOOLS: Mapping[str, Callable[[str, str], ToolCall]] = {
    "read": _read,
    "search": _search,
    "write": _write,
    "edit": _edit,
    "fetch": _fetch,
    "mcp": _mcp,
}

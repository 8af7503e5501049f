"""Tools as data: which fields of a tool's input are shell text, paths, content or addresses; and the one reader of it.

A client lists the tools that it knows as shapes. A tool without one is `other`: not an error, but where it has a
field that is code by its name, the call carries code that we have not read.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from posixpath import join

from security_hooks.clients.payload import JsonObject, bad_payload, input_strings, optional_text, required_text
from security_hooks.model.event import InputString, McpTarget, ToolCall, ToolKind

_CODE_FIELDS = frozenset({"argv", "cmd", "code", "command", "commands", "script", "shell_command"})

# Servers that one name may be of: a longer name is none that a client gives.
_MOST_SERVERS = 16


def never(_given: JsonObject) -> bool:
    """No code or later prompt in this tool that we cannot read."""
    return False


def always(_given: JsonObject) -> bool:
    """Every call of this tool carries code or a later prompt that we cannot read."""
    return True


def carries_code(given: JsonObject) -> bool:
    """For tools that nothing is known of: whether a field is code by its name."""
    return not _CODE_FIELDS.isdisjoint(given)


@dataclass(frozen=True, slots=True)
class ToolShape:
    """What the fields of one tool's input are.

    `script` is shell or patch text and must be there unless `script_optional`. `paths` must be there, `other_paths`
    may. `patterns` are globs below the paths. `server` names an MCP server. `unread` says whether an input carries
    code or a later prompt that we cannot read.
    """

    kind: ToolKind
    script: str = ""
    script_optional: bool = False
    paths: tuple[str, ...] = ()
    other_paths: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    content: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    server: str = ""
    unread: Callable[[JsonObject], bool] = never


UNKNOWN = ToolShape(ToolKind.OTHER, unread=carries_code)
PLAIN = ToolShape(ToolKind.OTHER)
Shapes = Mapping[str, ToolShape]
Resolve = Callable[[str], tuple[str, ...]]


def shaped_call(
    name: str,
    shape: ToolShape,
    given: JsonObject,
    *,
    call_id: str | None,
    cwd: str | None,
    resolve: Resolve,
    mcp: McpTarget | None = None,
) -> ToolCall:
    """Read a tool's input by its shape; `resolve` gives the paths that the client may use for one as written.

    A shell tool's `strings` hold its script alone: no other field of it reaches a shell, and reading the rest would
    cost more than it tells. Raises `CallError` where a field that we rely on is missing or no string.
    """
    script = None
    if shape.script:
        script = optional_text(given, shape.script) if shape.script_optional else required_text(given, shape.script)
    unread = shape.unread(given)
    if script is not None and shape.kind is ToolKind.SHELL:
        strings = (InputString("/" + shape.script, script),)
        return ToolCall(name, shape.kind, call_id, script, mcp=mcp, strings=strings, unanalysed_code=unread)
    if shape.server:
        mcp = McpTarget(optional_text(given, shape.server) or "", name)
    return ToolCall(
        name=name,
        kind=shape.kind,
        call_id=call_id,
        script=script,
        paths=_paths(shape, given, cwd, resolve),
        content=_texts(given, shape.content),
        urls=_texts(given, shape.urls),
        mcp=mcp,
        strings=input_strings(given),
        unanalysed_code=unread,
    )


def _paths(shape: ToolShape, given: JsonObject, cwd: str | None, resolve: Resolve) -> tuple[str, ...]:
    paths = [path for field in shape.paths for path in resolve(required_text(given, field))]
    paths += [path for written in _texts(given, shape.other_paths) for path in resolve(written)]
    if shape.kind is ToolKind.SEARCH:
        # Without a path of its own, a search looks below the current directory.
        below = paths or ([cwd] if cwd else [])
        return tuple(below + [join(path, pattern) for path in below for pattern in _texts(given, shape.patterns)])
    return tuple(paths)


def _texts(given: JsonObject, fields: tuple[str, ...]) -> tuple[str, ...]:
    texts = (optional_text(given, field) for field in fields)
    return tuple(text for text in texts if text is not None)


def split_mcp_name(name: str) -> McpTarget:
    """`mcp__SERVER__TOOL`, as far as the name alone tells: a server may have `__` in its own name."""
    return split_name(name.removeprefix("mcp__"), "__")


def split_name(name: str, separator: str) -> McpTarget:
    """The server and the tool in a name, and every other server that the same name may be of."""
    server, _, tool = name.partition(separator)
    others: list[str] = []
    at = name.find(separator, len(server) + 1)
    while at >= 0 and len(others) < _MOST_SERVERS:
        others.append(name[:at])
        at = name.find(separator, at + 1)
    return McpTarget(server, tool, others=tuple(others))


def argument_list(source: JsonObject, key: str) -> tuple[str, ...]:
    """The list of strings at `key`, empty if it is absent or null; raises `CallError` for anything else."""
    values = source.get(key)
    if values is None:
        return ()
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise bad_payload(f"`{key}` is not a list of strings")
    return tuple(values)

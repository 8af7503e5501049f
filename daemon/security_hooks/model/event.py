"""What a client says is about to happen: the hook event and the tool call inside it.

Comes from `clients/*.decode`; every later stage reads these types and never the client's own JSON. What is made
anew for every call is a msgspec struct: frozen like the other types, and made in a sixth of the time.
"""

import msgspec

from security_hooks.model.closed import Closed


class EventKind(Closed):
    """What a hook event means to us, whatever its client calls it."""

    PRE_TOOL = "pre_tool"
    PERMISSION = "permission"
    POST_TOOL = "post_tool"
    POST_TOOL_FAILURE = "post_tool_failure"
    PROMPT = "prompt"
    CONFIG_CHANGE = "config_change"
    SESSION_START = "session_start"
    SESSION_END = "session_end"
    OTHER = "other"


class Outcome(Closed):
    """What became of a call. RAN: it ran, and the client does not tell how it ended, or it has not ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    RAN = "ran"


class ToolKind(Closed):
    """The families of tools that are judged alike."""

    SHELL = "shell"
    READ = "read"
    WRITE = "write"
    EDIT = "edit"
    PATCH = "patch"
    SEARCH = "search"
    FETCH = "fetch"
    WEB_SEARCH = "web_search"
    MCP = "mcp"
    AGENT = "agent"
    CODE = "code"
    OTHER = "other"


class InputString(msgspec.Struct, frozen=True, gc=False):
    """One string of a tool's input, found at `pointer` (RFC 6901). Keys count: a key's pointer ends in `/~key`."""

    pointer: str
    value: str


class McpTarget(msgspec.Struct, frozen=True, gc=False):
    """Which MCP server and tool a call goes to. `command` is the server's own command line, `url` its address and
    `cwd` its directory where these are told; `source` is the client's word for where it is defined. `others` are the
    servers that the call may go to as well, where a name alone does not tell.
    """

    server: str
    tool: str
    command: tuple[str, ...] = ()
    url: str | None = None
    cwd: str | None = None
    source: str | None = None
    others: tuple[str, ...] = ()


class ToolCall(msgspec.Struct, frozen=True, gc=False):
    """The tool use inside an event.

    `script` is shell text (SHELL), patch text (PATCH); None elsewhere. `paths` are the files the tool
    touches, as the client will use them after its own transformations (where it may use either of two,
    both are here). `content` holds the texts that would be written. `unanalysed_code` marks tools that
    carry code or a later prompt that we cannot read. `cwd` is where the tool runs if that is not the event's
    own; `sought` holds relative paths that the client looks for anywhere below the cwd when `paths` do not exist.
    """

    name: str
    kind: ToolKind
    call_id: str | None = None
    script: str | None = None
    paths: tuple[str, ...] = ()
    content: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    mcp: McpTarget | None = None
    strings: tuple[InputString, ...] = ()
    unanalysed_code: bool = False
    cwd: str | None = None
    sought: tuple[str, ...] = ()


class Output(msgspec.Struct, frozen=True, gc=False):
    """What a tool gave back: its texts, for memory alone. Never recorded. `is_cut`: there was more."""

    texts: tuple[str, ...] = ()
    is_cut: bool = False


NO_OUTPUT = Output()


class HookEvent(msgspec.Struct, frozen=True, gc=False):
    """One hook event of one client. `name` is the client's own word for it; ids are the client's own.

    `client_dir` is where the client keeps its settings and transcripts, as far as it tells. `outcome` and `output` are
    those of an event after a tool call, and so is `duration_ms`, how long the tool itself took in milliseconds: without
    the time that a person was asked. `transcript` is where the client says that it writes down what happens; nobody has
    looked.
    """

    client: str
    kind: EventKind
    name: str
    session_id: str
    cwd: str | None = None
    permission_mode: str | None = None
    turn_id: str | None = None
    agent_id: str | None = None
    tool: ToolCall | None = None
    prompt: str | None = None
    settings_path: str | None = None
    client_dir: str | None = None
    outcome: Outcome | None = None
    output: Output = NO_OUTPUT
    transcript: str | None = None
    duration_ms: int | None = None


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where a call happens: what relative paths, `~` and "the project" mean for it. Paths are absolute."""

    cwd: str | None
    home: str
    project: str | None = None

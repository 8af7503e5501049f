"""Where clients define their MCP servers: files in, how each server may be started or reached. Never raises.

A client may take a server from one of several files, and which one it took is not always told; so the answer is all
definitions that it may use. Files that are there and cannot be read whole leave it open.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from posixpath import join
from typing import TypeVar

import msgspec

from security_hooks.model.event import McpTarget, Place
from security_hooks.model.server import Definition
from security_hooks.model.world import Entry, World

LARGEST = 8 << 20
# A reader of TOML takes a millisecond for every few kilobytes.
LARGEST_TOML = 1 << 17
_MOST_DIRECTORIES = 16
_MANAGED = "managed"
_CLAUDE_MANAGED = (
    "/etc/claude-code/managed-mcp.json",
    "/Library/Application Support/ClaudeCode/managed-mcp.json",
)
_ELSEWHERE = frozenset(("dynamic", "plugin", "claudeai"))


class ServerFile(msgspec.Struct, frozen=True):
    """The servers that one file defines by name, None where it cannot be read. `scope` is the client's word for it;
    `optional`: the client leaves it out where it does not trust the project. `within`: where in the file they stand.
    """

    scope: str
    path: str
    servers: Mapping[str, object] | None
    optional: bool = False
    within: str = ""

    @property
    def place(self) -> str:
        """Where its definitions stand, for people."""
        return f"{self.path} ({self.within})" if self.within else self.path


class _Settings(msgspec.Struct, rename="camel"):
    mcp_servers: dict[str, object] | None = None


class _ClaudeState(_Settings, rename="camel"):
    projects: dict[str, _Settings] | None = None


_CLAUDE_STATE = msgspec.json.Decoder(_ClaudeState)
_SETTINGS = msgspec.json.Decoder(_Settings)


def told_definition(target: McpTarget) -> Definition | None:
    """The definition that a call itself tells."""
    if not target.command and not target.url:
        return None
    command, args = (target.command[0], target.command[1:]) if target.command else ("", ())
    return Definition(command, args, target.url or "", target.cwd or "", place="the call itself")


def find_definitions(
    client: str, server: str, source: str, place: Place, world: World
) -> tuple[Definition, ...] | None:
    """How this client may define a server of this name; None where that cannot be said. `source` is its own word for
    where the server comes from, empty where it did not say.
    """
    files = [file for file in server_files(client, place, world) if _may_hold(file, client, source)]
    if any(file.servers is None for file in files):
        return None
    found: list[Definition | None] = []
    if client == "claude-code":
        found = [_read(entry, file.place) for file, entry in _entries(files, server)]
    else:
        firm = [file for file in files if not file.optional]
        for chosen in (firm, files) if len(firm) < len(files) else (files,):
            entries = list(_entries(chosen, server))
            if entries:
                found.append(_read(_merged(client, entries), entries[-1][0].place))
    known = tuple(dict.fromkeys(definition for definition in found if definition is not None))
    return known if known and None not in found else None


def server_files(client: str, place: Place, world: World) -> tuple[ServerFile, ...]:
    """The files that this client reads servers from, of those that are there; the first says the least."""
    return tuple(_FILES[client](place, world)) if client in _FILES else ()


def definitions_in(file: ServerFile) -> Iterator[tuple[str, Definition | None]]:
    """Each server of a file; None for a definition that cannot be read."""
    for name, entry in (file.servers or {}).items():
        yield name, _read(entry, file.place)


def _may_hold(file: ServerFile, client: str, source: str) -> bool:
    """Whether a server of this source may stand in the file."""
    if client != "claude-code" or not source:
        return True
    # What was given on a command line, by a plug-in or by an account stands in none of them.
    return file.scope == source or (file.scope == _MANAGED and source not in _ELSEWHERE)


def _entries(files: list[ServerFile], server: str) -> Iterator[tuple[ServerFile, object]]:
    return ((file, file.servers[server]) for file in files if file.servers is not None and server in file.servers)


def _merged(client: str, entries: list[tuple[ServerFile, object]]) -> object:
    """What the client makes of one server in several files: Codex joins them key by key, others take the last."""
    last = entries[-1][1]
    if client != "codex-cli":
        return last
    joined: dict[str, object] = {}
    for _, entry in entries:
        if not isinstance(entry, dict):
            return entry
        joined.update(entry)
    return joined


def _read(entry: object, place: str) -> Definition | None:
    if not isinstance(entry, dict):
        return None
    args, env = entry.get("args", []), entry.get("env", {})
    command, cwd = entry.get("command", ""), entry.get("cwd", "")
    url = next((entry[key] for key in ("url", "httpUrl", "tcp") if entry.get(key)), "")
    variables = [*env] if isinstance(env, dict) else None
    passed = entry.get("env_vars", [])
    if not isinstance(command, str) or not isinstance(url, str) or not isinstance(cwd, str):
        return None
    if not isinstance(args, list) or variables is None or not isinstance(passed, list):
        return None
    words = [word for word in args if isinstance(word, str)]
    names = sorted({name for name in (*variables, *passed) if isinstance(name, str)})
    if len(words) < len(args) or not (command or url):
        return None
    return Definition(command, tuple(words), url, cwd, tuple(names), place)


def _claude(place: Place, world: World) -> Iterator[ServerFile]:
    managed = [file for path in _CLAUDE_MANAGED for file in _standing(_MANAGED, path, world, _settings)]
    yield from managed
    if managed:
        # Where there is a managed file, the client takes servers from nowhere else.
        return
    path = join(place.home, ".claude.json")
    if world.kind(path) is not Entry.MISSING:
        state = _decoded(_CLAUDE_STATE, world.read(path, LARGEST))
        yield ServerFile("user", path, None if state is None else state.mcp_servers or {})
        if state is None:
            yield ServerFile("local", path, None)
        else:
            for directory in _directories(place):
                own = (state.projects or {}).get(directory)
                if own is not None and own.mcp_servers:
                    yield ServerFile("local", path, own.mcp_servers, within=directory)
    yield from _in_projects(place, world, ".mcp.json", _settings)


def _codex(place: Place, world: World) -> Iterator[ServerFile]:
    yield from _standing("user", "/etc/codex/config.toml", world, _toml)
    yield from _standing("user", join(place.home, ".codex/config.toml"), world, _toml)
    yield from _in_projects(place, world, ".codex/config.toml", _toml)
    yield from _standing(_MANAGED, "/etc/codex/managed_config.toml", world, _toml)


def _gemini(place: Place, world: World) -> Iterator[ServerFile]:
    yield from _standing("user", "/etc/gemini-cli/system-defaults.json", world, _settings)
    yield from _standing("user", join(place.home, ".gemini/settings.json"), world, _settings)
    yield from _in_projects(place, world, ".gemini/settings.json", _settings)
    yield from _standing(_MANAGED, "/etc/gemini-cli/settings.json", world, _settings)


def _standing(scope: str, path: str, world: World, read: "_Reader") -> Iterator[ServerFile]:
    if world.kind(path) is not Entry.MISSING:
        yield ServerFile(scope, path, read(path, world))


def _in_projects(place: Place, world: World, name: str, read: "_Reader") -> Iterator[ServerFile]:
    for directory in reversed(_directories(place)):
        path = join(directory, name)
        if directory != place.home and world.kind(path) is not Entry.MISSING:
            yield ServerFile("project", path, read(path, world), optional=True)


def _directories(place: Place) -> tuple[str, ...]:
    """From where the call happens up to its project's root."""
    found: list[str] = []
    here = place.cwd
    while here and len(found) < _MOST_DIRECTORIES:
        found.append(here)
        if here in (place.project, "/") or place.project is None:
            break
        here = here.rpartition("/")[0]
    return tuple(dict.fromkeys((*found, place.project) if place.project is not None else found))


def _settings(path: str, world: World) -> Mapping[str, object] | None:
    settings = _decoded(_SETTINGS, world.read(path, LARGEST))
    return None if settings is None else settings.mcp_servers or {}


def _toml(path: str, world: World) -> Mapping[str, object] | None:
    data = world.read(path, LARGEST_TOML)
    if data is None:
        return None
    # Any spelling of the key that is not this one has an escape in it, and then nothing is said.
    if b"mcp_servers" not in data and b"\\" not in data:
        return {}
    try:
        servers = tomllib.loads(data.decode()).get("mcp_servers", {})
    except (ValueError, RecursionError):
        return None
    return servers if isinstance(servers, dict) else None


def _decoded(decoder: "msgspec.json.Decoder[_Kind]", data: bytes | None) -> "_Kind | None":
    try:
        return None if data is None else decoder.decode(data)
    except (msgspec.DecodeError, RecursionError):
        return None


_Kind = TypeVar("_Kind")
_Reader = Callable[[str, World], "Mapping[str, object] | None"]
_FILES: Mapping[str, Callable[[Place, World], Iterator[ServerFile]]] = {
    "claude-code": _claude,
    "codex-cli": _codex,
    "gemini-cli": _gemini,
}

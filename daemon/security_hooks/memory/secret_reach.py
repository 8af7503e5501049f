"""How far a call takes a secret that it carries: nowhere, to whom it is for, into a file, away. Pure.

Looks at the deeds of the whole call: which of several commands holds the value is not asked, so that a call with one
connection to somebody else counts as taking it there.
"""

from collections.abc import Iterable
from enum import IntEnum
from fnmatch import fnmatchcase
from ipaddress import ip_address
from urllib.parse import urlsplit

from security_hooks.model.action import Action
from security_hooks.model.deed import Deed, Deeds
from security_hooks.model.effect import EffectKind, Scope
from security_hooks.model.event import ToolCall, ToolKind
from security_hooks.model.host import canonical_host


class Reach(IntEnum):
    """Ordered by how far it is. HOME: to this machine, its network, the issuer, or where it came from; KEPT: into a
    file or a repository; UNSURE: perhaps away; VOUCHED: to a host or server that a person named; AWAY: to others.
    """

    NOWHERE = 0
    HOME = 1
    KEPT = 2
    UNSURE = 3
    VOUCHED = 4
    AWAY = 5


_LOCAL = ("localhost", "*.localhost", "*.local", "*.internal", "0.0.0.0")  # noqa: S104 - a name to compare with
# What these do with a word they are given, another machine may learn.
_PERHAPS_OUT = frozenset(
    {
        Action.CLOUD_READ,
        Action.CLOUD_WRITE,
        Action.CLOUD_DESTRUCTIVE,
        Action.SERVICE_WRITE,
        Action.PACKAGE_PUBLISH,
        Action.NETWORK_EXPOSE,
        Action.AGENT_EXEC_REMOTE,
    }
)
# Of a script the words of these are what is written; others only have their output there.
_WRITERS = frozenset({Action.TEXT, Action.FILESYSTEM_WRITE})


def reach_of(
    tool: ToolCall,
    deeds: Deeds | None,
    hosts: tuple[str, ...],
    origin: str | None,
    trusted: tuple[str, ...],
    servers: tuple[str, ...],
    keeps: tuple[str, ...],
) -> Reach:
    """How far this call takes a value. `hosts` are those it is for, `origin` the MCP server it came from; `trusted`
    hosts and `servers` are those that a person vouches for, all as globs; `keeps` are files that may hold secrets.
    """
    if tool.kind is ToolKind.MCP or tool.mcp is not None:
        return _of_server(tool, origin, servers)
    if tool.kind is ToolKind.WEB_SEARCH:
        return Reach.AWAY
    if deeds is None:
        # Nobody knows what it does.
        return Reach.UNSURE
    found = [_of_deed(deed, hosts, trusted, keeps) for deed in deeds.deeds]
    if tool.kind is ToolKind.FETCH and not any(deed.kind is EffectKind.CONNECTS for deed in deeds.deeds):
        found.append(Reach.AWAY)
    if deeds.is_cut or not deeds.is_clear:
        found.append(Reach.UNSURE)
    return max(found, default=Reach.NOWHERE)


def _of_server(tool: ToolCall, origin: str | None, servers: tuple[str, ...]) -> Reach:
    server = "" if tool.mcp is None else tool.mcp.server
    if origin is not None and server == origin and not (tool.mcp is not None and tool.mcp.others):
        return Reach.HOME
    return Reach.VOUCHED if _is_among(server, servers) else Reach.AWAY


def _of_deed(deed: Deed, hosts: tuple[str, ...], trusted: tuple[str, ...], keeps: tuple[str, ...]) -> Reach:
    if deed.kind is EffectKind.CONNECTS:
        return Reach.AWAY if deed.target is None else _of_host(_host(deed.target), hosts, trusted)
    if deed.kind is EffectKind.WRITES and deed.target is not None:
        is_written = deed.command is None or deed.action in _WRITERS
        is_kept = deed.scope in (Scope.PROJECT, Scope.UNKNOWN) and not _is_among(deed.target, keeps)
        return Reach.KEPT if is_written and is_kept else Reach.NOWHERE
    if deed.action in _PERHAPS_OUT:
        return Reach.UNSURE
    if deed.kind is EffectKind.MUTATES and deed.object == "git" and deed.action is Action.GIT_WRITE:
        return Reach.KEPT
    return Reach.NOWHERE


def _of_host(host: str, hosts: tuple[str, ...], trusted: tuple[str, ...]) -> Reach:
    if _is_among(host, hosts) or _is_near(host):
        return Reach.HOME
    return Reach.VOUCHED if _is_among(host, trusted) else Reach.AWAY


def _is_near(host: str) -> bool:
    if _is_among(host, _LOCAL):
        return True
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        return False
    return address.is_private and not address.is_multicast


def _host(target: str) -> str:
    """The host in what a connection goes to, which may be a whole address."""
    if "://" in target:
        try:
            target = urlsplit(target).hostname or target
        except ValueError:
            return target
    return canonical_host(target)


def _is_among(name: str, globs: Iterable[str]) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs)

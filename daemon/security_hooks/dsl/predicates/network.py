"""`url_host`: the hosts of URLs, as far as words alone tell them."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from security_hooks.dsl.globs import globs
from security_hooks.dsl.marks import ADDRESS
from security_hooks.dsl.predicates.signature import (
    NO,
    UNKNOWN,
    YES,
    Cost,
    Matcher,
    Params,
    Predicate,
    non_empty,
    without_command,
)
from security_hooks.dsl.truth import Truth
from security_hooks.dsl.words import word_globs
from security_hooks.model.host import canonical_host
from security_hooks.model.shell import Facts
from security_hooks.model.word import Hole, Word
from security_hooks.shell.hosts import as_written

URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)")
_PLAIN_HOST = re.compile(r"[a-z0-9._-]+|\[[0-9a-f:.]+\]|[^\x00-\x20\\%\[\]:\x7f]+")
_ESCAPED_SCHEME = re.compile(r":%2[fF](?:/|%2[fF])|%3[aA](?:/|%2[fF]){2}")
_HOLDS_URL = word_globs(["*://*"])


def hosts(facts: Facts) -> Iterator[str | None]:
    """Hosts of the URLs that the tool is given or the command's words hold, lower case; None for one not known."""
    command = facts.command
    if command is None:
        for url in facts.call.tool.urls:
            yield from _hosts_of((url,)) if "://" in url else _hosts_of((f"http://{url}",))
        return
    for word in command.words[1:]:
        yield from _hosts_in(word)


def _hosts_in(word: Word) -> Iterator[str | None]:
    word = as_written(word)
    if word.literal is not None:
        if "://" in word.literal:
            yield from _hosts_of(word.parts)
    elif _HOLDS_URL.match(word) is not NO:
        yield from _hosts_of(word.parts)


def _hosts_of(parts: tuple["str | Hole", ...]) -> Iterator[str | None]:
    is_known = True
    for number, part in enumerate(parts):
        if isinstance(part, Hole):
            # Outside of a path or query, what is not known may itself be a URL or the end of one.
            is_known = is_known and number > 0
            continue
        if _ESCAPED_SCHEME.search(part):
            # An address inside of another one, for whoever sends the client on to it.
            for found in URL.finditer(unquote(part)):
                yield host_of(found.group(1))
        for found in URL.finditer(part):
            is_open = found.end() == len(part) and number + 1 < len(parts)
            yield None if is_open else host_of(found.group(1))
            is_known = is_known and not is_open
    if not is_known or not any(isinstance(part, str) and "://" in part for part in parts):
        yield None


def host_of(authority: str) -> str | None:
    """The host in `user@host:port`, lower case; None where programs would not agree on which it is."""
    host = authority.rpartition("@")[2].lower()
    if not host.endswith("]"):
        bare, colon, port = host.rpartition(":")
        host = bare if colon and (port.isdigit() or not port) else host
    host = canonical_host(host)
    return host if "\\" not in authority and _PLAIN_HOST.fullmatch(host) else None


def _build(arguments: tuple[str, ...]) -> Matcher:
    names = globs(argument.lower() for argument in arguments)

    def match(facts: Facts) -> Truth:
        best = NO
        for host in hosts(facts):
            if host is None:
                best = UNKNOWN
            elif names.match(host):
                return YES
        return max(best, without_command(facts)) if facts.command is None else best

    return match


def _show(facts: Facts) -> str:
    return ", ".join(host or "a host that is not known" for host in hosts(facts)) or "no URL"


URL_HOST = Predicate(
    "url_host",
    Params("host", check=non_empty),
    "A URL that the tool is given, or that a word of the command holds, has one of these hosts.\n\n"
    'Letter case, port and user name do not matter: `url_host("example.com", "*.example.com")`. UNKNOWN where the '
    "host is not known, or where programs would not agree on it (a backslash or an escape in it).",
    _build,
    _show,
    asks=False,
    marks=lambda _arguments: ADDRESS,
    cost=Cost.TARGETS,
)

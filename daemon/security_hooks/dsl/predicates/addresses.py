"""Predicates on whole addresses: their schemes, and what they tell the server."""

import re
from collections.abc import Iterator

from security_hooks.dsl.globs import globs
from security_hooks.dsl.marks import ADDRESS
from security_hooks.dsl.predicates.network import URL, host_of
from security_hooks.dsl.predicates.signature import (
    NO,
    UNKNOWN,
    YES,
    Cost,
    Matcher,
    Params,
    Predicate,
    non_empty,
    truth_of,
)
from security_hooks.dsl.truth import Truth
from security_hooks.model.event import ToolKind
from security_hooks.model.shell import Facts
from security_hooks.tools.smuggled import carries_data

_SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.-]*):")
_MOST_SHOWN = 5


def _addresses(facts: Facts) -> Iterator[str]:
    """The addresses that the tool is given, or that are words of the command and known whole."""
    command, tool = facts.command, facts.call.tool
    if tool.kind is ToolKind.MCP:
        yield from (string.value.strip() for string in tool.strings if URL.match(string.value.strip()))
    elif command is None:
        yield from tool.urls
    else:
        yield from (word.literal for word in command.words[1:] if word.literal and URL.match(word.literal))


def _build_scheme(arguments: tuple[str, ...]) -> Matcher:
    schemes = globs(argument.lower() for argument in arguments)

    def match(facts: Facts) -> Truth:
        found = (_SCHEME.match(address) for address in _addresses(facts))
        return truth_of(any(scheme is not None and schemes.match(scheme[1].lower()) for scheme in found))

    return match


def _build_data(arguments: tuple[str, ...]) -> Matcher:
    own = globs(argument.lower() for argument in arguments)

    def match(facts: Facts) -> Truth:
        best = NO
        for address in _addresses(facts):
            if not carries_data(address):
                continue
            found = URL.match(address)
            host = host_of(found[1] if found is not None else address.partition("/")[0])
            if host is None:
                best = UNKNOWN
            elif not own.match(host):
                return YES
        return best

    return match


def _show(facts: Facts) -> str:
    shown = [address[:80] for address, _ in zip(_addresses(facts), range(_MOST_SHOWN), strict=False)]
    return ", ".join(shown) or "no address"


URL_SCHEME = Predicate(
    "url_scheme",
    Params("scheme", check=non_empty),
    'An address that the tool is given, or that is a word of the command, has one of these schemes: `"file"`.',
    _build_scheme,
    _show,
    asks=False,
    marks=lambda _arguments: ADDRESS,
    cost=Cost.TARGETS,
)
URL_DATA = Predicate(
    "url_data",
    Params("own host", least=0, check=non_empty),
    "An address that the tool is given, or that is a word of the command, tells its server more than which page is "
    "wanted, and the server is none of these hosts.\n\n"
    "That is a secret, text in base64 or hexadecimal, hundreds of random characters that are no signature of the "
    "address, more than 1,500 characters of query, or labels of a name that carry data. UNKNOWN where the host is not "
    "known.",
    _build_data,
    _show,
    asks=True,
    marks=lambda _arguments: ADDRESS,
    cost=Cost.TARGETS,
)

"""Predicates on MCP servers: whether they are known, and whether they are what a person pinned."""

from collections.abc import Iterator
from typing import cast

from security_hooks.dsl.globs import Globs, globs
from security_hooks.dsl.predicates.signature import NO, UNKNOWN, YES, Matcher, Params, Predicate, truth_of
from security_hooks.dsl.truth import Truth
from security_hooks.model.event import McpTarget
from security_hooks.model.server import Pin, decode_pin
from security_hooks.model.shell import Facts
from security_hooks.tools.pins import LARGEST_FILE, digest_of, is_as_pinned, shown

_DIFFERENCE = "how an MCP server differs from its pin"

Difference = tuple[str, str]


def _is_pin(argument: str) -> str | None:
    return None if decode_pin(argument) is not None else "is no pin: name the list, `mcp_pins`"


def _servers(target: McpTarget) -> tuple[str, ...]:
    return (target.server, *target.others)


def _build_known(arguments: tuple[str, ...]) -> Matcher:
    names = globs(arguments)

    def match(facts: Facts) -> Truth:
        target = facts.call.tool.mcp
        if target is None:
            return NO
        # A call to no server in particular is one to those that the client has started already.
        if not arguments or not target.server:
            return YES
        return _among(names, target)

    return match


def _among(names: Globs, target: McpTarget) -> Truth:
    answers = {names.match(server) for server in _servers(target)}
    return UNKNOWN if len(answers) > 1 else truth_of(answers.pop())


def _build_differs(arguments: tuple[str, ...]) -> Matcher:
    pins = _by_name(arguments)

    def match(facts: Facts) -> Truth:
        return max((_differs(facts, pin) for pin in _pins_of(facts, pins)), default=NO)

    return match


def _build_pinned(arguments: tuple[str, ...]) -> Matcher:
    pins = _by_name(arguments)

    def match(facts: Facts) -> Truth:
        target = facts.call.tool.mcp
        if target is None or any(server not in pins for server in _servers(target)):
            return NO
        worst = max(_differs(facts, pin) for pin in _pins_of(facts, pins))
        return {NO: YES, YES: NO}.get(worst, UNKNOWN)

    return match


def _by_name(arguments: tuple[str, ...]) -> dict[str, Pin]:
    found = (decode_pin(argument) for argument in arguments)
    return {pin.name: pin for pin in found if pin is not None}


def _pins_of(facts: Facts, pins: dict[str, Pin]) -> Iterator[Pin]:
    target = facts.call.tool.mcp
    if target is not None and pins:
        yield from (pins[server] for server in _servers(target) if server in pins)


def _differs(facts: Facts, pin: Pin) -> Truth:
    """Whether the server is defined otherwise than its pin says: YES where one definition that may hold is."""
    definitions = facts.call.definitions(pin.name)
    if definitions is None:
        _note(facts, "not told by the call, and in no file that can be read", shown(pin))
        return UNKNOWN
    for definition in definitions:
        if not is_as_pinned(definition, pin):
            _note(facts, f"{shown(definition)}, by {definition.place}", shown(pin))
            return YES
    return _changed(facts, pin) if pin.sha256 else NO


def _changed(facts: Facts, pin: Pin) -> Truth:
    """Whether the file of a pin is another one by now."""
    content = facts.call.readable(pin.file, LARGEST_FILE)
    if content is None:
        _note(facts, f"{pin.file}, which cannot be read", shown(pin))
        return UNKNOWN
    digest = digest_of(content)
    if digest == pin.sha256:
        return NO
    _note(facts, f"{pin.file} with SHA-256 {digest[:16]}...", f"{pin.file} with SHA-256 {pin.sha256[:16]}...")
    return YES


def _note(facts: Facts, definition: str, pinned: str) -> None:
    facts.call.memo[_DIFFERENCE] = (definition, pinned)


def difference(facts: Facts) -> Difference:
    """What the server is and what is pinned, as far as a predicate found them to differ."""
    known = facts.call.memo.get(_DIFFERENCE)
    return cast("Difference", known) if known is not None else ("what it should be", "nothing")


def _show_server(facts: Facts) -> str:
    target = facts.call.tool.mcp
    return "no MCP server" if target is None else " or ".join(_servers(target)) or "no server in particular"


MCP_KNOWN = Predicate(
    "mcp_known",
    Params("server", least=0),
    "The call goes to one of these MCP servers; without any, to an MCP server at all.\n\n"
    "The configuration's list is `mcp_allowed`: `not mcp_known(mcp_allowed)`. UNKNOWN where the call's name may be of "
    "several servers (`mcp__a__b__tool`) and not all of them are among these.",
    _build_known,
    _show_server,
    asks=True,
    configured=True,
)
MCP_PINNED = Predicate(
    "mcp_pinned",
    Params("pin", least=0, check=_is_pin),
    "The call goes to an MCP server that has a pin and is defined just as that says: `mcp_pinned(mcp_pins)`.\n\n"
    "UNKNOWN where the definition is not told by the call and cannot be read.",
    _build_pinned,
    _show_server,
    asks=True,
    configured=True,
)
MCP_DIFFERS = Predicate(
    "mcp_differs",
    Params("pin", least=0, check=_is_pin),
    "The call goes to an MCP server that has a pin and is defined otherwise: `mcp_differs(mcp_pins)`.\n\n"
    "Compared are command, arguments, address, directory, the names of the variables set for it where these are told, "
    "and the digest of the pinned file. UNKNOWN where the definition is not told by the call and cannot be read. In a "
    "nudge `{definition}` and `{pin}` say what it is and what it should be.",
    _build_differs,
    _show_server,
    asks=True,
    configured=True,
)

"""`mcp_known`, `mcp_pinned`, `mcp_differs`."""

import dataclasses
from types import SimpleNamespace

import pytest

from security_hooks.dsl.predicates.mcp import difference
from security_hooks.dsl.truth import Truth
from security_hooks.model.event import McpTarget, ToolCall, ToolKind
from security_hooks.model.server import Definition, Pin, encode_pin
from security_hooks.model.shell import Facts
from security_hooks.tools.pins import digest_of

NO, UNKNOWN, YES = Truth.NO, Truth.UNKNOWN, Truth.YES
GOOD, BAD = Definition("npx", ("good",), place="/f"), Definition("npx", ("bad",), place="/g")
SCRIPT = b"print(1)"
PINS = (
    encode_pin(Pin("s", "npx", ("good",))),
    encode_pin(Pin("hashed", "npx", ("good",), file="/s.py", sha256=digest_of(SCRIPT))),
)


def facts(
    build: SimpleNamespace,
    target: McpTarget | None,
    definitions: tuple[Definition, ...] | None = (GOOD,),
    content: bytes | None = SCRIPT,
) -> Facts:
    tool = ToolCall("mcp__x", ToolKind.MCP, mcp=target)
    call = dataclasses.replace(
        build.call(tool=tool), definitions=lambda _: definitions, readable=lambda _path, _most: content
    )
    return Facts(call, None)


@pytest.mark.parametrize(
    ("allowed", "target", "truth"),
    [
        ((), McpTarget("any", "t"), YES),
        ((), None, NO),
        (("s", "files*"), McpTarget("s", "t"), YES),
        (("s", "files*"), McpTarget("files-2", "t"), YES),
        (("s", "files*"), McpTarget("S", "t"), NO),
        (("s",), McpTarget("", "ListMcpResourcesTool"), YES),
        (("s",), McpTarget("s", "x__t", others=("s__x",)), UNKNOWN),
        (("s", "s__*"), McpTarget("s", "x__t", others=("s__x",)), YES),
        (("z",), McpTarget("s", "x__t", others=("s__x",)), NO),
    ],
)
def test_known_servers(build: SimpleNamespace, allowed: tuple[str, ...], target: McpTarget, truth: Truth) -> None:
    assert build.ask("mcp_known(mcp_allowed)", facts(build, target), {"mcp_allowed": allowed}) is truth


@pytest.mark.parametrize(
    ("server", "definitions", "differs", "pinned"),
    [
        ("s", (GOOD,), NO, YES),
        ("s", (BAD,), YES, NO),
        ("s", (GOOD, BAD), YES, NO),
        ("s", None, UNKNOWN, UNKNOWN),
        ("other", (BAD,), NO, NO),
        ("other", None, NO, NO),
    ],
)
def test_a_pinned_server_differs_where_one_of_its_definitions_does(
    build: SimpleNamespace, server: str, definitions: tuple[Definition, ...] | None, differs: Truth, pinned: Truth
) -> None:
    given = facts(build, McpTarget(server, "t"), definitions)
    assert build.ask("mcp_differs(mcp_pins)", given, {"mcp_pins": PINS}) is differs
    assert build.ask("mcp_pinned(mcp_pins)", given, {"mcp_pins": PINS}) is pinned


@pytest.mark.parametrize(("content", "truth"), [(SCRIPT, NO), (b"print(2)", YES), (None, UNKNOWN)])
def test_a_pinned_file_must_have_its_digest(build: SimpleNamespace, content: bytes | None, truth: Truth) -> None:
    given = facts(build, McpTarget("hashed", "t"), (GOOD,), content)
    assert build.ask("mcp_differs(mcp_pins)", given, {"mcp_pins": PINS}) is truth


def test_without_a_pin_nothing_is_looked_up(build: SimpleNamespace) -> None:
    def fail(_server: str) -> None:
        raise AssertionError

    call = dataclasses.replace(facts(build, McpTarget("other", "t")).call, definitions=fail)
    assert build.ask("mcp_differs(mcp_pins)", Facts(call, None), {"mcp_pins": PINS}) is NO


def test_a_server_that_a_name_may_mean_as_well_counts(build: SimpleNamespace) -> None:
    given = facts(build, McpTarget("s", "x__t", others=("s__x",)), (BAD,))
    assert build.ask("mcp_differs(mcp_pins)", given, {"mcp_pins": PINS}) is YES
    assert build.ask("mcp_pinned(mcp_pins)", given, {"mcp_pins": PINS}) is NO


def test_the_nudge_shows_both(build: SimpleNamespace) -> None:
    rule = build.compile(
        'block "t"\n  match mcp_differs(mcp_pins)\n  nudge "{definition} for {pin}"', {"mcp_pins": PINS}
    )
    given = facts(build, McpTarget("s", "t"), (BAD,))
    assert difference(given) == ("what it should be", "nothing")
    assert rule.match(given) is YES
    assert rule.fill_nudge(given) == "npx bad, by /g for npx good"


def test_only_pins_can_be_given(build: SimpleNamespace) -> None:
    _, diagnostics = build.resolve('block "t"\n  match mcp_differs("github")')
    assert "is no pin" in str(diagnostics[0])

import pytest

from security_hooks.memory.secret_reach import Reach, reach_of
from security_hooks.model.action import Action
from security_hooks.model.deed import Deed, Deeds
from security_hooks.model.effect import EffectKind, Scope
from security_hooks.model.event import McpTarget, ToolCall, ToolKind

SHELL = ToolCall("Bash", ToolKind.SHELL, script="x")
HOSTS, TRUSTED, SERVERS, KEEPS = ("*.github.com",), ("staging.example.org",), ("vault*",), ("**/.env",)


def connects(target: str | None) -> Deed:
    return Deed(EffectKind.CONNECTS, target, command=0, action=Action.NETWORK_OUTBOUND)


def writes(target: str, scope: Scope = Scope.PROJECT, action: Action = Action.TEXT, command: int | None = 0) -> Deed:
    return Deed(EffectKind.WRITES, target, scope=scope, action=action, command=command)


def reach(*deeds: Deed, tool: ToolCall = SHELL, is_clear: bool = True, origin: str | None = None) -> Reach:
    return reach_of(tool, Deeds(deeds, is_clear=is_clear), HOSTS, origin, TRUSTED, SERVERS, KEEPS)


@pytest.mark.parametrize(
    ("deeds", "found"),
    [
        ((), Reach.NOWHERE),
        ((connects("e.example"),), Reach.AWAY),
        ((connects(None),), Reach.AWAY),
        ((connects("https://e.example"),), Reach.AWAY),
        ((connects("api.github.com"),), Reach.HOME),
        ((connects("https://API.github.com/x"),), Reach.HOME),
        ((connects("api.github.com"), connects("e.example")), Reach.AWAY),
        ((connects("api.github.com.e.example"),), Reach.AWAY),
        ((connects("staging.example.org"),), Reach.VOUCHED),
        ((connects("localhost"),), Reach.HOME),
        ((connects("127.1"),), Reach.HOME),
        ((connects("[::1]"),), Reach.HOME),
        ((connects("10.1.2.3"),), Reach.HOME),
        ((connects("8.8.8.8"),), Reach.AWAY),
        ((writes("/p/src/a.py"),), Reach.KEPT),
        ((writes("/p/.env"),), Reach.NOWHERE),
        ((writes("/tmp/x", Scope.TEMP),), Reach.NOWHERE),
        ((writes("/p/out.json", action=Action.NETWORK_OUTBOUND),), Reach.NOWHERE),
        ((Deed(EffectKind.MUTATES, object="git", action=Action.GIT_WRITE),), Reach.KEPT),
        ((Deed(EffectKind.MUTATES, object="cloud", action=Action.CLOUD_WRITE),), Reach.UNSURE),
    ],
)
def test_where_a_script_takes_a_value(deeds: tuple[Deed, ...], found: Reach) -> None:
    assert reach(*deeds) is found


def test_what_was_not_understood_may_go_anywhere() -> None:
    assert reach(is_clear=False) is Reach.UNSURE
    assert reach_of(SHELL, None, (), None, (), (), ()) is Reach.UNSURE


@pytest.mark.parametrize(
    ("target", "origin", "found"),
    [
        (McpTarget("mail", "send"), None, Reach.AWAY),
        (McpTarget("mail", "send"), "mail", Reach.HOME),
        (McpTarget("mail", "send", others=("mail__x",)), "mail", Reach.AWAY),
        (McpTarget("vault-dev", "put"), "mail", Reach.VOUCHED),
    ],
)
def test_where_a_tool_of_a_server_takes_it(target: McpTarget, origin: str | None, found: Reach) -> None:
    assert reach(tool=ToolCall("t", ToolKind.MCP, mcp=target), origin=origin) is found


@pytest.mark.parametrize(
    ("kind", "deeds", "found"),
    [
        (ToolKind.WEB_SEARCH, (), Reach.AWAY),
        (ToolKind.FETCH, (), Reach.AWAY),
        (ToolKind.FETCH, (connects("api.github.com"),), Reach.HOME),
        (ToolKind.AGENT, (), Reach.NOWHERE),
        (ToolKind.WRITE, (writes("/p/a.py", command=None),), Reach.KEPT),
    ],
)
def test_where_other_tools_take_it(kind: ToolKind, deeds: tuple[Deed, ...], found: Reach) -> None:
    assert reach(*deeds, tool=ToolCall("t", kind)) is found

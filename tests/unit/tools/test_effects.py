import pytest

from security_hooks.model.effect import Effect, EffectKind, Scope
from security_hooks.model.event import McpTarget, Place, ToolCall, ToolKind
from security_hooks.model.world import NOWHERE, Nowhere
from security_hooks.tools.effects import tool_effects

PLACE = Place("/w", "/home/me", "/w")


class Linked(Nowhere):
    def real(self, path: str) -> str | None:
        return "/etc/shadow" if path == "/w/notes" else path


def shown(effect: Effect) -> str:
    return f"{effect.kind.value} {effect.target.literal if effect.target else None}"


@pytest.mark.parametrize(
    ("tool", "expected"),
    [
        (ToolCall("Read", ToolKind.READ, paths=("a/../b",)), ["reads /w/b"]),
        (ToolCall("Write", ToolKind.WRITE, paths=("/etc/x",)), ["writes /etc/x"]),
        (ToolCall("Edit", ToolKind.EDIT, paths=("/w/a",)), ["reads /w/a", "writes /w/a"]),
        (ToolCall("Grep", ToolKind.SEARCH, paths=("/w",)), ["reads /w"]),
        (ToolCall("replace", ToolKind.EDIT, sought=("x",)), ["reads /w/x", "writes /w/x"]),
        (ToolCall("WebFetch", ToolKind.FETCH, urls=("https://e.example/a",)), ["connects e.example"]),
        (ToolCall("WebFetch", ToolKind.FETCH, urls=("file:///etc/shadow",)), ["reads /etc/shadow"]),
        (ToolCall("mcp__s__t", ToolKind.MCP, mcp=McpTarget("s", "t")), ["calls t"]),
        (ToolCall("Frob", ToolKind.OTHER, paths=("/etc/x",)), ["names /etc/x"]),
        (ToolCall("Read", ToolKind.READ, paths=("~/x",)), ["reads /home/me/x", "reads /w/~/x"]),
        (ToolCall("Read", ToolKind.READ, paths=("/dev/null", "")), []),
    ],
)
def test_a_tool_does_what_its_kind_says(tool: ToolCall, expected: list[str]) -> None:
    assert [shown(effect) for effect in tool_effects(tool, PLACE, NOWHERE)] == expected


def test_links_are_followed_and_decide_the_scope() -> None:
    (effect,) = tool_effects(ToolCall("Read", ToolKind.READ, paths=("notes",)), PLACE, Linked())
    assert effect.real is not None
    assert effect.real.literal == "/etc/shadow"
    assert effect.scope is Scope.SYSTEM


def test_what_a_tool_writes_is_told() -> None:
    (effect,) = tool_effects(ToolCall("Write", ToolKind.WRITE, paths=("a",), content=("x", "y")), PLACE, NOWHERE)
    assert effect.kind is EffectKind.WRITES
    assert effect.content is not None
    assert effect.content.literal == "x\ny"


def test_a_tool_that_is_not_known_is_uncertain() -> None:
    (effect,) = tool_effects(ToolCall("Frob", ToolKind.OTHER, paths=("a",)), PLACE, NOWHERE)
    assert not effect.certain

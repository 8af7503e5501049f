"""`lookalike_server`, `lookalike_tool`."""

from types import SimpleNamespace

import pytest

from security_hooks.clients import claude_code, codex, gemini
from security_hooks.dsl.truth import Truth
from security_hooks.model.event import McpTarget, ToolCall, ToolKind
from security_hooks.model.shell import Facts
from security_hooks.service.directories import shipped_dir

NO, UNKNOWN, YES = Truth.NO, Truth.UNKNOWN, Truth.YES
LISTS = {"mcp_allowed": ("github", "files-*", "my-db")}


@pytest.mark.parametrize(
    ("server", "truth"),
    [
        ("github", NO),
        ("files-2", NO),
        ("gitlab", NO),
        ("", NO),
        ("githuh", UNKNOWN),
        ("GitHub", UNKNOWN),
        ("my_db", UNKNOWN),
        ("g\u0456thub", YES),
        ("git\u200bhub", YES),
        ("\uff47ithub", YES),
    ],
)
def test_servers(build: SimpleNamespace, server: str, truth: Truth) -> None:
    tool = ToolCall("x", ToolKind.MCP, mcp=McpTarget(server, "t"))
    assert build.ask("lookalike_server(mcp_allowed)", Facts(build.call(tool=tool), None), LISTS) is truth


@pytest.mark.parametrize(
    ("name", "kind", "truth"),
    [
        ("Bash", ToolKind.OTHER, NO),
        ("B\u0430sh", ToolKind.OTHER, YES),
        ("BASH", ToolKind.OTHER, UNKNOWN),
        ("WebFetchs", ToolKind.OTHER, UNKNOWN),
        ("ReadAll", ToolKind.OTHER, NO),
        ("mcp__x__Bash", ToolKind.MCP, NO),
        ("mcp__x__B\u0430sh", ToolKind.MCP, YES),
        ("bash", ToolKind.SHELL, NO),
    ],
)
def test_tools(build: SimpleNamespace, name: str, kind: ToolKind, truth: Truth) -> None:
    given = Facts(build.call(tool=ToolCall(name, kind)), None)
    assert build.ask('lookalike_tool("Bash", "Read", "WebFetch")', given) is truth


def test_the_shipped_rules_know_every_tool_of_every_client() -> None:
    text = (shipped_dir() / "rules/mcp.rules").read_text()
    missing = [name for client in (claude_code, codex, gemini) for name in client._TOOLS if f'"{name}"' not in text]
    assert missing == []

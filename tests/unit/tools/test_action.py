import pytest

from security_hooks.model.action import Action
from security_hooks.model.decision import Severity
from security_hooks.model.event import EventKind, HookEvent, Place, ToolCall, ToolKind
from security_hooks.model.shell import CallFacts, Command, Script
from security_hooks.model.word import Word
from security_hooks.tools.action import action_of

PLACE = Place("/w", "/home/me", "/w")


def call(kind: ToolKind, script: Script | None = None) -> CallFacts:
    tool = ToolCall("Tool", kind)
    return CallFacts(HookEvent("claude-code", EventKind.PRE_TOOL, "PreToolUse", "s", tool=tool), tool, PLACE, script)


def command(index: int, action: Action, severity: Severity) -> Command:
    word = Word(("x",), (0, 1), "x")
    return Command(index, (word,), "x", "x", "x", (0, 1), action=action, severity=severity)


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        (ToolKind.READ, Action.FILESYSTEM_READ),
        (ToolKind.PATCH, Action.FILESYSTEM_WRITE),
        (ToolKind.MCP, Action.MCP_CALL),
        (ToolKind.OTHER, Action.UNKNOWN),
    ],
)
def test_a_tool_is_an_action_of_its_kind(kind: ToolKind, action: Action) -> None:
    assert action_of(call(kind)) is action


def test_the_gravest_command_names_the_action() -> None:
    commands = (
        command(0, Action.GIT_SAFE, Severity.INFO),
        command(1, Action.GIT_DISCARD, Severity.HIGH),
        command(2, Action.CLOUD_DESTRUCTIVE, Severity.HIGH),
    )
    assert action_of(call(ToolKind.SHELL, Script("", commands))) is Action.GIT_DISCARD


def test_a_script_that_was_not_read_is_not_known() -> None:
    assert action_of(call(ToolKind.SHELL, Script("", (), unparseable=True, problem="p"))) is Action.UNKNOWN
    assert action_of(call(ToolKind.SHELL, Script("", ()))) is Action.TEXT

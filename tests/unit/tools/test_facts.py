"""A tool call to its facts: scripts are read, patches opened, and each command has its view."""

from types import SimpleNamespace
from typing import cast

import pytest
from msgspec.structs import replace

from security_hooks.catalogue.entry import Catalogue
from security_hooks.model.event import EventKind, HookEvent, InputString, McpTarget, Place, ToolCall, ToolKind
from security_hooks.model.server import Definition
from security_hooks.model.shell import Command, Redirect, Script
from security_hooks.model.word import Word
from security_hooks.model.world import NOWHERE, World
from security_hooks.shell.limits import ShellLimits
from security_hooks.tools import facts
from security_hooks.tools.facts import call_facts, focus

PLACE = Place("/w", "/home/dev", "/w")
LIMITS = ShellLimits()
CATALOGUE = cast("Catalogue", SimpleNamespace())
PATCH = "*** Begin Patch\n*** Add File: a\n+x\n*** End Patch\n"


def event(tool: ToolCall, client: str = "codex-cli") -> HookEvent:
    return HookEvent(client, EventKind.PRE_TOOL, "PreToolUse", "s", cwd="/w", tool=tool)


def word(text: str | None) -> Word:
    return Word((text or "",), (0, 0), text)


def command(index: int, *words: str | None, here: tuple[str | None, ...] = ()) -> Command:
    parts = tuple(map(word, words))
    redirects = tuple(Redirect("<<", None, word(body)) for body in here)
    return Command(index, parts, words[0], "", "", (0, 0), operands=parts[1:], redirects=redirects)


class Reader:
    """Stands for the shell layer: gives the commands it was told, and keeps what it was asked."""

    def __init__(self, *commands: Command) -> None:
        self.commands = commands
        self.asked: list[tuple[str, Place]] = []

    def __call__(
        self, text: str, place: Place, catalogue: Catalogue, limits: ShellLimits, world: World = NOWHERE
    ) -> Script:
        self.asked.append((text, place))
        return Script(text, self.commands)


def use(monkeypatch: pytest.MonkeyPatch, *commands: Command) -> Reader:
    reader = Reader(*commands)
    monkeypatch.setattr(facts, "read_script", reader)
    return reader


def shell(script: str | None = "patch") -> ToolCall:
    return ToolCall("Bash", ToolKind.SHELL, script=script)


def read(tool: ToolCall, place: Place = PLACE, client: str = "codex-cli") -> ToolCall:
    return call_facts(event(tool, client), tool, place, CATALOGUE, LIMITS).tool


@pytest.mark.parametrize("kind", [kind for kind in ToolKind if kind not in (ToolKind.SHELL, ToolKind.PATCH)])
def test_a_call_without_a_script_is_one_view_of_itself(kind: ToolKind) -> None:
    tool = ToolCall("tool", kind, paths=("/x",))
    call = call_facts(event(tool), tool, PLACE, CATALOGUE, LIMITS)
    assert (call.tool, call.place, call.script) == (tool, PLACE, None)
    assert [view.command for view in focus(call)] == [None]


def test_each_command_of_a_script_has_its_view(monkeypatch: pytest.MonkeyPatch) -> None:
    commands = (command(0, "ls"), command(1, "rm"))
    reader = use(monkeypatch, *commands)
    tool = shell("ls; rm")
    call = call_facts(event(tool), tool, PLACE, CATALOGUE, LIMITS)
    assert reader.asked == [("ls; rm", PLACE)]
    assert tuple(view.command for view in focus(call)) == commands
    assert all(view.call is call for view in focus(call))


def test_a_script_without_commands_has_one_view(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch)
    tool = shell("")
    assert [view.command for view in focus(call_facts(event(tool), tool, PLACE, CATALOGUE, LIMITS))] == [None]


def test_a_shell_tool_without_a_script_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = use(monkeypatch)
    tool = replace(shell(None), unanalysed_code=True)
    assert call_facts(event(tool), tool, PLACE, CATALOGUE, LIMITS).script is None
    assert reader.asked == []


def test_a_tool_that_runs_elsewhere_is_read_there_but_belongs_to_the_same_project(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader = use(monkeypatch)
    tool = replace(shell("ls"), cwd="/elsewhere")
    call = call_facts(event(tool), tool, PLACE, CATALOGUE, LIMITS)
    assert call.place == reader.asked[0][1] == Place("/elsewhere", "/home/dev", "/w")


@pytest.mark.parametrize(
    ("path", "read_as"), [("a", "/w/a"), ("../a", "/w/../a"), ("/etc/a", "/etc/a"), ("~/a", "/w/~/a")]
)
def test_a_patch_touches_files_below_the_current_directory(path: str, read_as: str) -> None:
    tool = read(ToolCall("apply_patch", ToolKind.PATCH, script=PATCH.replace(" a\n", f" {path}\n")))
    assert (tool.paths, tool.content, tool.unanalysed_code) == ((read_as,), ("x\n",), False)


def test_a_patch_below_an_unknown_directory_keeps_its_names() -> None:
    tool = ToolCall("apply_patch", ToolKind.PATCH, script=PATCH.replace(" a\n", " ~/a\n"))
    assert read(tool, Place(None, "/home/dev")).paths == ("./~/a",)


def test_a_malformed_patch_is_unanalysed() -> None:
    tool = read(ToolCall("apply_patch", ToolKind.PATCH, script="*** Begin Patch\n*** Delete File: a"))
    assert (tool.paths, tool.unanalysed_code) == (("/w/a",), True)


@pytest.mark.parametrize("program", ["apply_patch", "applypatch"])
def test_a_patch_inside_a_script_is_opened(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    for given in (command(0, program, here=(PATCH,)), command(0, program, PATCH)):
        use(monkeypatch, given)
        tool = read(shell())
        assert (tool.kind, tool.paths, tool.content) == (ToolKind.SHELL, ("/w/a",), ("x\n",))
        assert not tool.unanalysed_code


@pytest.mark.parametrize("given", [{}, {"here": (None,)}, {"here": ("not one",)}])
def test_a_patch_that_is_not_known_is_unanalysed(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, tuple[str | None]]
) -> None:
    use(monkeypatch, command(0, "apply_patch", **given))
    assert read(shell()).unanalysed_code


@pytest.mark.parametrize(
    ("moves", "path"),
    [
        ((("cd", "sub"),), "/w/sub/a"),
        ((("cd", "sub"), ("cd", "/etc")), "/etc/a"),
        ((("cd", "sub"), ("cd", "x")), "/w/sub/x/a"),
        ((("pushd", "sub"),), "/w/sub/a"),
        ((("cd",),), "/home/dev/a"),
        ((("cd", "~"),), "/home/dev/a"),
        ((("cd", "~/x"),), "/home/dev/x/a"),
    ],
)
def test_a_patch_follows_the_directories_of_its_script(
    monkeypatch: pytest.MonkeyPatch, moves: tuple[tuple[str, ...], ...], path: str
) -> None:
    steps = [command(index, *words) for index, words in enumerate(moves)]
    use(monkeypatch, *steps, command(9, "apply_patch", here=(PATCH,)))
    tool = read(shell())
    assert {"/w/a", path} <= set(tool.paths)
    assert not tool.unanalysed_code


@pytest.mark.parametrize("targets", [(None,), ("-",), ("~root",), tuple(map(str, range(50)))])
def test_a_patch_in_a_directory_that_is_not_known_is_unanalysed(
    monkeypatch: pytest.MonkeyPatch, targets: tuple[str | None, ...]
) -> None:
    steps = [command(index, "cd", target) for index, target in enumerate(targets)]
    use(monkeypatch, *steps, command(99, "apply_patch", here=(PATCH,)))
    assert read(shell()).unanalysed_code


@pytest.mark.parametrize("client", ["claude-code", "gemini-cli"])
def test_other_clients_give_that_command_no_meaning(monkeypatch: pytest.MonkeyPatch, client: str) -> None:
    use(monkeypatch, command(0, "apply_patch", here=(PATCH,)))
    assert read(shell(), client=client) == shell()


def test_an_mcp_servers_definitions_are_looked_for_only_when_they_are_asked_for() -> None:
    asked: list[tuple[str, str, str]] = []

    def find(client: str, server: str, source: str, place: Place, world: World) -> tuple[Definition, ...]:
        assert (place, world) == (PLACE, NOWHERE)
        asked.append((client, server, source))
        return (Definition("x"),)

    tool = ToolCall("mcp__s__t", ToolKind.MCP, mcp=McpTarget("s", "t", source="user"))
    call = call_facts(event(tool), tool, PLACE, CATALOGUE, LIMITS, find=find)
    assert asked == []
    assert call.definitions("s") == (Definition("x"),)
    assert asked == [("codex-cli", "s", "user")]


def test_a_definition_that_the_call_tells_is_the_definition() -> None:
    tool = ToolCall("mcp_s_t", ToolKind.MCP, mcp=McpTarget("s", "t", ("npx", "x")))
    call = call_facts(event(tool), tool, PLACE, CATALOGUE, LIMITS)
    assert call.definitions("s") == (Definition("npx", ("x",), place="the call itself"),)


def test_a_call_with_more_in_it_than_is_read_carries_unanalysed_code() -> None:
    strings = (InputString("/x", "[" * 100 + '"x"' + "]" * 100),)
    assert read(ToolCall("mcp__s__t", ToolKind.MCP, mcp=McpTarget("s", "t"), strings=strings)).unanalysed_code

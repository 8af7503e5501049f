"""A tool call to its facts: the script read, the patch opened, and one view for each command in it.

Takes a decoded event; gives what conditions may look at. Which client calls matters only where a client gives a
command a meaning of its own.
"""

import dataclasses
from collections.abc import Callable
from posixpath import join

from msgspec.structs import replace

from security_hooks.catalogue.entry import Catalogue
from security_hooks.model.event import HookEvent, Place, ToolCall, ToolKind
from security_hooks.model.server import Definition
from security_hooks.model.shell import CallFacts, Command, Facts, Script
from security_hooks.model.world import NOWHERE, World
from security_hooks.shell.facts import read_script
from security_hooks.shell.limits import ShellLimits
from security_hooks.tools.code_fields import script_in
from security_hooks.tools.effects import tool_effects
from security_hooks.tools.patch import Patch, read_patch
from security_hooks.tools.servers import find_definitions, told_definition
from security_hooks.tools.strings import strings_of

# Codex applies such a command itself, as if the tool had been called; with other clients it is a program like any.
_PATCHING_CLIENT = "codex-cli"
_PATCH_PROGRAMS = ("apply_patch", "applypatch")
_MOVES = ("cd", "pushd")
_MOST_DIRECTORIES = 16


Read = Callable[[str, Place, Catalogue, ShellLimits, World], Script]
Find = Callable[[str, str, str, Place, World], "tuple[Definition, ...] | None"]


def call_facts(
    event: HookEvent,
    tool: ToolCall,
    place: Place,
    catalogue: Catalogue,
    limits: ShellLimits,
    read: Read | None = None,
    world: World = NOWHERE,
    find: Find | None = None,
) -> CallFacts:
    """All that is known of one tool call. Never raises for what the call says.

    `world` is asked about the files that the call names. `read` stands in for `read_script`, `find` for
    `find_definitions`: something that remembers its answers.
    """
    call = _call(event, tool, place, catalogue, limits, read or read_script, world)
    if tool.mcp is None:
        return call
    told = told_definition(tool.mcp)

    def definitions(server: str) -> tuple[Definition, ...] | None:
        if told is not None:
            return (told,)
        source = (tool.mcp.source if tool.mcp is not None else None) or ""
        return (find or find_definitions)(event.client, server, source, place, world)

    return dataclasses.replace(call, definitions=definitions, readable=world.read)


def _call(
    event: HookEvent, tool: ToolCall, place: Place, catalogue: Catalogue, limits: ShellLimits, read: Read, world: World
) -> CallFacts:
    if tool.cwd is not None:
        place = replace(place, cwd=tool.cwd)
    strings = strings_of(tool)
    if not strings.whole:
        tool = replace(tool, unanalysed_code=True)
    text = script_in(tool, strings)
    if text is not None:
        script = read(text, place, catalogue, limits, world)
        return CallFacts(event, tool, place, script, tool_effects(tool, place, world, strings), world=world)
    if tool.script is None:
        return CallFacts(event, tool, place, None, tool_effects(tool, place, world, strings), world=world)
    if tool.kind is ToolKind.PATCH:
        patched = _patched(tool, read_patch(tool.script), (place.cwd or ".",))
        return CallFacts(event, patched, place, None, tool_effects(patched, place, world), world=world)
    script = read(tool.script, place, catalogue, limits, world)
    if event.client == _PATCHING_CLIENT and any(command.program in _PATCH_PROGRAMS for command in script.commands):
        tool = _with_patches(tool, script, place)
        patched = replace(tool, kind=ToolKind.PATCH)
        return CallFacts(event, tool, place, script, tool_effects(patched, place, world), world=world)
    return CallFacts(event, tool, place, script, world=world)


def focus(call: CallFacts) -> tuple[Facts, ...]:
    """The call focused on each of its commands, or on itself where it has none."""
    if call.script is None or not call.script.commands:
        return (Facts(call, None),)
    return tuple(Facts(call, command) for command in call.script.commands)


def _patched(tool: ToolCall, patch: Patch, directories: tuple[str, ...]) -> ToolCall:
    # `join` keeps `~` from standing first: to the client it is a plain name.
    paths = tuple(join(directory, path) for path in patch.paths for directory in directories)
    return replace(
        tool,
        paths=tuple(dict.fromkeys(tool.paths + paths)),
        content=tool.content + patch.content,
        unanalysed_code=tool.unanalysed_code or patch.malformed,
    )


def _with_patches(tool: ToolCall, script: Script, place: Place) -> ToolCall:
    """The call with what its `apply_patch` commands touch, in every directory that the script may be in by then."""
    directories: tuple[str, ...] = (place.cwd or ".",)
    is_astray = False
    for command in script.commands:
        if command.program in _MOVES:
            target = _target(command, place.home)
            is_astray |= target is None or len(directories) > _MOST_DIRECTORIES
            if not is_astray and target is not None:
                directories += tuple(join(directory, target) for directory in directories)
        elif command.program in _PATCH_PROGRAMS:
            text = _patch_text(command)
            tool = replace(tool, unanalysed_code=tool.unanalysed_code or is_astray or text is None)
            if text is not None:
                tool = _patched(tool, read_patch(text), directories)
    return tool


def _target(command: Command, home: str) -> str | None:
    """Where a `cd` goes; None where that is not known."""
    written = command.operands[-1].literal if command.operands else "~"
    if written is None or written == "-":
        return None
    if written == "~" or written.startswith("~/"):
        return home + written[1:]
    return None if written.startswith("~") else written


def _patch_text(command: Command) -> str | None:
    """The patch that a command is given as its argument or here-document; None where it is not known."""
    if len(command.words) > 1:
        return command.words[1].literal
    for redirect in command.redirects:
        if redirect.operator.startswith("<<"):
            return redirect.target.literal
    return None

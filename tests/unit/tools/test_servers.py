"""Which definition of a server a client may use, by the files it reads."""

import json
from collections.abc import Mapping

import pytest

from security_hooks.model.event import McpTarget, Place
from security_hooks.model.server import Definition
from security_hooks.model.world import Entry, Nowhere
from security_hooks.tools.servers import definitions_in, find_definitions, server_files, told_definition

HERE = Place("/w/p/sub", "/h", "/w/p")


class Files(Nowhere):
    """A disk of a few files; what is None cannot be read."""

    def __init__(self, files: Mapping[str, object]) -> None:
        self.files = files

    def kind(self, path: str) -> Entry:
        return Entry.FILE if path in self.files else Entry.MISSING

    def read(self, path: str, most: int) -> bytes | None:
        found = self.files.get(path)
        if found is None:
            return None
        data = found.encode() if isinstance(found, str) else json.dumps(found).encode()
        return data if len(data) <= most else None


def servers(**commands: str) -> dict[str, object]:
    return {"mcpServers": {name: {"command": command} for name, command in commands.items()}}


def found(client: str, files: dict[str, object], source: str = "") -> set[str] | None:
    definitions = find_definitions(client, "s", source, HERE, Files(files))
    return None if definitions is None else {definition.command for definition in definitions}


USER = {"/h/.claude.json": servers(s="user")}
LOCAL = {"/h/.claude.json": servers(s="user") | {"projects": {"/w/p": servers(s="local")}}}
PROJECT = {"/w/p/.mcp.json": servers(s="project")}


@pytest.mark.parametrize(
    ("files", "source", "expected"),
    [
        (USER, "", {"user"}),
        (USER, "user", {"user"}),
        (USER, "project", None),
        (USER, "dynamic", None),
        (USER | PROJECT, "", {"user", "project"}),
        (USER | PROJECT, "project", {"project"}),
        (LOCAL | PROJECT, "local", {"local"}),
        (LOCAL, "", {"user", "local"}),
        ({"/w/p/sub/.mcp.json": servers(s="below")} | PROJECT, "project", {"project", "below"}),
        ({"/w/.mcp.json": servers(s="above")}, "", None),
        (PROJECT | {"/h/.claude.json": None}, "", None),
        (PROJECT | {"/h/.claude.json": None}, "project", {"project"}),
        (PROJECT | {"/h/.claude.json": "{"}, "", None),
        (USER | {"/etc/claude-code/managed-mcp.json": servers(s="managed")}, "", {"managed"}),
        (USER | {"/etc/claude-code/managed-mcp.json": servers(t="managed")}, "", None),
        (USER | {"/etc/claude-code/managed-mcp.json": servers(s="managed")}, "dynamic", None),
        ({"/h/.claude.json": {"mcpServers": None, "projects": None}}, "", None),
        ({}, "", None),
    ],
)
def test_claude_code_takes_its_servers_from_three_scopes(
    files: dict[str, object], source: str, expected: set[str] | None
) -> None:
    assert found("claude-code", files, source) == expected


def toml(command: str = "", args: str = "") -> str:
    lines = [f'command = "{command}"'] if command else []
    lines += [f"args = [{args}]"] if args else []
    return "[mcp_servers.s]\n" + "\n".join(lines)


def test_codex_joins_a_server_of_several_files_key_by_key_where_it_trusts_the_project() -> None:
    files: dict[str, object] = {
        "/h/.codex/config.toml": toml("npx", '"good"'),
        "/w/p/.codex/config.toml": toml(args='"evil"'),
    }
    definitions = find_definitions("codex-cli", "s", "", HERE, Files(files))
    assert {definition.args for definition in definitions or ()} == {("good",), ("evil",)}
    assert {definition.command for definition in definitions or ()} == {"npx"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (toml("npx"), {"npx"}),
        ("model = 'x'", None),
        ('["mcp\\u005fservers".s]\ncommand = "npx"', {"npx"}),
        ("[mcp_servers", None),
        ("mcp_servers = 1", None),
        ("[mcp_servers.s]\ncommand = 1", None),
        ("[mcp_servers.s]\nenabled = true", None),
        ("# " + "x" * 200_000, None),
    ],
)
def test_codex_files_are_toml(text: str, expected: set[str] | None) -> None:
    assert found("codex-cli", {"/h/.codex/config.toml": text}) == expected


def test_gemini_takes_the_last_and_a_project_only_where_it_trusts_it() -> None:
    files: dict[str, object] = {
        "/h/.gemini/settings.json": servers(s="user"),
        "/w/p/.gemini/settings.json": servers(s="project"),
    }
    assert found("gemini-cli", files) == {"user", "project"}
    assert found("gemini-cli", files | {"/etc/gemini-cli/settings.json": servers(s="system")}) == {"system"}


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"command": "x", "args": ["a"], "env": {"B": "1", "A": "2"}}, Definition("x", ("a",), env=("A", "B"))),
        ({"url": "https://e.example/"}, Definition(url="https://e.example/", env=())),
        ({"httpUrl": "https://e.example/"}, Definition(url="https://e.example/", env=())),
        ({"command": "x", "cwd": "/t", "env_vars": ["C"]}, Definition("x", cwd="/t", env=("C",))),
        ({"command": "x", "args": ["a", 1]}, None),
        ({"command": ["x"]}, None),
        ({"command": "x", "env": []}, None),
        ({}, None),
        ("x", None),
    ],
)
def test_a_definition_is_read_whole_or_not_at_all(entry: object, expected: Definition | None) -> None:
    (file,) = server_files("claude-code", HERE, Files({"/w/p/.mcp.json": {"mcpServers": {"s": entry}}}))
    ((name, definition),) = definitions_in(file)
    place = "/w/p/.mcp.json"
    assert name == "s"
    assert (definition and (definition, definition.place)) == (
        expected
        and (Definition(expected.command, expected.args, expected.url, expected.cwd, expected.env, place), place)
    )


def test_a_call_may_tell_the_definition_itself() -> None:
    assert told_definition(McpTarget("s", "t")) is None
    told = told_definition(McpTarget("s", "t", ("npx", "x"), cwd="/t"))
    assert told == Definition("npx", ("x",), cwd="/t", place="the call itself")
    assert told_definition(McpTarget("s", "t", url="u")) == Definition(url="u", place="the call itself")


def test_nothing_is_known_of_other_clients() -> None:
    assert server_files("other", HERE, Files(USER)) == ()
    assert find_definitions("other", "s", "", HERE, Files(USER)) is None

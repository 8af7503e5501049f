"""Tools as data: which fields become what."""

import pytest

from security_hooks.clients.shapes import (
    UNKNOWN,
    ToolShape,
    always,
    argument_list,
    carries_code,
    shaped_call,
    split_mcp_name,
)
from security_hooks.model.event import InputString, McpTarget, ToolCall, ToolKind
from security_hooks.model.failure import CallError


def read(shape: ToolShape, given: dict[str, object], cwd: str | None = "/w") -> ToolCall:
    return shaped_call("tool", shape, given, call_id="id", cwd=cwd, resolve=lambda path: (path, path + "!"))


def test_a_shell_tool_holds_its_script_and_no_other_string() -> None:
    call = read(ToolShape(ToolKind.SHELL, script="c"), {"c": "ls", "description": "rm -rf /"})
    assert (call.script, call.strings, call.unanalysed_code) == ("ls", (InputString("/c", "ls"),), False)


@pytest.mark.parametrize("given", [{}, {"c": None}, {"c": ["ls"]}, {"c": 1}, {"C": "ls"}])
def test_a_shell_tool_without_a_script_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(CallError):
        read(ToolShape(ToolKind.SHELL, script="c"), given)


def test_an_optional_script_may_be_absent_but_not_of_another_type() -> None:
    shape = ToolShape(ToolKind.SHELL, script="c", script_optional=True, unread=always)
    assert read(shape, {"d": "x"}).script is None
    assert read(shape, {"d": "x"}).unanalysed_code
    with pytest.raises(CallError):
        read(shape, {"c": ["ls"]})


def test_each_path_is_every_path_the_client_may_use() -> None:
    shape = ToolShape(ToolKind.WRITE, paths=("p",), other_paths=("q",), content=("t",))
    assert read(shape, {"p": "a", "t": "text"}).paths == ("a", "a!")
    assert read(shape, {"p": "a", "q": "b"}).paths == ("a", "a!", "b", "b!")
    assert read(shape, {"p": "a", "t": "text"}).content == ("text",)


@pytest.mark.parametrize("given", [{}, {"p": 1}, {"p": "a", "q": 1}, {"p": "a", "t": ["x"]}])
def test_a_file_tool_with_unreadable_fields_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(CallError):
        read(ToolShape(ToolKind.WRITE, paths=("p",), other_paths=("q",), content=("t",)), given)


def test_a_search_looks_below_its_path_or_the_current_directory() -> None:
    shape = ToolShape(ToolKind.SEARCH, other_paths=("p",), patterns=("g",))
    assert read(shape, {}).paths == ("/w",)
    assert read(shape, {"g": "**/.env"}).paths == ("/w", "/w/**/.env")
    assert read(shape, {"g": "/etc/*"}).paths == ("/w", "/etc/*")
    assert read(shape, {"p": "/x", "g": "*"}).paths == ("/x", "/x!", "/x/*", "/x!/*")
    assert read(shape, {"g": "*"}, cwd=None).paths == ()


@pytest.mark.parametrize("field", ["command", "commands", "cmd", "script", "code", "argv", "shell_command"])
def test_an_unknown_tool_with_a_field_that_is_code_is_unanalysed(field: str) -> None:
    assert read(UNKNOWN, {field: "x"}).unanalysed_code
    assert carries_code({field: ["x"]})
    assert not read(UNKNOWN, {"text": field}).unanalysed_code


@pytest.mark.parametrize(
    ("name", "server", "tool", "others"),
    [
        ("mcp__a__b", "a", "b", ()),
        ("mcp__a__b__c__d", "a", "b__c__d", ("a__b", "a__b__c")),
        ("mcp__a", "a", "", ()),
        ("mcp__", "", "", ()),
    ],
)
def test_an_mcp_name_is_split_at_its_first_seam_and_may_be_at_others(
    name: str, server: str, tool: str, others: tuple[str, ...]
) -> None:
    assert split_mcp_name(name) == McpTarget(server, tool, others=others)


def test_a_name_of_many_seams_is_of_a_bounded_number_of_servers() -> None:
    assert len(split_mcp_name("mcp" + "__a" * 10_000).others) == 16


def test_an_argument_list_holds_strings_only() -> None:
    assert argument_list({"a": ["x", "y"]}, "a") == ("x", "y")
    assert argument_list({}, "a") == argument_list({"a": None}, "a") == ()
    for value in ("x", [1], {"x": 1}):
        with pytest.raises(CallError):
            argument_list({"a": value}, "a")

"""Code in an MCP tool's input becomes one shell script."""

import time

import pytest

from security_hooks.clients.payload import input_strings
from security_hooks.model.event import McpTarget, ToolCall, ToolKind
from security_hooks.tools.code_fields import script_in
from security_hooks.tools.strings import strings_of


def script(given: dict[str, object], tool: str = "t") -> str | None:
    call = ToolCall(f"mcp__s__{tool}", ToolKind.MCP, mcp=McpTarget("s", tool), strings=input_strings(given))
    return script_in(call, strings_of(call))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"command": "ls | wc"}, "ls | wc"),
        ({"commands": ["ls a", "ls b"]}, "ls a\nls b"),
        ({"command": ["rm", "-rf", "a b"]}, "rm -rf 'a b'"),
        ({"command": ["rm"]}, "rm"),
        ({"command": ["ls a", "ls b"]}, "ls a\nls b"),
        ({"command": "rm", "args": ["-rf", "a b"]}, "rm -rf 'a b'"),
        ({"command": "bash -c", "args": ["rm x"]}, "bash -c 'rm x'"),
        ({"argv": ["rm", "x"]}, "rm x"),
        ({"args": ["rm", "x"]}, None),
        ({"args": '["x"]', "command": "rm"}, "rm x"),
        ({"command": '["rm", "x"]'}, "rm x"),
        ({"params": {"cmd": "ls"}}, "ls"),
        ({"params": '{"cmd": "ls"}'}, "ls"),
        ({"name": "ls"}, None),
        ({"command": {"~key": "x"}}, None),
    ],
)
def test_shell_text_and_argument_lists(given: dict[str, object], expected: str | None) -> None:
    assert script(given) == expected


@pytest.mark.parametrize(
    ("given", "tool", "expected"),
    [
        ({"code": "f('x')", "language": "Python"}, "t", "python3 -c 'f('\"'\"'x'\"'\"')'"),
        ({"code": "f()", "language": "python3.11"}, "t", "python3 -c 'f()'"),
        ({"code": "f()", "runtime": "nodejs"}, "t", "node -e 'f()'"),
        ({"script": "f()", "lang": "ruby"}, "t", "ruby -e 'f()'"),
        ({"code": "ls", "language": "bash"}, "t", "ls"),
        ({"code": "f()"}, "execute_python", "python3 -c 'f()'"),
        ({"code": "f()"}, "runJavascript", "node -e 'f()'"),
        ({"python_code": "f()"}, "t", "python3 -c 'f()'"),
        ({"code": "f()"}, "t", None),
        ({"code": "f()", "language": "brainfuck"}, "t", None),
        (
            {"cells": [{"code": "f()", "language": "python"}, {"code": "g()", "language": "r"}]},
            "t",
            "python3 -c 'f()'\nRscript -e 'g()'",
        ),
        ({"zipcode": "1234"}, "t", None),
    ],
)
def test_code_of_a_named_language(given: dict[str, object], tool: str, expected: str | None) -> None:
    assert script(given, tool) == expected


@pytest.mark.parametrize(
    ("text", "is_sql"),
    [
        ("SELECT a FROM b", True),
        ("drop table x", True),
        ("-- note\n/* more */ DELETE FROM x", True),
        ("select 1; truncate table x", True),
        ("update x set a = 1", True),
        ("with a as (select 1) delete from x", True),
        ("select a good title", False),
        ("delete old branches", False),
        ("update the readme", False),
        ("drop shipping rates", False),
        ("query { viewer { login } }", False),
        ("is:open label:bug", False),
        ("", False),
    ],
)
def test_a_query_is_sql_where_it_begins_as_a_statement(text: str, is_sql: bool) -> None:
    assert (script({"query": text}) is not None) is is_sql
    assert script({"sql": text}) is not None


@pytest.mark.parametrize("unit", ["--", " ", "/* ", "/**", ";", "; select ", "drop ", "select ", "*/", "\n--a"])
def test_no_text_takes_long(unit: str) -> None:
    before = time.thread_time()
    script({"query": unit * 20_000})
    assert time.thread_time() - before < 1

"""What the strings of an MCP tool's input may be."""

import json

import pytest

from security_hooks.clients.payload import input_strings
from security_hooks.model.event import McpTarget, ToolCall, ToolKind
from security_hooks.tools.strings import LARGEST_NESTED, MOST_NESTED, paths_and_urls, strings_of, variables


def call(given: dict[str, object], kind: ToolKind = ToolKind.MCP) -> ToolCall:
    return ToolCall("t", kind, mcp=McpTarget("s", "t"), strings=input_strings(given))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"path": "a.txt"}, [("a.txt", "path", False)]),
        ({"x": "/etc/hosts"}, [("/etc/hosts", "x", False)]),
        ({"x": " ~ "}, [("~", "x", False)]),
        ({"output_file": "a b"}, [("a b", "output_file", False)]),
        ({"x": "word"}, []),
        ({"x": "/a\nb"}, []),
        ({"x": "/" + "a" * 5_000}, []),
        ({"x": "https://e.example/" + "a" * 5_000}, [("https://e.example/" + "a" * 5_000, "x", True)]),
        ({"x": "http://10.0.\n0.1/"}, [("http://10.0.0.1/", "x", True)]),
        ({"x": "file:/etc/hosts"}, [("file:/etc/hosts", "x", True)]),
        ({"text": "see https://e.example/."}, []),
        (
            {"prompt": "see https://e.example/, (http://a.example/b)."},
            [("https://e.example/", "prompt", True), ("http://a.example/b", "prompt", True)],
        ),
        ({"x": '{"path": "b"}'}, [("b", "path", False)]),
        ({"x": '{"y": "{\\"path\\": \\"b\\"}"}'}, [("b", "path", False)]),
        ({"x": '["/a", "/b"]'}, [("/a", "x", False), ("/b", "x", False)]),
        ({"content": '{"path": "b"}'}, []),
        ({"x": "{path: b}"}, []),
    ],
)
def test_paths_and_addresses(given: dict[str, object], expected: list[tuple[str, str, bool]]) -> None:
    strings = strings_of(call(given))
    assert list(paths_and_urls(strings)) == expected
    assert strings.whole


def test_every_string_counts_however_many_stand_before_it() -> None:
    given: dict[str, object] = {**{str(number): "x" for number in range(2_000)}, "path": "last"}
    assert ("last", "path", False) in list(paths_and_urls(strings_of(call(given))))


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([[[["x"]]]] * MOST_NESTED + ["y"]),
        json.dumps({"x": "y" * LARGEST_NESTED}),
        json.dumps({"x": json.dumps({"x": json.dumps({"x": json.dumps({"x": json.dumps({"x": "y"})})})})}),
        "[" * 40 + '"x"' + "]" * 40,
    ],
)
def test_what_is_not_read_whole_says_so(text: str) -> None:
    assert not strings_of(call({"x": text})).whole


def test_no_other_tool_has_such_strings() -> None:
    assert strings_of(call({"path": "/x"}, ToolKind.OTHER)).all == ()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"env": {"A": "1", "B": "2"}}, [("A", "1"), ("B", "2")]),
        ({"environment": ["A=1=2", "no"]}, [("A", "1=2")]),
        ({"server": '{"env": {"A": "1"}}'}, [("A", "1")]),
        ({"env": "production"}, []),
        ({"env": {"no name": "x"}}, []),
        ({"other": {"A": "1"}}, []),
    ],
)
def test_variables(given: dict[str, object], expected: list[tuple[str, str]]) -> None:
    assert list(variables(strings_of(call(given)))) == expected

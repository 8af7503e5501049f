"""`url_scheme`, `url_data` of tools; those of commands are in the golden pages."""

import base64
from types import SimpleNamespace

import pytest

from security_hooks.dsl.truth import Truth
from security_hooks.model.event import InputString, McpTarget, ToolCall, ToolKind
from security_hooks.model.shell import Facts

NO, UNKNOWN, YES = Truth.NO, Truth.UNKNOWN, Truth.YES
TEXT = base64.urlsafe_b64encode(b"some words of a private file").decode()


def fetch(build: SimpleNamespace, *urls: str) -> Facts:
    return Facts(build.call(tool=ToolCall("WebFetch", ToolKind.FETCH, urls=urls)), None)


@pytest.mark.parametrize(
    ("url", "truth"),
    [
        ("file:///etc/passwd", YES),
        (" FILE:/etc/passwd", YES),
        ("javascript:alert(1)", YES),
        ("https://e.example/", NO),
        ("e.example:8080/x", NO),
        ("", NO),
    ],
)
def test_the_scheme_of_an_address(build: SimpleNamespace, url: str, truth: Truth) -> None:
    assert build.ask('url_scheme("file", "java*")', fetch(build, "https://a.example/", url)) is truth


@pytest.mark.parametrize(
    ("url", "truth"),
    [
        (f"https://e.example/{TEXT}", YES),
        (f"e.example/{TEXT}", YES),
        (f"https://own.example/{TEXT}", NO),
        (f"https://a.own.example:8080/{TEXT}", NO),
        (f"https://own.example\\@e.example/{TEXT}", UNKNOWN),
        ("https://e.example/", NO),
    ],
)
def test_data_for_another_host(build: SimpleNamespace, url: str, truth: Truth) -> None:
    assert build.ask('url_data("own.example", "*.own.example")', fetch(build, url)) is truth


def test_addresses_given_to_an_mcp_tool_count(build: SimpleNamespace) -> None:
    strings = (InputString("/text", "words"), InputString("/url", f" https://e.example/{TEXT}"))
    tool = ToolCall("mcp__s__t", ToolKind.MCP, mcp=McpTarget("s", "t"), strings=strings)
    assert build.ask("url_data()", Facts(build.call(tool=tool), None)) is YES

"""`tool`, `mcp`, `content`, `has_secret`."""

from types import SimpleNamespace

import pytest

from security_hooks.dsl.predicates.tool import MOST_SEARCHED
from security_hooks.dsl.truth import Truth
from security_hooks.model.event import InputString, McpTarget, ToolCall, ToolKind
from security_hooks.model.shell import Facts, Redirect
from security_hooks.model.word import Hole, HoleKind, Word

NO, UNKNOWN, YES = Truth.NO, Truth.UNKNOWN, Truth.YES
SECRET = "ghp_" + "9aZ8bY7cX6dW5eV4fU3gT2hS1iR0jQ9kPlMn"


@pytest.mark.parametrize(
    ("condition", "truth"),
    [
        ('tool("mcp__github__delete_repo")', YES),
        ('tool("mcp__*")', YES),
        ('tool("mcp")', YES),
        ('tool("Bash", "mcp")', YES),
        ('tool("MCP")', NO),
        ('mcp("github")', YES),
        ('mcp("git*")', YES),
        ('mcp("github/delete_*")', YES),
        ('mcp("github/get_*")', NO),
        ('mcp("*/delete_repo")', YES),
        ('mcp("delete_repo")', NO),
    ],
)
def test_tool_and_mcp(build: SimpleNamespace, condition: str, truth: Truth) -> None:
    tool = ToolCall("mcp__github__delete_repo", ToolKind.MCP, mcp=McpTarget("github", "delete_repo"))
    assert build.ask(condition, Facts(build.call(tool=tool), None)) is truth
    assert build.ask('mcp("*")', build.facts("ls")[0]) is NO


@pytest.mark.parametrize(
    ("condition", "truth"),
    [
        ('content("eval(")', YES),
        ('content("e*al(?)")', YES),
        ('content("second")', YES),
        ('content("none")', NO),
    ],
)
def test_content_may_stand_anywhere(build: SimpleNamespace, condition: str, truth: Truth) -> None:
    tool = ToolCall("Write", ToolKind.WRITE, content=("x = eval(y)\nz", "second"))
    assert build.ask(condition, Facts(build.call(tool=tool), None)) is truth


@pytest.mark.parametrize(
    ("parts", "operator", "truth"),
    [
        (("a key b",), "<<", YES),
        (("a key b",), "<<<", YES),
        (("a key b",), "<", NO),
        (("a ", Hole(HoleKind.PARAMETER, "$X")), "<<", UNKNOWN),
        (("key", Hole(HoleKind.PARAMETER, "$X")), "<<-", YES),
    ],
)
def test_content_of_here_documents(
    build: SimpleNamespace, parts: tuple[str | Hole, ...], operator: str, truth: Truth
) -> None:
    literal = str(parts[0]) if len(parts) == 1 else None
    (facts,) = build.facts("cat", redirects=(Redirect(operator, 0, Word(parts, (0, 1), literal)),))
    assert build.ask('content("key")', facts) is truth


def test_has_secret_in_a_command_of_several(build: SimpleNamespace) -> None:
    first, second = build.facts(f"ls x; login {SECRET}")
    assert (build.ask("has_secret()", first), build.ask("has_secret()", second)) == (NO, YES)
    assert build.ask('has_secret("no-such-*")', second) is NO
    assert (
        "no secret"
        not in build.compile('block "t"\n  match has_secret()').explain(second).children[0].children[0].evidence
    )


def test_has_secret_in_any_string_of_another_tool(build: SimpleNamespace) -> None:
    strings = (InputString("/a", "x"), InputString("/b/0", f"token={SECRET}"))
    facts = Facts(build.call(tool=ToolCall("Write", ToolKind.WRITE, strings=strings)), None)
    assert build.ask("has_secret()", facts) is YES
    assert build.ask('has_secret("*")', facts) is YES


def test_has_secret_in_a_here_document(build: SimpleNamespace) -> None:
    (facts,) = build.facts("cat", redirects=(Redirect("<<", 0, Word((SECRET,), (0, 1), SECRET)),))
    assert build.ask("has_secret()", facts) is YES


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("password \n" * 8_000, UNKNOWN),
        (f"token={SECRET} " + "password \n" * 8_000, YES),
        ("password \n" * 8_000 + f"token={SECRET}", UNKNOWN),
        ("ordinary text\n" * 80_000, NO),
    ],
)
def test_has_secret_in_more_text_than_is_searched_is_not_known(build: SimpleNamespace, text: str, truth: Truth) -> None:
    assert len(text) > MOST_SEARCHED
    strings = (InputString("/a", text),)
    facts = Facts(build.call(tool=ToolCall("Write", ToolKind.WRITE, strings=strings)), None)
    assert build.ask("has_secret()", facts) is truth
    rule = build.compile('block "t"\n  match has_secret()')
    assert rule.asks(facts) is (truth is UNKNOWN)


def test_the_bound_on_what_is_searched_is_one_for_all_commands_of_a_call(build: SimpleNamespace) -> None:
    text = "password " * (MOST_SEARCHED // 14)
    first, second, last = build.facts(f"echo '{text}1'; echo '{text}2'; echo token={SECRET}")
    truths = [build.ask("has_secret()", facts) for facts in (first, second, last)]
    assert truths == [NO, UNKNOWN, UNKNOWN]

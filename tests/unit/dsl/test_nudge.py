"""Nudges."""

from types import SimpleNamespace

import pytest

from security_hooks.dsl.nudge import MOST_OF_A_VALUE, fill, unknown_placeholders
from security_hooks.model.event import ToolCall, ToolKind
from security_hooks.model.shell import Facts


@pytest.mark.parametrize(
    ("nudge", "expected"),
    [
        ("{base_command} {rule} {tool} {client} {cwd}", "git r Bash claude-code /work/project"),
        ("{command}", "git add ./a https://user@Host.example:1/x"),
        ("{path}", "./a"),
        ("{host}", "host.example"),
        ("{{command}} }} { } {a,b} ${x y}", "{command} } { } {a,b} ${x y}"),
    ],
)
def test_placeholders_are_filled_in(build: SimpleNamespace, nudge: str, expected: str) -> None:
    (facts,) = build.facts("git add ./a https://user@Host.example:1/x")
    assert fill(nudge, "r", facts) == expected


def test_values_are_not_filled_in_again_and_stay_on_one_line(build: SimpleNamespace) -> None:
    (facts,) = build.facts("echo {rule}\n\t\u2028x")
    assert fill("{command}", "r", facts) == "echo {rule} x"


def test_long_values_are_cut(build: SimpleNamespace) -> None:
    (facts,) = build.facts("echo " + "x" * 5_000)
    assert len(fill("{command}", "r", facts)) == MOST_OF_A_VALUE + 3


def test_other_tools_fill_in_too(build: SimpleNamespace) -> None:
    tool = ToolCall("Read", ToolKind.READ, paths=("/a",), urls=("https://h.example/",))
    facts = Facts(build.call(tool=tool), None)
    assert fill("{base_command} {command} {path} {host}", "r", facts) == "Read Read /a h.example"


def test_what_is_not_known_is_said(build: SimpleNamespace) -> None:
    (facts,) = build.facts("$X")
    assert fill("{base_command}", "r", facts) == "$X"
    assert fill("{host}", "r", facts) == "a host that is not known"


def test_placeholders_that_do_not_exist_are_told() -> None:
    assert unknown_placeholders("{command} {comand} {} {{x}} {rule}") == ((10, "comand"), (19, ""))

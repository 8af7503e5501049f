"""Shell texts to facts: every fenced table in `facts/`. See `facts/README.md` for how a case is written."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from security_hooks.catalogue.load import shipped
from security_hooks.model.event import Place
from security_hooks.model.shell import Command, Script
from security_hooks.model.word import Origin
from security_hooks.shell.facts import read_script
from security_hooks.shell.limits import ShellLimits

CATALOGUE = shipped()
PLACE = Place(cwd="/home/me/project", home="/home/me")
FENCE = re.compile(r"^```facts\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Case(NamedTuple):
    """One text and the lines that describe its facts."""

    place: str
    text: str
    expected: tuple[str, ...]


def cases() -> list[Case]:
    """Every case of every file, in order."""
    found: list[Case] = []
    for file in sorted(Path(__file__).with_name("facts").glob("*.md")):
        content = file.read_text()
        for fence in FENCE.finditer(content):
            line = content.count("\n", 0, fence.start(1)) + 1
            found += blocks(file.name, line, fence[1])
    return found


def blocks(name: str, line: int, table: str) -> list[Case]:
    """The cases of one fenced table: a text at the margin, its facts indented below it."""
    found: list[Case] = []
    for number, row in enumerate(table.splitlines(), line):
        if not row.strip():
            continue
        if row.startswith("  "):
            last = found[-1]
            found[-1] = last._replace(expected=(*last.expected, row.strip()))
        else:
            found.append(Case(f"{name}:{number}", row.replace("⏎", "\n").replace("␍", "\r"), ()))
    return found


def describe(script: Script) -> tuple[str, ...]:
    """The facts of a script, one line for each command and one for what is true of the whole."""
    whole = [
        *(["unparseable"] if script.unparseable else []),
        *(["over budget"] if script.over_budget else []),
        *(["dynamic"] if script.dynamic else []),
        *([f"defines {' '.join(sorted(script.functions))}"] if script.functions else []),
    ]
    return (*map(describe_command, script.commands), *([f"! {', '.join(whole)}"] if whole else []))


def describe_command(command: Command) -> str:
    """One command: as folded, then whatever is not as usual."""
    facts = [command.folded.replace("\n", "⏎") or "-"]
    if command.program is None:
        facts.append("program unknown")
    if command.subcommands:
        facts.append(f"sub {' '.join(command.subcommands)}")
    if command.options:
        facts.append(f"options {' '.join(sorted(command.options))}")
    if not command.options_known:
        facts.append("options?")
    if command.assignments:
        facts.append("sets " + " ".join(f"{a.name}={a.value.literal or ''}" for a in command.assignments))
    if command.redirects:
        facts.append("redirects " + " ".join(f"{r.operator}{r.target.literal or '?'}" for r in command.redirects))
    if command.pipes:
        facts.append("pipe " + " ".join(f"{p.pipeline}:{p.stage}" for p in command.pipes))
    if command.wrappers:
        facts.append("by " + " ".join(wrapper.program for wrapper in command.wrappers))
    if command.inside:
        facts.append("in " + " ".join(command.inside))
    if command.origin is not Origin.LITERAL:
        facts.append(f"from {command.origin.value}")
    if command.is_known:
        facts.append("known")
    if command.spelled_oddly:
        facts.append("odd")
    return " | ".join(facts).replace("\n", "⏎")


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.place)
def test_the_facts_are_as_the_case_says(case: Case) -> None:
    script = read_script(case.text, PLACE, CATALOGUE, ShellLimits())
    assert describe(script) == case.expected

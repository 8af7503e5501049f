"""The editor's grammar knows the words of the language, all of them and no others."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from security_hooks import __version__
from security_hooks.cli.lsp import COMMAND
from security_hooks.dsl.clauses import CLAUSES, EXAMPLE
from security_hooks.dsl.nudge import PLACEHOLDERS, RULE
from security_hooks.dsl.parse import TIERS
from security_hooks.dsl.predicates import PREDICATES

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "packaging/editor"
GRAMMAR: dict[str, Any] = json.loads((FOLDER / "security-hooks.tmLanguage.json").read_text())
PARTS: dict[str, dict[str, Any]] = GRAMMAR["repository"]


def words(pattern: str) -> set[str]:
    """The longest group of plain words with `|` between them."""
    groups: list[str] = re.findall(r"\((?:\?:)?([a-z_]+(?:\|[a-z_]+)*)\)", pattern)
    return set(max(groups, key=len).split("|"))


@pytest.mark.parametrize(
    ("pattern", "known"),
    [
        (PARTS["header"]["begin"], set(TIERS)),
        (PARTS["clause"]["begin"], set(CLAUSES) - {"nudge"}),
        (PARTS["nudge"]["begin"], {"nudge"}),
        (PARTS["example"]["begin"].partition("[ \\t]+")[0], {EXAMPLE}),
        (PARTS["condition"]["patterns"][1]["match"], {predicate.name for predicate in PREDICATES}),
        (PARTS["nudge"]["patterns"][0]["patterns"][2]["match"], {*PLACEHOLDERS, RULE}),
    ],
)
def test_the_words_are_those_of_the_language(pattern: str, known: set[str]) -> None:
    assert words(pattern) == known, f"write {'|'.join(sorted(known))}"


def includes(node: object) -> set[str]:
    if isinstance(node, dict):
        own = {node["include"]} if "include" in node else set()
        return own.union(*map(includes, node.values()))
    return set[str]().union(*map(includes, node)) if isinstance(node, list) else set()


def test_every_part_is_there_and_used() -> None:
    assert includes(GRAMMAR) == {f"#{name}" for name in PARTS}


# The parts that begin a line, in the order in which an editor tries them.
STARTS = [PARTS[part["include"][1:]] for part in GRAMMAR["patterns"][:-1]]
NAMES: list[str] = [part["include"][1:] for part in GRAMMAR["patterns"][:-1]]


def part_of(line: str) -> str | None:
    for name, part in zip(NAMES, STARTS, strict=True):
        pattern: str = part.get("begin") or part["match"]
        if re.match(pattern, line):
            return name
    return None


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("  # block", "comment"),
        ('block "x"', "header"),
        ("list a = b", "list"),
        ("macro a = b()", "macro"),
        ('  match command("rm")', "condition-line"),
        ("  match (not x() or y())", "condition-line"),
        (r"  match :\(\)\s*\{", "pattern-line"),
        ("  match rm (-rf)", "pattern-line"),
        ("  unless_regex a(b)", "pattern-line"),
        ("  match_base_command_not_in allowed", "shorthand"),
        ('  nudge "x"', "nudge"),
        ('  example stop "x"', "example"),
        ("  until 2030-01-01", "clause"),
        ("  nudged", None),
    ],
)
def test_a_line_is_told_from_its_start_as_the_language_tells_it(line: str, part: str | None) -> None:
    assert part_of(line) == part


@pytest.mark.parametrize("file", sorted(ROOT.glob("rules/*.rules")), ids=lambda file: file.name)
def test_every_line_of_the_shipped_rules_is_known(file: Path) -> None:
    lines = [line for line in file.read_text().splitlines() if line and not line.startswith('  "')]
    assert [line for line in lines if part_of(line) is None and not re.match(r"  [a-z_]+,|  \"", line)] == []


def test_the_extension_names_what_is_there() -> None:
    package = json.loads((FOLDER / "package.json").read_text())
    (language,), (grammar,) = package["contributes"]["languages"], package["contributes"]["grammars"]
    assert (language["extensions"], language["id"]) == ([".rules"], grammar["language"])
    assert (grammar["scopeName"], package["version"]) == (GRAMMAR["scopeName"], __version__)
    assert (FOLDER / grammar["path"]).is_file()
    assert json.loads((FOLDER / language["configuration"]).read_text())["comments"] == {"lineComment": "#"}


def test_the_extension_starts_the_language_server() -> None:
    package = json.loads((FOLDER / "package.json").read_text())
    script = (FOLDER / package["main"]).read_text()
    (language,) = package["contributes"]["languages"]
    assert f'language: "{language["id"]}"' in script
    for name in package["dependencies"]:
        assert f'require("{name}/node")' in script
    for key, setting in package["contributes"]["configuration"]["properties"].items():
        section, _, name = key.partition(".")
        assert f'getConfiguration("{section}")' in script
        assert f'get("{name}")' in script
        # What starts a program must not come from a project that somebody opens.
        assert setting["scope"] == "machine"
    assert (
        package["contributes"]["configuration"]["properties"]["security-hooks.command"]["default"] == "security-hooks"
    )
    assert COMMAND.name in script

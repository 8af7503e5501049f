"""What the pages name as proof exists: tests by file and function, cases by file and rule, scenarios by name."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("packaging/**/*.md")])
PYTHON = re.compile(r"`(tests/[\w/.-]+\.py)(?:::(\w+))?`")
CASES = re.compile(r"`(tests/[\w/.-]+\.md)(?:#([\w-]+))?`")
SCENARIO = re.compile(r"`e2e-clients: ([^`]+)`")


def named(pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    """What the pages name, each once: file and name, or page and scenario."""
    found = {(match[1], match[2] or "") for page in PAGES for match in pattern.finditer(page.read_text())}
    return sorted(found)


@cache
def functions_of(file: str) -> frozenset[str]:
    """The functions of a module, those that are only defined under a condition or in a class left out."""
    tree = ast.parse((ROOT / file).read_text())
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@cache
def rules_of(file: str) -> frozenset[str]:
    """The rules that a file holds cases of."""
    parts = re.split(r"^# (.+)$", (ROOT / file).read_text(), flags=re.MULTILINE)
    return frozenset(name.strip() for name, text in zip(parts[1::2], parts[2::2], strict=True) if "```cases\n" in text)


@pytest.mark.parametrize(("file", "name"), named(PYTHON), ids=lambda part: part.rpartition("/")[2])
def test_every_test_that_a_page_names_exists(file: str, name: str) -> None:
    assert (ROOT / file).is_file()
    assert not name or name in functions_of(file)


@pytest.mark.parametrize(("file", "rule"), named(CASES), ids=lambda part: part.rpartition("/")[2])
def test_every_file_of_cases_that_a_page_names_has_some_of_the_rule(file: str, rule: str) -> None:
    assert (ROOT / file).is_file()
    assert not rule or rule in rules_of(file)


def test_every_scenario_that_a_page_names_is_played() -> None:
    played = set(re.findall(r'Scenario\(\s*"([^"]+)"', (ROOT / "tests/clients/scenarios.py").read_text()))
    wanted = {match[1] for page in PAGES for match in SCENARIO.finditer(page.read_text())}
    assert wanted
    assert wanted <= played


def test_there_is_something_to_look_at() -> None:
    assert len(named(PYTHON)) > 150
    assert len(named(CASES)) > 10

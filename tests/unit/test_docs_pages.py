"""The pages as a whole: the index has each of them, the layers are those that are enforced, what they name is there."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("packaging/**/*.md")])
SOURCE = re.compile(r"`((?:[\w.-]+/)+\w+\.(?:py|c|h|lark))`")
# One that is escaped is text.
BAR = re.compile(r"(?<!\\)\|")
# Paths are told from the root, as a stage's file (`policy/build.py`), or from where the page stands.
PLACES = (ROOT, ROOT / "daemon/security_hooks")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_source_file_that_a_page_names_exists(page: Path) -> None:
    named = set(SOURCE.findall(page.read_text()))
    assert [name for name in sorted(named) if not any((place / name).is_file() for place in PLACES)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_rows_have_as_many_cells_as_their_table(page: Path) -> None:
    # A block of code may hold anything, tables of other things included.
    prose = re.sub(r"^(`{3,})[^\n]*\n.*?^\1$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    uneven = []
    for table in re.findall(r"(?:^\|.*\n?)+", prose, re.MULTILINE):
        rows = table.splitlines()
        uneven += [row for row in rows if len(BAR.findall(row)) != len(BAR.findall(rows[0]))]
    assert uneven == []


def test_the_index_has_every_page_once() -> None:
    linked = re.findall(r"\]\(([\w./-]+\.md)\)", (DOCS / "README.md").read_text())
    pages = [str(page.relative_to(DOCS)) for page in sorted(DOCS.rglob("*.md")) if page != DOCS / "README.md"]
    assert sorted(link for link in linked if not link.startswith("..")) == pages


def test_the_index_calls_each_decision_by_its_own_title() -> None:
    told = dict(re.findall(r"\[(.+)\]\((decisions/.+)\)", (DOCS / "README.md").read_text()))
    titles = {
        f"decisions/{page.name}": re.sub(r"^# *\d+[:.] *", "", page.read_text().partition("\n")[0])
        for page in DOCS.glob("decisions/*.md")
    }
    assert {file: title for title, file in told.items()} == titles


def test_the_stages_are_told_as_they_are_enforced() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    assert "\n```\n" + "\n".join(layers) + "\n```\n" in (DOCS / "architecture.md").read_text()

"""`security-hooks docs`: the pages in the repository are those that it writes."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from security_hooks.cli import main
from security_hooks.cli.command import Exit
from security_hooks.cli.docs import configuration_page, pages, shipped_sources
from security_hooks.model.failure import StartupError

DOCS = Path(__file__).parents[3] / "docs"
NAMES = ("audit-range.schema.json", "clauses.md", "commands.md", "lists.md", "predicates.md", "rules.md")


@pytest.fixture(scope="module")
def made() -> Mapping[str, str]:
    return {name: render() for name, render in pages(shipped_sources()).items()}


@pytest.mark.parametrize("name", NAMES)
def test_the_page_is_up_to_date(name: str, made: Mapping[str, str]) -> None:
    assert (DOCS / name).read_text() == made[name], "write it again: .ci/reference"


def test_no_page_is_left_out(made: Mapping[str, str]) -> None:
    assert set(made) == set(NAMES)


def test_pages_are_written_and_then_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["docs", "--out", str(tmp_path)]
    assert main.main([*words, "--check"]) == Exit.NO
    assert "rules.md is stale" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []
    assert main.main(words) == Exit.OK
    capsys.readouterr()
    assert {path.name for path in tmp_path.iterdir()} == set(NAMES)
    (tmp_path / "lists.md").write_text("stale\n")
    assert main.main([*words, "--check", "--json"]) == Exit.NO
    assert json.loads(capsys.readouterr().out) == {"pages": ["lists.md"], "written": False}
    assert main.main(words) == Exit.OK
    assert main.main([*words, "--check"]) == Exit.OK


def test_of_the_configuration_only_the_reference_is_written() -> None:
    sources = shipped_sources()
    before = (DOCS / "configuration.md").read_text()
    assert configuration_page(before, sources) == before
    assert configuration_page(before + "stale\n", sources) == before
    with pytest.raises(StartupError, match="does not have the line"):
        configuration_page("# Configuration\n", sources)


def test_a_directory_that_is_none_is_refused(tmp_path: Path) -> None:
    assert main.main(["docs", "--out", str(tmp_path / "none")]) == Exit.USAGE

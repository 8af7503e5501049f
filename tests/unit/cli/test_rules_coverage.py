"""`security-hooks rules coverage`, in this process."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from security_hooks.cli.command import Exit

Rules = Callable[..., int]
RULE = 'block "gone"\n  match command("aa", "bb") or command("cc")\n  unless with_flags("-n")\n  example stop "aa x"\n'


@pytest.fixture
def file(config: Path) -> Path:
    path = config / "rules/u.rules"
    path.write_text(RULE)
    return path


def test_conditions_that_nobody_tried_are_named_with_their_place(
    config: Path, file: Path, rules: Rules, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rules(config, "coverage", str(file)) == Exit.OK
    *rows, summary = capsys.readouterr().out.splitlines()
    assert [row.split() for row in rows] == [
        [f"{file}:2:32", "gone", "never", "match", 'command("cc")'],
        [f"{file}:3:10", "gone", "never", "unless", 'with_flags("-n")'],
    ]
    assert summary == "2 of 4 rules and conditions are exercised, 50.0 %"


def test_cases_count_and_all_shows_how_often(
    config: Path, file: Path, rules: Rules, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "c.md").write_text("# gone\n```cases\ndeny cc\nask aa -n\ndeny aa y\n```\n")
    assert rules(config, "coverage", "--all", "--fail-under", "100", str(file), str(tmp_path / "c.md")) == Exit.OK
    rows = [line.split()[1:3] for line in capsys.readouterr().out.splitlines()[:-1]]
    assert rows == [["gone", "3x"], ["gone", "3x"], ["gone", "1x"], ["gone", "1x"]]


def test_too_little_is_a_no(config: Path, file: Path, rules: Rules, capsys: pytest.CaptureFixture[str]) -> None:
    assert rules(config, "coverage", "--fail-under", "51", str(file)) == Exit.NO
    assert rules(config, "coverage", "--fail-under", "50", "--json", str(file)) == Exit.OK
    report = json.loads(capsys.readouterr().out.partition("\n{")[2].join(("{", "")))
    assert (report["exercised"], report["percent"], len(report["rows"])) == (2, 50.0, 4)
    assert report["rows"][0] == {
        "rule": "gone",
        "file": str(file),
        "line": 1,
        "column": 1,
        "clause": "block",
        "condition": "",
        "times": 1,
    }


def test_without_paths_all_rules_are_looked_at(config: Path, rules: Rules, capsys: pytest.CaptureFixture[str]) -> None:
    assert rules(config, "coverage", "--all") == Exit.OK
    names = {line.split()[1] for line in capsys.readouterr().out.splitlines()[:-1]}
    assert {"mine", "critical-deletion"} <= names

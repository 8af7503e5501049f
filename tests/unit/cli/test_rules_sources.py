"""Which rule files and case files a person's paths mean."""

from pathlib import Path

import pytest

from security_hooks.cli.rules_sources import read_cases, split_paths
from security_hooks.model.diagnostic import PolicyError


def test_paths_are_rule_files_and_case_files(tmp_path: Path) -> None:
    for name in ("a.rules", "b.md", "c.txt", "d.rules"):
        (tmp_path / name).write_text("")
    rules, cases = split_paths([tmp_path, tmp_path / "c.txt", tmp_path / "d.rules"])
    assert [path.name for path in rules] == ["a.rules", "d.rules", "d.rules"]
    assert [(path.name, named) for path, named in cases] == [("c.txt", True), ("b.md", False)]


def test_a_file_that_is_named_must_hold_cases(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("Prose.\n")
    assert read_cases([(tmp_path / "README.md", False)]) == []
    with pytest.raises(PolicyError, match="holds no cases"):
        read_cases([(tmp_path / "README.md", True)])

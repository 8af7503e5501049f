"""`security-hooks rules test`, in this process."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from security_hooks.cli.command import Exit
from security_hooks.model.diagnostic import PolicyError

Rules = Callable[..., int]
RULE = 'block "mine"\n  match command("frob")\n  nudge "no"\n  tags "t"\n  example stop "frob"\n  example pass "ls"\n'


def test_test_runs_examples_and_case_files(
    config: Path, rules: Rules, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert rules(config, "test") == Exit.OK
    assert "0 failures" in capsys.readouterr().out
    (tmp_path / "c.md").write_text("# mine\n```cases\ndeny frob x\nallow ls\n```\n")
    assert rules(config, "test", str(tmp_path / "c.md")) == Exit.OK
    assert " 2 cases, 0 failures" in capsys.readouterr().out
    (tmp_path / "c.md").write_text("# mine\n```cases\ndeny ls\n```\n")
    assert rules(config, "test", "--json", str(tmp_path / "c.md")) == Exit.NO
    (failure,) = json.loads(capsys.readouterr().out)["failures"]
    assert (failure["line"], failure["message"]) == (3, "`ls`: allow, not deny")


def test_a_failing_example_is_a_no_and_a_broken_rule_an_error(
    config: Path, rules: Rules, capsys: pytest.CaptureFixture[str]
) -> None:
    (config / "rules/u.rules").write_text(RULE.replace('stop "frob"', 'stop "ls -l"'))
    assert rules(config, "test") == Exit.NO
    assert "failed-example" in capsys.readouterr().out
    (config / "rules/u.rules").write_text("block\n")
    with pytest.raises(PolicyError):
        rules(config, "test")


def test_a_case_file_that_is_none_is_an_error(config: Path, rules: Rules, tmp_path: Path) -> None:
    (tmp_path / "c.md").write_text("```cases\nnonsense\n```\n")
    with pytest.raises(PolicyError):
        rules(config, "test", str(tmp_path / "c.md"))


def test_cases_are_judged_with_the_catalogue_in_force(
    config: Path, rules: Rules, capsys: pytest.CaptureFixture[str]
) -> None:
    (config / "catalogue").mkdir()
    (config / "catalogue/a.toml").write_text('schema = 2\n[command.qq]\noperands = ["delete:FILE"]\n')
    (config / "rules/v.rules").write_text('block "gone"\n  match deletes("/data/**")\n  example stop "qq /data/x"\n')
    (config.parent / "c.md").write_text("# gone\n```cases\ndeny qq /data/x\n```\n")
    assert rules(config, "test", str(config.parent / "c.md")) == Exit.OK

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
    (tmp_path / "c.md").write_text("# mine\n```cases\ndeny frob x\nallow mkdir x\n```\n")
    assert rules(config, "test", str(tmp_path / "c.md")) == Exit.OK
    assert " 2 cases, 0 failures" in capsys.readouterr().out
    (tmp_path / "c.md").write_text("# mine\n```cases\ndeny mkdir x\n```\n")
    assert rules(config, "test", "--json", str(tmp_path / "c.md")) == Exit.NO
    (failure,) = json.loads(capsys.readouterr().out)["failures"]
    assert (failure["line"], failure["message"]) == (3, "`mkdir x`: allow, not deny")


def test_a_failing_example_is_a_no_and_a_broken_rule_an_error(
    config: Path, rules: Rules, capsys: pytest.CaptureFixture[str]
) -> None:
    (config / "rules/u.rules").write_text(RULE.replace('stop "frob"', 'stop "mkdir x"'))
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


def test_a_failure_says_what_was_expected_what_came_and_who_spoke(
    config: Path, rules: Rules, capsys: pytest.CaptureFixture[str]
) -> None:
    (config / "rules/u.rules").write_text(RULE.replace('stop "frob"', 'stop "mkdir x"') + '  example stop "frob x"\n')
    (config.parent / "c.md").write_text("# mine\n```cases\nask frob x\n```\n")
    assert rules(config, "test", str(config / "rules"), str(config.parent / "c.md")) == Exit.NO
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{config}/rules/u.rules:5:1: `mine` does not match its example `stop` of `mkdir x`")
    assert lines[1:4] == ["  expected  mine matches", "  found     mine does not match", "  spoke     no rule"]
    assert lines[4].startswith(f"{config.parent}/c.md:3:1: `frob x`: deny by `mine`")
    assert lines[5:8] == [
        "  expected  ask by mine",
        "  found     deny",
        "  spoke     block mine, suspicious unknown-executable",
    ]
    assert lines[8] == "3 examples, 1 cases, 2 failures"


def test_json_of_a_failure_holds_the_same(config: Path, rules: Rules, capsys: pytest.CaptureFixture[str]) -> None:
    (config / "rules/u.rules").write_text(RULE.replace('pass "ls"', 'pass "frob x"'))
    assert rules(config, "test", "--json", str(config / "rules/u.rules")) == Exit.NO
    report = json.loads(capsys.readouterr().out)
    (failure,) = report["failures"]
    assert report["examples"] == 2
    assert (failure["line"], failure["command"]) == (6, "frob x")
    assert (failure["expected"], failure["found"]) == ("mine does not match", "mine matches")
    assert failure["spoken"] == ["block mine", "suspicious unknown-executable"]


def test_rule_files_from_elsewhere_are_tried_with_the_policy(
    config: Path, rules: Rules, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "draft.rules").write_text('block "draft"\n  match command("qq")\n  example stop "qq"\n')
    assert rules(config, "test", str(tmp_path / "draft.rules")) == Exit.OK
    assert capsys.readouterr().out == "1 examples, 0 cases, 0 failures\n"
    (tmp_path / "draft.rules").write_text('block "draft"\n  match command("qq")\n  example stop "ls"\n')
    assert rules(config, "test", str(tmp_path / "draft.rules")) == Exit.NO

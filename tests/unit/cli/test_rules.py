"""`security-hooks rules list|lint|test`, in this process."""

import argparse
import json
from pathlib import Path

import pytest

from security_hooks.cli.command import Exit
from security_hooks.cli.rules import COMMAND
from security_hooks.model.diagnostic import PolicyError

RULE = 'block "mine"\n  match command("frob")\n  nudge "no"\n  tags "t"\n  example stop "frob"\n  example pass "ls"\n'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "config/rules").mkdir(parents=True)
    (tmp_path / "config/rules/u.rules").write_text(RULE)
    return tmp_path / "config"


def run(config: Path, *words: str) -> int:
    parser = argparse.ArgumentParser()
    COMMAND.add_arguments(parser)
    places = ["--config-dir", str(config), "--state-dir", str(config.parent / "state")]
    arguments = parser.parse_args([words[0], *places, *words[1:]])
    return COMMAND.run(arguments)


def test_list_prints_every_rule_with_its_place(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (config / "config.toml").write_text('[rules]\ndisabled = ["mine"]\n')
    assert run(config, "list") == Exit.OK
    lines = capsys.readouterr().out.splitlines()
    (line,) = [line for line in lines if line.startswith("mine ")]
    assert line.split() == ["mine", "block", f"{config}/rules/u.rules:1", "user", "off", "t"]
    assert any(line.split()[:3] == ["fork-bomb", "block", "rules/machine.rules:4"] for line in lines)


def test_list_as_json_and_rules_switched_off_where_they_stand(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (config / "rules/v.rules").write_text('watch "later"\n  match xyz\n  enabled false\n')
    assert run(config, "list", "--json") == Exit.OK
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["later"] == {
        "name": "later",
        "tier": "watch",
        "file": f"{config}/rules/v.rules",
        "line": 1,
        "layer": "user",
        "enabled": False,
        "tags": [],
    }
    assert rows["mine"]["enabled"] is True


def test_list_knows_the_rules_of_a_project(config: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "p/.security-hooks/rules").mkdir(parents=True)
    (tmp_path / "p/.security-hooks/rules/p.rules").write_text('block "ours"\n  match xyz\nallow "lax"\n  match ^x$\n')
    assert run(config, "list", "--json", "--project", str(tmp_path / "p")) == Exit.OK
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert (rows["ours"]["layer"], rows["ours"]["enabled"], rows["lax"]["enabled"]) == ("project", True, False)


def test_lint_is_silent_about_the_shipped_rules(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path / "none", "lint", "--strict") == Exit.OK
    assert capsys.readouterr().out == ""


def test_lint_tells_errors_with_their_place(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (config / "rules/v.rules").write_text('block "v"\n  match comand("rm")\n')
    assert run(config, "lint") == Exit.POLICY
    out = capsys.readouterr().out
    assert out.startswith(f"error: {config}/rules/v.rules:2:9: ")
    assert "`command`" in out


def test_warnings_are_a_no_only_if_strict(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (config / "rules/u.rules").write_text('block "u"\n  match command("frob")\n')
    assert run(config, "lint") == Exit.OK
    assert "no-nudge" in capsys.readouterr().out
    assert run(config, "lint", "--strict") == Exit.NO
    capsys.readouterr()
    assert run(config, "lint", "--json") == Exit.OK
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["code"], row["level"], row["line"]) == ("no-nudge", "warning", 1)


def test_lint_of_one_path_is_about_that_path(config: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (config / "rules/u.rules").write_text('block "u"\n  match command("frob")\n')
    (tmp_path / "draft.rules").write_text('block "draft"\n  match command("frob2")\n  nudge "no"\n')
    assert run(config, "lint", "--strict", str(tmp_path / "draft.rules")) == Exit.OK
    assert run(config, "lint", "--strict", str(config / "rules")) == Exit.NO
    assert "`u`" in capsys.readouterr().out


def test_lint_refuses_a_path_that_cannot_be_read(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(config, "lint", str(config / "nowhere.rules")) == Exit.POLICY
    assert "nowhere.rules" in capsys.readouterr().out


def test_test_runs_examples_and_case_files(config: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(config, "test") == Exit.OK
    assert "0 failures" in capsys.readouterr().out
    (tmp_path / "c.md").write_text("# mine\n```cases\ndeny frob x\nallow ls\n```\n")
    assert run(config, "test", str(tmp_path / "c.md")) == Exit.OK
    assert " 2 cases, 0 failures" in capsys.readouterr().out
    (tmp_path / "c.md").write_text("# mine\n```cases\ndeny ls\n```\n")
    assert run(config, "test", "--json", str(tmp_path / "c.md")) == Exit.NO
    (failure,) = json.loads(capsys.readouterr().out)["failures"]
    assert (failure["line"], failure["message"]) == (3, "`ls`: allow, not deny")


def test_a_failing_example_is_a_no_and_a_broken_rule_an_error(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (config / "rules/u.rules").write_text(RULE.replace('stop "frob"', 'stop "ls -l"'))
    assert run(config, "test") == Exit.NO
    assert "failed-example" in capsys.readouterr().out
    (config / "rules/u.rules").write_text("block\n")
    with pytest.raises(PolicyError):
        run(config, "test")


def test_a_case_file_that_is_none_is_an_error(config: Path, tmp_path: Path) -> None:
    (tmp_path / "c.md").write_text("```cases\nnonsense\n```\n")
    with pytest.raises(PolicyError):
        run(config, "test", str(tmp_path / "c.md"))


def test_lint_tells_which_shipped_commands_are_replaced(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (config / "catalogue").mkdir()
    (config / "catalogue/a.toml").write_text("schema = 2\n[command.rm]\n")
    assert run(config, "lint") == Exit.OK
    assert "the entry for `rm` replaces the shipped one, whole" in capsys.readouterr().out
    (config / "catalogue/a.toml").write_text("schema = 2\n[command.rm]\nstops = 1\n")
    assert run(config, "lint") == Exit.POLICY
    assert f"error: {config}/catalogue/a.toml:3:1: `stops` is neither" in capsys.readouterr().out


def test_cases_are_judged_with_the_catalogue_in_force(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (config / "catalogue").mkdir()
    (config / "catalogue/a.toml").write_text('schema = 2\n[command.qq]\noperands = ["delete:FILE"]\n')
    (config / "rules/v.rules").write_text('block "gone"\n  match deletes("/data/**")\n  example stop "qq /data/x"\n')
    (config.parent / "c.md").write_text("# gone\n```cases\ndeny qq /data/x\n```\n")
    assert run(config, "test", str(config.parent / "c.md")) == Exit.OK

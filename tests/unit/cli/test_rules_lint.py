"""`security-hooks rules lint`, in this process."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from security_hooks.cli.command import Exit

Rules = Callable[..., int]


def test_lint_is_silent_about_the_shipped_rules(
    tmp_path: Path, rules: Rules, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rules(tmp_path / "none", "lint", "--strict") == Exit.OK
    assert capsys.readouterr().out == ""


def test_lint_tells_errors_with_their_place(config: Path, rules: Rules, capsys: pytest.CaptureFixture[str]) -> None:
    (config / "rules/v.rules").write_text('block "v"\n  match comand("rm")\n')
    assert rules(config, "lint") == Exit.POLICY
    out = capsys.readouterr().out
    assert out.startswith(f"error: {config}/rules/v.rules:2:9: ")
    assert "`command`" in out


def test_warnings_are_a_no_only_if_strict(config: Path, rules: Rules, capsys: pytest.CaptureFixture[str]) -> None:
    (config / "rules/u.rules").write_text('block "u"\n  match command("frob")\n')
    assert rules(config, "lint") == Exit.OK
    assert "no-nudge" in capsys.readouterr().out
    assert rules(config, "lint", "--strict") == Exit.NO
    capsys.readouterr()
    assert rules(config, "lint", "--json") == Exit.OK
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["code"], row["level"], row["line"]) == ("no-nudge", "warning", 1)


def test_lint_of_one_path_is_about_that_path(
    config: Path, rules: Rules, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (config / "rules/u.rules").write_text('block "u"\n  match command("frob")\n')
    (tmp_path / "draft.rules").write_text('block "draft"\n  match command("frob2")\n  nudge "no"\n')
    assert rules(config, "lint", "--strict", str(tmp_path / "draft.rules")) == Exit.OK
    assert rules(config, "lint", "--strict", str(config / "rules")) == Exit.NO
    assert "`u`" in capsys.readouterr().out


def test_lint_refuses_a_path_that_cannot_be_read(
    config: Path, rules: Rules, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rules(config, "lint", str(config / "nowhere.rules")) == Exit.POLICY
    assert "nowhere.rules" in capsys.readouterr().out


def test_lint_tells_which_shipped_commands_are_replaced(
    config: Path, rules: Rules, capsys: pytest.CaptureFixture[str]
) -> None:
    (config / "catalogue").mkdir()
    (config / "catalogue/a.toml").write_text("schema = 2\n[command.rm]\n")
    assert rules(config, "lint") == Exit.OK
    assert "the entry for `rm` replaces the shipped one, whole" in capsys.readouterr().out
    (config / "catalogue/a.toml").write_text("schema = 2\n[command.rm]\nstops = 1\n")
    assert rules(config, "lint") == Exit.POLICY
    assert f"error: {config}/catalogue/a.toml:3:1: `stops` is neither" in capsys.readouterr().out

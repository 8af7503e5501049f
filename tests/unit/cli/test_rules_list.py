"""`security-hooks rules list`, in this process."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from security_hooks.cli.command import Exit

Rules = Callable[..., int]


def test_list_prints_every_rule_with_its_place(config: Path, rules: Rules, capsys: pytest.CaptureFixture[str]) -> None:
    (config / "config.toml").write_text('[rules]\ndisabled = ["mine"]\n')
    assert rules(config, "list") == Exit.OK
    lines = capsys.readouterr().out.splitlines()
    (line,) = [line for line in lines if line.startswith("mine ")]
    assert line.split() == ["mine", "block", f"{config}/rules/u.rules:1", "user", "off", "t"]
    assert any(line.split()[:3] == ["fork-bomb", "block", "rules/machine.rules:4"] for line in lines)


def test_list_as_json_and_rules_switched_off_where_they_stand(
    config: Path, rules: Rules, capsys: pytest.CaptureFixture[str]
) -> None:
    (config / "rules/v.rules").write_text('watch "later"\n  match xyz\n  enabled false\n')
    assert rules(config, "list", "--json") == Exit.OK
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


def test_list_knows_the_rules_of_a_project(
    config: Path, rules: Rules, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "p/.security-hooks/rules").mkdir(parents=True)
    (tmp_path / "p/.security-hooks/rules/p.rules").write_text('block "ours"\n  match xyz\nallow "lax"\n  match ^x$\n')
    assert rules(config, "list", "--json", "--project", str(tmp_path / "p")) == Exit.OK
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert (rows["ours"]["layer"], rows["ours"]["enabled"], rows["lax"]["enabled"]) == ("project", True, False)

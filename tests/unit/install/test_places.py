from pathlib import Path

import pytest

from security_hooks.install.places import Machine, machine
from security_hooks.wiring.report import Role
from security_hooks.wiring.table import CLIENTS

HOME = Path("/home/dev")


def test_a_persons_variables_move_a_persons_settings_but_not_those_below_a_root(tmp_path: Path) -> None:
    told = {"CLAUDE_CONFIG_DIR": "/c", "CODEX_HOME": "/x", "GEMINI_CLI_HOME": "relative"}
    here = machine(None, HOME, told)
    assert (here.claude, here.codex, here.gemini) == (Path("/c"), Path("/x"), HOME / ".gemini")
    there = machine(tmp_path, HOME, told)
    assert (there.claude, there.codex) == (HOME / ".claude", HOME / ".codex")
    assert there.on_disk(there.claude) == tmp_path / "home/dev/.claude"
    assert here.on_disk(here.claude) == Path("/c")


@pytest.mark.parametrize("client", [client.name for client in CLIENTS])
def test_a_project_counts_unless_it_is_the_home(client: str, place: Machine) -> None:
    assert Role.PROJECT not in {role for role, _ in place.settings(client, HOME)}
    assert Role.PROJECT in {role for role, _ in place.settings(client, HOME / "project")}


def test_claude_code_started_in_the_home_has_local_settings_there(place: Machine) -> None:
    local = (Role.LOCAL, HOME / ".claude/settings.local.json")
    assert local in place.settings("claude-code", HOME)
    assert local not in place.settings("claude-code", None)


def test_every_file_of_managed_settings_counts(place: Machine, tmp_path: Path) -> None:
    folder = tmp_path / "etc/claude-code/managed-settings.d"
    folder.mkdir(parents=True)
    for name in ("b.json", "a.json", "c.txt"):
        (folder / name).touch()
    managed = [path.name for role, path in place.settings("claude-code", None) if role is Role.MANAGED]
    assert managed == ["managed-settings.json", "a.json", "b.json"]


def test_another_system_has_its_managed_settings_elsewhere() -> None:
    darwin = Machine(None, HOME, HOME, HOME, HOME, is_darwin=True)
    assert str(darwin.claude_managed()).startswith("/Library/")
    assert str(darwin.gemini_managed()).startswith("/Library/")

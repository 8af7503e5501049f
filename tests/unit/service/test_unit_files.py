from pathlib import Path

import pytest

from security_hooks.model.failure import StartupError
from security_hooks.service.unit_files import (
    Manager,
    Person,
    Scope,
    UnitFile,
    remove,
    start_commands,
    stop_commands,
    unit_files,
    write,
)
from security_hooks.service.units import Installation

PERSON = Person(Path("/home/u"), Path("/home/u/.config"), 7, Path("/home/u/s"))
PROGRAM = Installation(Path("/p"))


@pytest.mark.parametrize(
    ("manager", "scope", "paths"),
    [
        (
            Manager.SYSTEMD,
            Scope.USER,
            ["home/u/.config/systemd/user/security-hooks.socket", "home/u/.config/systemd/user/security-hooks.service"],
        ),
        (
            Manager.SYSTEMD,
            Scope.ALL_USERS,
            ["etc/systemd/user/security-hooks.socket", "etc/systemd/user/security-hooks.service"],
        ),
        (Manager.LAUNCHD, Scope.USER, ["home/u/Library/LaunchAgents/security-hooks.plist"]),
    ],
)
def test_each_file_is_below_the_root(manager: Manager, scope: Scope, paths: list[str], tmp_path: Path) -> None:
    files = unit_files(manager, scope, PERSON, PROGRAM, tmp_path)
    assert [str(file.path.relative_to(tmp_path)) for file in files] == paths


def test_launchd_has_no_file_for_all_users() -> None:
    with pytest.raises(StartupError, match="--user"):
        unit_files(Manager.LAUNCHD, Scope.ALL_USERS, PERSON, PROGRAM, Path("/"))


def words(manager: Manager, scope: Scope, changed: list[UnitFile]) -> list[str]:
    return [str(command) for command in start_commands(manager, scope, PERSON, changed)]


def test_a_socket_that_stays_the_same_is_not_restarted() -> None:
    files = unit_files(Manager.SYSTEMD, Scope.USER, PERSON, PROGRAM, Path("/"))
    assert words(Manager.SYSTEMD, Scope.USER, list(files)) == [
        "systemctl --user daemon-reload",
        "systemctl --user enable security-hooks.socket security-hooks.service",
        "systemctl --user restart security-hooks.socket security-hooks.service",
    ]
    assert words(Manager.SYSTEMD, Scope.USER, [files[1]])[-1] == "systemctl --user restart security-hooks.service"


def test_what_is_for_all_users_is_started_by_each() -> None:
    enabled = "systemctl --global enable security-hooks.socket security-hooks.service"
    assert words(Manager.SYSTEMD, Scope.ALL_USERS, []) == [enabled]


def test_launchd_forgets_the_agent_before_it_reads_it_again() -> None:
    commands = list(start_commands(Manager.LAUNCHD, Scope.USER, PERSON, []))
    assert [(str(command), command.may_fail) for command in commands] == [
        ("launchctl bootout gui/7/security-hooks", True),
        ("launchctl bootstrap gui/7 /home/u/Library/LaunchAgents/security-hooks.plist", False),
    ]


@pytest.mark.parametrize(
    ("manager", "scope", "command"),
    [
        (Manager.SYSTEMD, Scope.USER, "systemctl --user disable --now security-hooks.socket security-hooks.service"),
        (Manager.SYSTEMD, Scope.ALL_USERS, "systemctl --global disable security-hooks.socket security-hooks.service"),
        (Manager.LAUNCHD, Scope.USER, "launchctl bootout gui/7/security-hooks"),
    ],
)
def test_what_was_started_is_stopped(manager: Manager, scope: Scope, command: str) -> None:
    assert [str(given) for given in stop_commands(manager, scope, PERSON)] == [command]


def test_a_file_is_written_whole_and_compared_and_removed(tmp_path: Path) -> None:
    file = UnitFile(tmp_path / "a/b/unit", b"one\ntwo\n")
    assert file.present() is None
    write(file)
    assert file.present() == file.content
    assert file.diff(file.content) == ""
    assert "-two\n+three\n" in file.diff(b"one\nthree\n")
    assert [path.name for path in file.path.parent.iterdir()] == ["unit"]
    remove(file)
    remove(file)
    assert file.present() is None


def test_what_cannot_be_read_written_or_removed_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "d/unit").mkdir(parents=True)
    file = UnitFile(tmp_path / "d/unit", b"")
    for act in (file.present, lambda: write(file), lambda: remove(file)):
        with pytest.raises(StartupError, match="cannot"):
            act()
    assert [path.name for path in file.path.parent.iterdir()] == ["unit"]

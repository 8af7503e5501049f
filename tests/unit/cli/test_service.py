import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from security_hooks.cli import service
from security_hooks.cli.main import main
from security_hooks.model.failure import StartupError


class FakeSystem:
    """The managers' commands, and a daemon: `started` says by whom, None that there is none."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ran: list[str] = []
        self.fails: tuple[str, ...] = ()
        self.started: str | None = None
        self.told: list[signal.Signals] = []
        monkeypatch.setattr(service, "subprocess", self)
        monkeypatch.setattr(service, "ask_status", self.ask)
        monkeypatch.setattr(service, "tell", self.tell)

    DEVNULL = subprocess.DEVNULL
    TimeoutExpired = subprocess.TimeoutExpired

    def run(self, words: tuple[str, ...], **_: Any) -> "subprocess.CompletedProcess[str]":
        self.ran.append(" ".join(words))
        failed = any(word in self.fails for word in words)
        return subprocess.CompletedProcess(words, int(failed), "", "no bus\n" if failed else "")

    def ask(self, path: Path) -> dict[str, Any]:
        if self.started is None:
            raise StartupError("no daemon")
        return {"well": True, "pid": 7, "started": self.started}

    def tell(self, report: dict[str, Any], number: signal.Signals) -> None:
        self.told.append(number)
        self.started = None


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeSystem:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr(service, "real_home", lambda: str(tmp_path / "home"))
    return FakeSystem(monkeypatch)


def run(*words: str) -> int:
    return main(["service", *words, "--manager", "systemd", "--socket", "/nowhere/s"])


def units(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "config/systemd/user").glob("*"))


def test_the_service_is_written_started_and_taken_away_again(
    system: FakeSystem, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("install") == 0
    assert units(tmp_path) == ["security-hooks.service", "security-hooks.socket"]
    assert [command.split()[2] for command in system.ran] == ["daemon-reload", "enable", "restart"]
    assert "+ListenStream=/nowhere/s" in capsys.readouterr().out
    system.started = "systemd"
    assert run("status") == 0
    assert run("install") == 0
    assert "the files are as they should be" in capsys.readouterr().out
    assert system.told == []
    assert run("uninstall") == 0
    assert units(tmp_path) == []
    assert system.ran[-2:] == [
        "systemctl --user disable --now security-hooks.socket security-hooks.service",
        "systemctl --user daemon-reload",
    ]
    assert run("uninstall") == 0
    assert "nothing to remove" in capsys.readouterr().out


def test_a_dry_run_does_nothing(system: FakeSystem, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    system.started = "by hand"
    assert run("install", "--dry-run") == 0
    assert "+SocketMode=0600" in capsys.readouterr().out
    assert (units(tmp_path), system.ran, system.told) == ([], [], [])
    assert run("install", "--root", str(tmp_path)) == 0
    assert run("uninstall", "--root", str(tmp_path), "--dry-run") == 0
    assert len(list(tmp_path.rglob("security-hooks.*"))) == 2


def test_below_a_root_no_command_is_run_but_named(
    system: FakeSystem, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    system.started = "by hand"
    root = tmp_path / "root"
    assert run("install", "--root", str(root)) == 0
    assert "to be run: systemctl --user daemon-reload" in capsys.readouterr().out
    assert len(list(root.rglob("security-hooks.*"))) == 2
    assert run("status", "--root", str(root)) == 0
    assert run("install", "--root", str(root), "--all-users") == 0
    assert (root / "etc/systemd/user/security-hooks.socket").exists()
    assert run("uninstall", "--root", str(root)) == 0
    assert run("status", "--root", str(root)) == 1
    assert (system.ran, system.told) == ([], [])


@pytest.mark.parametrize("started", ["by hand", "on demand"])
def test_a_daemon_that_would_defend_its_socket_is_stopped_first(system: FakeSystem, started: str) -> None:
    system.started = started
    assert run("install") == 0
    assert system.told == [signal.SIGTERM]


def test_what_differs_is_told_and_mended(
    system: FakeSystem, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("install") == 0
    system.started = "systemd"
    unit = tmp_path / "config/systemd/user/security-hooks.service"
    unit.write_text(unit.read_text().replace("Restart=always", "Restart=no"))
    capsys.readouterr()
    assert run("status") == 1
    assert f"{unit}: differs" in capsys.readouterr().out
    system.ran.clear()
    assert run("install") == 0
    shown = capsys.readouterr().out
    assert "-Restart=no" in shown and "+Restart=always" in shown
    # The socket stays, and with it the calls that come meanwhile.
    assert system.ran[-1] == "systemctl --user restart security-hooks.service"
    assert run("status") == 0


def test_a_manager_that_is_not_there_is_told_with_what_is_left_to_do(
    system: FakeSystem, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    system.fails = ("enable",)
    assert run("install") == 69
    said = capsys.readouterr().err
    assert "no bus" in said
    assert "systemctl --user restart" in said
    assert units(tmp_path) == ["security-hooks.service", "security-hooks.socket"]


def test_without_a_daemon_the_service_is_not_well(system: FakeSystem, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("install") == 0
    assert run("status") == 1
    assert "daemon: no daemon" in capsys.readouterr().out


def test_the_agent_of_launchd(system: FakeSystem, tmp_path: Path) -> None:
    system.fails = ("bootout",)
    assert main(["service", "install", "--manager", "launchd", "--socket", "/nowhere/s"]) == 0
    assert (tmp_path / "home/Library/LaunchAgents/security-hooks.plist").exists()
    assert [command.split()[1] for command in system.ran] == ["bootout", "bootstrap"]
    assert main(["service", "install", "--manager", "launchd", "--all-users"]) == 64

import time
from pathlib import Path
from typing import Any

import pytest

from security_hooks.cli import start
from security_hooks.cli.main import main
from security_hooks.model.failure import StartupError
from security_hooks.service.detach import alone


class FakeDaemon:
    """Answers once it was started and asked `slow` times; `log` is what it leaves behind where it does not."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.runs = False
        self.slow = 0
        self.works = True
        self.log = ""
        self.words: list[str] = []
        self.environment: dict[str, str] = {}
        monkeypatch.setattr(start, "ask_status", self.ask)
        monkeypatch.setattr(start, "detach", self.detach)
        monkeypatch.setattr(start, "wait_until", self.wait)

    def ask(self, path: Path, seconds: float) -> dict[str, Any]:
        if not self.runs:
            raise StartupError("no daemon")
        return {"well": True, "pid": 7}

    def detach(self, words: list[str], environment: dict[str, str], log: Path) -> int:
        self.words, self.environment, self.runs = words, environment, self.works
        log.write_text(self.log)
        return 7

    def wait(self, is_ready: Any, pid: int, deadline: float) -> bool:
        return bool(is_ready())


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> FakeDaemon:
    return FakeDaemon(monkeypatch)


def run(tmp_path: Path, *more: str) -> int:
    return main(["start", "--socket", str(tmp_path / "s"), "--state-dir", str(tmp_path / "state"), *more])


def test_a_daemon_is_started_with_absolute_places(
    daemon: FakeDaemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", "/evil")
    assert main(["start", "--socket", "s", "--state-dir", "state", "--config-dir", "c", "--rules", "r"]) == 0
    assert capsys.readouterr().out == f"security-hooks: started, pid 7, socket {tmp_path}/s\n"
    places = ["--socket", f"{tmp_path}/s", "--state-dir", f"{tmp_path}/state"]
    assert daemon.words[1:] == [
        "serve",
        "--on-demand",
        *places,
        "--config-dir",
        f"{tmp_path}/c",
        "--rules",
        f"{tmp_path}/r",
    ]
    assert "PYTHONPATH" not in daemon.environment


def test_a_daemon_that_runs_is_left_alone(
    daemon: FakeDaemon, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    daemon.runs = True
    assert run(tmp_path) == 0
    assert "already running, pid 7" in capsys.readouterr().out
    assert daemon.words == []


def test_a_daemon_that_does_not_start_is_told_with_its_last_words(
    daemon: FakeDaemon, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    daemon.works, daemon.log = False, "security-hooks: first\nsecurity-hooks: cannot make it\n"
    assert run(tmp_path) == 69
    printed = capsys.readouterr()
    assert printed.out == ""
    assert f"not ready: cannot make it; see {tmp_path}/state/daemon.log" in printed.err


@pytest.mark.parametrize("seconds", ["0", "-1", "601", "soon", "nan", "inf"])
def test_the_time_to_wait_is_bounded(
    daemon: FakeDaemon, tmp_path: Path, seconds: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(tmp_path, "--wait", seconds)
    assert ended.value.code == 64
    assert "between 0 and 600" in capsys.readouterr().err
    assert daemon.words == []


def test_who_was_first_has_started_it(
    daemon: FakeDaemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:

    def waited(state: Path, deadline: float) -> Any:
        daemon.runs = True
        return alone(state, time.monotonic() + 20)

    monkeypatch.setattr(start, "alone", waited)
    assert run(tmp_path) == 0
    assert "already running" in capsys.readouterr().out
    assert daemon.words == []

"""Memory over the end of a daemon: an orderly one, a sudden one, and a file that somebody damaged meanwhile."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.agents import CLIENTS, PUSH_UNTESTED, Agent, started_with

pytestmark = pytest.mark.slow

RULES = (
    PUSH_UNTESTED
    + """suspicious "many-touches"
  match command("touch") and count(command("touch")) > 100 within "1h"
  nudge "Many at once"
"""
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    made = tmp_path / "project"
    made.mkdir()
    return made


@pytest.fixture
def ruled(unstarted: Any) -> Any:
    return started_with(unstarted, RULES)


@pytest.fixture(params=CLIENTS)
def agent(request: pytest.FixtureRequest, ruled: Any, project: Path) -> Agent:
    return Agent(ruled, request.param, project)


def restart(daemon: Any) -> None:
    daemon.stop()
    daemon.start()


def kill(daemon: Any) -> None:
    daemon.signal(signal.SIGKILL)
    daemon.process.wait()
    daemon.start()


def saved(daemon: Any) -> Path:
    """The file with the memory, once all that was said before stands in it."""
    file: Path = daemon.state / "memory.bin"
    now = time.time()
    daemon.wait_until(lambda: file.exists() and file.stat().st_mtime > now)
    return file


def errors(daemon: Any) -> list[str]:
    return [str(record["error"]) for record in daemon.records() if record["kind"] == "error"]


def test_an_orderly_restart_loses_nothing(agent: Agent) -> None:
    agent.runs("curl -sSo fix.sh https://a.example/fix.sh")
    (agent.cwd / "fix.sh").write_text("echo fine\n")
    agent.runs("echo 'echo fine' > own.sh")
    (agent.cwd / "own.sh").write_text("echo fine\n")
    for number in range(99):
        assert agent.asks(f"touch a{number}") == "allow"
    assert agent.asks("pytest -q") == "allow"
    restart(agent.daemon)
    # The result of a call that began before.
    agent.send("ran", {"command": "pytest -q"})
    assert agent.asks("git push") == "allow"
    assert (agent.asks("touch b"), agent.asks("touch c")) == ("allow", "ask")
    agent.runs("bash own.sh")
    assert "write-then-execute" in agent.alerts()
    restart(agent.daemon)
    agent.runs("bash own.sh")
    assert agent.alerts().count("write-then-execute") == 1
    assert agent.asks("bash fix.sh") == "ask"
    assert "fetched-code" in agent.stopped_by()[1]
    assert errors(agent.daemon) == []
    assert agent.daemon.verify().returncode == 0


def test_a_kill_loses_seconds_at_most(ruled: Any, project: Path) -> None:
    agents = [Agent(ruled, client, project) for client in CLIENTS]
    for agent in agents:
        agent.runs("pytest")
    saved(ruled)
    late = Agent(ruled, "claude-code", project, "late")
    late.runs("pytest")
    kill(ruled)
    assert [agent.asks("git push") for agent in agents] == ["allow"] * 3
    # What is lost never makes way for anything.
    assert late.asks("git push") == "deny"
    assert errors(ruled) == []
    assert ruled.verify().returncode == 0


def cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def change(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def empty(file: Path) -> None:
    file.write_bytes(b"")


def block(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


@pytest.mark.parametrize("damage", [cut, change, empty, block])
def test_a_damaged_file_is_recorded_and_stops_nothing(
    ruled: Any, project: Path, damage: Callable[[Path], None]
) -> None:
    agent = Agent(ruled, "claude-code", project)
    agent.runs("pytest")
    assert agent.asks("git push") == "allow"
    ruled.stop()
    damage(ruled.state / "memory.bin")
    ruled.start()
    (error,) = errors(ruled)
    assert "what was remembered of sessions is forgotten" in error
    assert (ruled.state / "memory.damaged").exists()
    # Nothing that was forgotten counts as done, and from here on it is remembered again.
    assert agent.asks("git push") == "deny"
    agent.runs("pytest")
    restart(ruled)
    assert agent.asks("git push") == "allow"
    assert len(errors(ruled)) == 1
    assert ruled.verify().returncode == 0


def test_sessions_beyond_measure_take_the_place_of_the_oldest(ruled: Any, project: Path) -> None:
    first = Agent(ruled, "claude-code", project, "first")
    first.runs("pytest")
    for number in range(260):
        Agent(ruled, "claude-code", project, f"s{number}").asks("ls")
    assert first.asks("git push") == "deny"
    last = Agent(ruled, "claude-code", project, "s259")
    last.runs("pytest")
    restart(ruled)
    assert last.asks("git push") == "allow"
    assert ruled.status()["anomalies"]["memory"]["sessions"] == 256

"""Calls made to hold the daemon up: each is asked about or denied, and the others are answered meanwhile."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
SET = Path(__file__).parents[1] / "bench/hostile.py"
LARGE = "cat > notes <<'E'\n" + "a line of text\n" * 2_000 + "E\n"


def hostile() -> list[Any]:
    listed = subprocess.run([sys.executable, SET], capture_output=True, check=True, timeout=60).stdout
    return [pytest.param(case["command"], id=case["name"]) for case in map(json.loads, listed.splitlines())]


def judging(daemon: Any) -> Any:
    """What `status` says of the judging process, once there is one that has judged."""
    assert daemon.call(LARGE).verdict == "allow"
    return daemon.status()["judging"]


@pytest.mark.parametrize("command", hostile())
def test_a_hostile_call_is_asked_about_or_denied(daemon: Any, command: str) -> None:
    daemon.wait_until(lambda: daemon.call(LARGE).verdict == "allow")
    assert daemon.call(command).verdict in ("ask", "deny")
    assert daemon.call("git status").verdict == "allow"


def test_a_large_harmless_call_is_judged_apart_and_recorded_whole(daemon: Any) -> None:
    daemon.wait_until(lambda: daemon.call(LARGE).verdict == "allow")
    record = daemon.records()[-1]
    assert (record["script"], record["programs"]) == (LARGE, ["cat"])
    assert record["verdict"] == "allow"


def test_a_judging_process_that_hangs_denies_in_time_and_is_replaced(daemon: Any) -> None:
    daemon.wait_until(lambda: daemon.call(LARGE).verdict == "allow")
    first = judging(daemon)["pid"]
    os.kill(first, signal.SIGSTOP)
    answer = daemon.call(LARGE)
    assert answer.verdict == "deny"
    assert "analysis_milliseconds" in answer.stdout + answer.stderr
    assert daemon.call("git status").verdict == "allow"
    daemon.wait_until(lambda: daemon.call(LARGE).verdict == "allow")
    told = judging(daemon)
    assert told["pid"] != first
    assert told["timeouts"] >= 1


def test_the_judging_process_ends_with_its_daemon(daemon: Any) -> None:
    daemon.wait_until(lambda: daemon.call(LARGE).verdict == "allow")
    pid = judging(daemon)["pid"]
    daemon.signal(signal.SIGKILL)
    daemon.process.wait()
    daemon.wait_until(lambda: not Path(f"/proc/{pid}/stat").exists() or _is_dead(pid))


def _is_dead(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except FileNotFoundError:
        return True

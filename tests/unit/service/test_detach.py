import json
import os
import sys
import threading
import time
from pathlib import Path

import pytest

from security_hooks.model.failure import StartupError
from security_hooks.service import detach as detaching
from security_hooks.service.detach import alone, clean_environment, detach, wait_until

FAR = 60.0
TELL = """
import json, os, sys
with open(sys.argv[1] + ".new", "w") as told:
    json.dump({
        "pid": os.getpid(),
        "leads": os.getsid(0) == os.getpid(),
        "cwd": os.getcwd(),
        "open": [os.readlink(f"/proc/self/fd/{number}") for number in range(told.fileno())],
        "environment": dict(os.environ),
    }, told)
os.rename(sys.argv[1] + ".new", sys.argv[1])
print("said", file=sys.stderr)
"""


def test_nothing_that_loads_code_or_belongs_to_a_manager_is_passed_on() -> None:
    given = {
        "PATH": "/bin",
        "HOME": "/h",
        "API_TOKEN": "t",
        "XDG_STATE_HOME": "/s",
        "LD_PRELOAD": "/evil.so",
        "PYTHONPATH": "/evil",
        "PYTHONSTARTUP": "/evil",
        "DYLD_INSERT_LIBRARIES": "/evil",
        "LISTEN_FDS": "1",
        "LISTEN_PID": "7",
        "NOTIFY_SOCKET": "/n",
        "WATCHDOG_USEC": "1",
    }
    assert set(clean_environment(given)) == {"PATH", "HOME", "API_TOKEN", "XDG_STATE_HOME"}


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_what_is_detached_holds_nothing_of_ours(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    told = tmp_path / "told"
    pid = detach([sys.executable, "-c", TELL, str(told)], {"A": "b"}, tmp_path / "log")
    os.close(writing)
    # Whoever waits for the end of our output is not kept waiting by it.
    assert os.read(reading, 1) == b""
    os.close(reading)
    assert wait_until(told.exists, pid, time.monotonic() + FAR)
    said = json.loads(told.read_text())
    assert (said["pid"], said["leads"], said["cwd"], said["environment"]["A"]) == (pid, False, "/", "b")
    assert [name for name in said["open"] if name != os.devnull] == [str(tmp_path / "log")]
    wait_until(lambda: False, pid, time.monotonic() + FAR)
    assert (tmp_path / "log").read_text() == "said\n"
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o600


def test_a_program_that_cannot_be_run_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match="cannot run /nowhere/at/all: No such file"):
        detach(["/nowhere/at/all"], {}, tmp_path / "log")


def test_a_log_that_cannot_be_written_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match="cannot run"):
        detach([sys.executable, "-c", ""], {}, tmp_path / "none/log")


def test_a_process_that_ends_is_not_waited_for(tmp_path: Path) -> None:
    pid = detach([sys.executable, "-c", ""], {}, tmp_path / "log")
    assert not wait_until(lambda: False, pid, time.monotonic() + FAR)


def test_a_process_that_is_never_ready_is_waited_for_within_bounds(tmp_path: Path) -> None:
    pid = detach([sys.executable, "-c", "import time; time.sleep(60)"], {}, tmp_path / "log")
    assert not wait_until(lambda: False, pid, time.monotonic())
    os.kill(pid, 9)


def test_a_long_log_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detaching, "LONGEST_LOG", 3)
    (tmp_path / "log").write_text("long")
    pid = detach([sys.executable, "-c", ""], {}, tmp_path / "log")
    wait_until(lambda: False, pid, time.monotonic() + FAR)
    assert (tmp_path / "log.old").read_text() == "long"
    assert (tmp_path / "log").read_text() == ""


def test_one_at_a_time_starts_daemons_on_a_state_directory(tmp_path: Path) -> None:
    order: list[str] = []

    def second() -> None:
        with alone(tmp_path / "state", time.monotonic() + FAR):
            order.append("second")

    with alone(tmp_path / "state", time.monotonic() + FAR):
        with pytest.raises(StartupError, match="is not done"), alone(tmp_path / "state", time.monotonic()):
            pass
        thread = threading.Thread(target=second)
        thread.start()
        order.append("first")
    thread.join(FAR)
    assert order == ["first", "second"]
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700


def test_a_state_directory_that_cannot_be_used_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartupError, match="--state-dir"), alone(tmp_path / "file", 0.0):
        pass

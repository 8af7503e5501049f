import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from security_hooks.service import notify as told
from security_hooks.service.notify import inherited_sockets, notify, ping, watchdog_seconds


@pytest.mark.parametrize("abstract", [False, True])
def test_the_manager_is_told(tmp_path: Path, abstract: bool) -> None:
    name = f"@security-hooks-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0" + name[1:] if abstract else name)
        assert notify({"NOTIFY_SOCKET": name}, "READY=1", "STATUS=well")
        assert manager.recv(100) == b"READY=1\nSTATUS=well"


@pytest.mark.parametrize("environment", [{}, {"NOTIFY_SOCKET": "relative"}, {"NOTIFY_SOCKET": "/nowhere/at/all"}])
def test_without_a_manager_nothing_happens(environment: dict[str, str]) -> None:
    assert not notify(environment, "READY=1")


def test_sockets_meant_for_another_process_are_not_ours() -> None:
    assert inherited_sockets({"LISTEN_PID": "1", "LISTEN_FDS": "1"}, 2) == ()
    assert inherited_sockets({}, 2) == ()


def test_sockets_that_the_manager_passes_are_taken(tmp_path: Path) -> None:
    code = (
        "import os, sys; from security_hooks.service.notify import inherited_sockets as taken\n"
        "s, = taken({'LISTEN_PID': str(os.getpid()), 'LISTEN_FDS': '1'}, os.getpid())\n"
        "print(s.getsockname(), s.get_inheritable())"
    )
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(str(path))
        listening.listen()
        # The child finds the socket at descriptor 3, as the service manager would place it.
        run = subprocess.run(
            ["bash", "-c", f'exec "$0" -c "$1" 3<&{listening.fileno()}', sys.executable, code],
            pass_fds=[listening.fileno()],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    assert run.stdout == f"{path} False\n", run.stderr


def test_a_manager_that_does_not_read_holds_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told, "SECONDS", 0.01)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as deaf:
        deaf.bind(str(tmp_path / "notify"))
        environment = {"NOTIFY_SOCKET": str(tmp_path / "notify")}
        for _ in range(100_000):
            if not notify(environment, "READY=1"):
                break
        assert not notify(environment, "READY=1")


def test_a_sign_of_life_never_waits(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        environment = {"NOTIFY_SOCKET": str(tmp_path / "notify")}
        told = 0
        while ping(environment):
            told += 1
            assert told < 100_000
        assert told > 0
        assert manager.recv(100) == b"WATCHDOG=1"


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({"WATCHDOG_USEC": "10000000"}, 10.0),
        ({"WATCHDOG_USEC": "10000000", "WATCHDOG_PID": "7"}, 10.0),
        ({"WATCHDOG_USEC": "10000000", "WATCHDOG_PID": "8"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_is_whoever_asks_this_process(environment: dict[str, str], seconds: float | None) -> None:
    assert watchdog_seconds(environment, 7) == seconds

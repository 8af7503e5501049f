import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from security_hooks.service import listener
from security_hooks.service.handover import kept_socket, next_environment

# Becomes itself once more, and says what it finds then.
TWICE = """
import os, sys
from pathlib import Path
from security_hooks.service.handover import become_next, kept_socket
from security_hooks.service.listener import listen
path = Path(sys.argv[1])
kept = kept_socket(os.environ, os.getpid())
if kept is None:
    made = listen(path, os.getuid())
    print(os.getpid(), made.identity, flush=True)
    become_next(made, os.environ, sys.orig_argv)
print(os.getpid(), kept.identity, flush=True)
print(kept.socket.getsockopt(1, 30), kept.socket.get_inheritable(), os.get_inheritable(kept.lock))
import fcntl
other = os.open(str(path) + ".lock", os.O_RDWR)
try:
    fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    print("locked")
"""


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[listener.Listener]:
    made = listener.listen(tmp_path / "s", os.getuid())
    yield made
    made.close()
    made.release()


def test_the_next_image_finds_the_socket_and_its_lock(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", TWICE, str(tmp_path / "s")], capture_output=True, text=True, timeout=60, check=True
    )
    first, second, *rest = run.stdout.splitlines()
    assert first == second
    assert rest == ["1 False False", "locked"]


def test_a_socket_of_a_manager_is_handed_on_in_the_managers_way(listening: listener.Listener) -> None:
    theirs = listener.Listener(listening.socket, listening.path, listening.identity, None)
    told = next_environment({"LISTEN_FDNAMES": "security-hooks.socket"}, 7, theirs)
    assert told == {"LISTEN_PID": "7", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "security-hooks.socket"}


def test_what_a_manager_or_another_process_passes_is_no_socket_that_was_kept(listening: listener.Listener) -> None:
    told = next_environment({}, 7, listening)
    assert kept_socket(told, 8) is None
    assert kept_socket(told | {"LISTEN_FDNAMES": "security-hooks.socket"}, 7) is None
    assert kept_socket({}, 7) is None


def test_the_socket_that_stood_at_the_path_before_is_not_taken_for_ours(listening: listener.Listener) -> None:
    identity = listening.identity
    listening.path.unlink()
    with socket.socket(socket.AF_UNIX) as squatter:
        squatter.bind(str(listening.path))
        assert not listener.Listener(listening.socket, listening.path, identity, listening.lock).is_in_place()

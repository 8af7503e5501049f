"""Starting a daemon that outlives us and holds nothing of ours: for machines where no service manager does it.

Two forks and a session of its own; every descriptor closed, so that whoever waits for the end of our output does not
wait for the daemon; no variable that would load foreign code into it.
"""

import contextlib
import fcntl
import os
import select
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NoReturn

from security_hooks.model.failure import StartupError

LOG = "daemon.log"
LONGEST_LOG = 1 << 20
_LOOK_SECONDS = 0.02
# A project can set these for an agent's hooks. The rest stays: the daemon keeps the values of secret variables out of
# its log, and must know them for that.
_LOADERS = ("LD_", "DYLD_", "PYTHON", "GLIBC_", "MALLOC_", "GCONV_", "LISTEN_", "NOTIFY_", "WATCHDOG_")


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """What a daemon of ours may know of the environment it is started from."""
    return {name: value for name, value in environment.items() if not name.startswith(_LOADERS)}


@contextlib.contextmanager
def alone(state: Path, deadline: float) -> Iterator[None]:
    """Hold the lock under which daemons are started on this state directory; raises StartupError when time is up."""
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(state / "start.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise StartupError(f"cannot use {state}: {error.strerror}; give another --state-dir") from error
    try:
        while not _locked(lock):
            if time.monotonic() >= deadline:
                raise StartupError(f"another `security-hooks start` on {state} is not done; try again")
            time.sleep(_LOOK_SECONDS)
        yield
    finally:
        os.close(lock)


def detach(words: list[str], environment: Mapping[str, str], log: Path) -> int:
    """Run a program that is nobody's child, its output in `log`; the process id. Raises StartupError."""
    _make_room(log)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _run_detached(words, environment, log, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    pid, _, error = told.decode().partition(" ")
    if error or not pid:
        raise StartupError(f"cannot run {words[0]}: {error or 'no process could be made'}")
    return int(pid)


def wait_until(is_ready: Callable[[], bool], pid: int, deadline: float) -> bool:
    """Whether it was ready in time; False at once when the process has ended."""
    while not is_ready():
        if time.monotonic() >= deadline or not _waited(pid, _LOOK_SECONDS):
            return is_ready()
    return True


def _run_detached(words: list[str], environment: Mapping[str, str], log: Path, told: int) -> NoReturn:
    """In the child, which must never return into what its parent was doing."""
    try:
        os.setsid()
        if os.fork():
            os._exit(0)
        os.write(told, f"{os.getpid()}".encode())
        os.umask(0o077)
        os.chdir("/")
        nothing = os.open(os.devnull, os.O_RDWR)
        output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        for number, descriptor in enumerate((nothing, nothing, output)):
            os.dup2(descriptor, number)
        kept = os.dup2(told, 3, inheritable=False) if told != 3 else told
        os.set_inheritable(kept, False)
        os.closerange(4, os.sysconf("SC_OPEN_MAX"))
        told = kept
        os.execve(words[0], words, dict(environment))  # noqa: S606 - our own program, no shell
    except OSError as error:
        os.write(told, f" {error.strerror}".encode())
    finally:
        os._exit(1)


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _make_room(log: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > LONGEST_LOG:
            log.replace(log.with_name(log.name + ".old"))


def _waited(pid: int, seconds: float) -> bool:
    """Wait for a process to end, at most so long; whether it still runs."""
    if sys.platform != "linux":
        time.sleep(seconds)
        with contextlib.suppress(OSError):
            os.kill(pid, 0)
            return True
        return False
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        return not select.select([process], [], [], seconds)[0]
    finally:
        os.close(process)

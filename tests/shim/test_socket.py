"""Which socket the shim tries without `--socket`: the one that the daemon listens on."""

import os
import re
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from security_hooks.service.directories import default_socket, home_of

Run = Callable[..., subprocess.CompletedProcess[bytes]]
UID = os.geteuid()
BELOW_HOME = ".local/state/security-hooks/run/hook.sock"


def _tried(done: subprocess.CompletedProcess[bytes]) -> str | None:
    named = re.search(rb"\(socket: (.*)\)$", done.stderr.rstrip())
    return named and named[1].decode()


def test_default_is_the_daemons_whatever_the_environment_says(shim: str, run: Run, place: Path) -> None:
    hostile = {
        name: str(place) for name in ("HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME", "TMPDIR", "SECURITY_HOOKS_SOCKET")
    }
    for environment in ({}, hostile):
        # With stdin closed the shim fails before it connects, so a daemon that really runs here is left in peace.
        done = run("/bin/sh", "-c", 'exec "$0" codex-cli <&-', shim, env=environment)
        assert _tried(done) == str(default_socket(UID))


@pytest.fixture(scope="session")
def elsewhere(build: Callable[..., str], kind: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path, Path]:
    """A shim that reads another passwd file, and looks for runtime directories elsewhere."""
    root = tmp_path_factory.mktemp("root")
    passwd, runtime = root / "passwd", root / "run"
    return build(kind, PASSWD=f'"{passwd}"', RUNTIME_DIRS=f'"{runtime}/"'), passwd, runtime


ME = f"me:x:{UID}:{UID}:Me:"
PASSWD = {
    "plain": f"root:x:77:0::/seven:/bin/sh\n{ME}/home/me:/bin/sh\n",
    "no newline at the end": f"{ME}/home/me:/bin/sh",
    "first of two": f"{ME}/home/one:/bin/sh\n{ME}/home/two:/bin/sh\n",
    "longer number": f"a:x:{UID}0:0::/a:/bin/sh\nb:x:1{UID}:0::/b:/bin/sh\n{ME}/home/me:/bin/sh\n",
    "leading zero": f"a:x:0{UID}:0::/a:/bin/sh\n{ME}/home/me:/bin/sh\n",
    "empty number": f"a:x::0::/a:/bin/sh\n{ME}/home/me:/bin/sh\n",
    "short line": f"{ME}/home/short\n{ME}/home/me:/bin/sh\n",
    "more fields": f"{ME}/home/me:/bin/sh:and:more\n",
    "empty lines": f"\n\n:::::::\n{ME}/home/me:\n\n",
    "comment and NIS lines": f"# nobody\n+::::::\n{ME}/home/me:/bin/sh\n",
    "number in another field": f"a:{UID}:7:{UID}:{UID}:/a:{UID}\n{ME}/home/me:/bin/sh\n",
    "last line beyond the buffer": "a:x:77:0::/a:/bin/sh\n" * 9_000 + f"{ME}/home/me:/bin/sh\n",
    "field beyond the buffer": f"a:x:77:0:{'g' * 70_000}:/a:/bin/sh\n{ME}/home/me:/bin/sh\n",
    "line across the buffer": "#" * (65_536 - len(ME) - 9) + f"\n{ME}/home/me:/bin/sh\n",
    "NUL bytes": f"a:x:{UID}\0:0::/a:/bin/sh\n{ME}/home/me:/bin/sh\n",
    "relative home": f"{ME}home/me:/bin/sh\n{ME}/home/two:/bin/sh\n",
    "empty home": f"{ME}:/bin/sh\n{ME}/home/two:/bin/sh\n",
    "not there": "a:x:77:0::/a:/bin/sh\n",
    "empty file": "",
}


@pytest.mark.parametrize("content", PASSWD.values(), ids=PASSWD.keys())
def test_home_is_read_as_the_daemon_reads_it(elsewhere: tuple[str, Path, Path], run: Run, content: str) -> None:
    program, passwd, _ = elsewhere
    passwd.write_text(content)
    home = home_of(UID, passwd)
    done = run(program, "codex-cli")
    assert done.returncode == 2
    assert _tried(done) == (str(home / BELOW_HOME) if home else None)
    assert (b"names no home directory" in done.stderr) == (home is None)


def test_home_too_long_for_a_socket_denies(elsewhere: tuple[str, Path, Path], run: Run) -> None:
    program, passwd, _ = elsewhere
    for size in (80, 107, 108, 70_000):
        passwd.write_text(f"{ME}/{'h' * size}:/bin/sh\n")
        done = run(program, "codex-cli")
        assert done.returncode == 2
        assert b"the path of the daemon's socket is too long" in done.stderr


def test_runtime_directory_comes_before_the_home(elsewhere: tuple[str, Path, Path], run: Run) -> None:
    program, passwd, runtime = elsewhere
    passwd.write_text(f"{ME}/home/me:/bin/sh\n")
    runtime.mkdir(exist_ok=True)
    (runtime / str(UID)).write_text("a file does not count")
    assert _tried(run(program, "codex-cli")) == f"/home/me/{BELOW_HOME}"
    (runtime / str(UID)).unlink()
    (runtime / str(UID)).mkdir()
    assert _tried(run(program, "codex-cli")) == f"{runtime}/{UID}/security-hooks/hook.sock"
    (runtime / str(UID)).rmdir()


def test_longest_path_is_reached(shim: str, run: Run, place: Path) -> None:
    path = str(place / "s").ljust(107, "s")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
    assert b"the daemon does not answer" in run(shim, "codex-cli", "--socket", path).stderr
    assert b"the path of the daemon's socket is too long" in run(shim, "codex-cli", "--socket", path + "s").stderr


@pytest.mark.parametrize("what", ["nothing", "file", "directory", "dead socket", "datagram socket", "below a file"])
def test_whatever_is_there_instead_of_a_daemon_denies(shim: str, run: Run, place: Path, what: str) -> None:
    path = place / "s"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM if "datagram" in what else socket.SOCK_STREAM) as other:
        if "socket" in what:
            other.bind(str(path))
        elif what != "nothing":
            path.mkdir() if what == "directory" else path.write_text("SH1 0 0002 0000\n{}")
        done = run(shim, "claude-code", "--socket", str(path / "s" if what == "below a file" else path))
    assert done.returncode == 2
    assert b"the daemon does not answer" in done.stderr

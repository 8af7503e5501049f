"""The daemon as a service: started on demand, activated, restarted in place, watched, of another version, elsewhere."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

ALLOWED, DENIED = "git status", "rm -rf ~"
BIN = Path(sys.executable).parent
SHIM = Path(__file__).parents[2] / "shim"
LINUX = sys.platform == "linux"
CLIENTS = ("claude-code", "gemini-cli", "codex-cli")
# Runs another program of ours as if the protocol had this version.
OF_VERSION = """
import sys
from security_hooks.service import wire
wire._VERSION, wire.VERSION = sys.argv[1], sys.argv[1].encode()
from security_hooks.cli.main import main
sys.exit(main(sys.argv[3:]))
"""


@pytest.fixture
def on_demand(unstarted: Any) -> Iterator[Any]:
    """Places for a daemon that `security-hooks start` starts; it is stopped afterwards."""
    yield unstarted
    with contextlib.suppress(KeyError, ValueError, ProcessLookupError):
        os.kill(unstarted.status()["pid"], signal.SIGKILL)


def start(place: Any) -> "subprocess.CompletedProcess[str]":
    started: subprocess.CompletedProcess[str] = place.run("start", *place.arguments, "--wait", "60")
    return started


def test_a_daemon_started_on_demand_answers_and_lets_go_of_its_starter(on_demand: Any) -> None:
    # To the end of its output: who holds the pipe would hold the client's hook.
    started = start(on_demand)
    assert (started.returncode, started.stderr) == (0, "")
    assert started.stdout.startswith("security-hooks: started, pid ")
    assert on_demand.call(ALLOWED).verdict == "allow"
    assert on_demand.call(DENIED).verdict == "deny"
    assert on_demand.status()["started"] == "on demand"
    again = start(on_demand)
    assert (again.returncode, "already running" in again.stdout) == (0, True)


def test_of_many_who_start_it_at_once_one_does(on_demand: Any) -> None:
    words = [BIN / "security-hooks", "start", *on_demand.arguments, "--wait", "60"]
    starting = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    said = [process.communicate(timeout=90)[0].split(",") for process in starting]
    assert sorted(line[0] for line in said) == ["security-hooks: already running"] * 3 + ["security-hooks: started"]
    assert len({line[1] for line in said}) == 1
    assert [record["kind"] for record in on_demand.records()].count("start") == 1


def test_a_daemon_that_cannot_start_on_demand_is_told_in_one_line(on_demand: Any) -> None:
    on_demand.socket.parent.mkdir(parents=True)
    on_demand.socket.write_text("")
    failed = start(on_demand)
    assert (failed.returncode, failed.stdout) == (69, "")
    assert "exists and is no socket" in failed.stderr
    assert len(failed.stderr.splitlines()) == 1


def test_restarting_loses_no_call_and_judges_each(daemon: Any) -> None:
    before = daemon.status()
    verdicts: list[str] = []
    restarts = 0
    while restarts < 3:
        words = [BIN / "security-hooks", "restart", "--socket", daemon.socket]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as restarting:
            while restarting.poll() is None:
                verdicts += daemon.answers([daemon.shim(ALLOWED), daemon.shim(DENIED), daemon.shim(ALLOWED)])
            assert restarting.returncode == 0, daemon.log
        restarts += 1
    assert len(verdicts) >= 9
    assert verdicts == ["allow", "deny", "allow"] * (len(verdicts) // 3)
    after = daemon.status()
    assert (after["pid"], after["started"]) == (before["pid"], "by hand")
    assert after["since"] > before["since"]
    assert daemon.verify().returncode == 0
    assert [record["kind"] for record in daemon.records()].count("start") == 4
    assert sum(record["kind"] == "decision" for record in daemon.records()) == len(verdicts)
    assert daemon.stop() == 0
    assert not daemon.socket.exists()


def test_a_call_in_flight_is_answered_before_the_restart(daemon: Any) -> None:
    half = daemon.open_shim()
    half.stdin.write(b'{"session_id":"s","cwd":"/","hook_event_name":"PreToolUse","tool_name":"Bash",')
    half.stdin.flush()
    daemon.wait_until(lambda: daemon.accepted() == 1)
    daemon.signal(signal.SIGUSR2)
    # Who comes once it has heard is left to what comes next.
    waiting: list[Any] = []
    while not daemon.in_backlog():
        waiting.append(daemon.shim(DENIED))
        daemon.wait_until(lambda: daemon.in_backlog() or waiting[-1].poll() is not None)
    half.stdin.write(b'"tool_input":{"command":"git status"}}')
    half.stdin.close()
    half.stdin = None
    assert daemon.answers([half, *waiting]) == ["allow", *["deny"] * len(waiting)]


def test_to_stop_outdoes_a_restart_that_is_under_way(daemon: Any) -> None:
    half = daemon.open_shim()
    daemon.wait_until(lambda: daemon.accepted() == 1)
    daemon.signal(signal.SIGUSR2)
    daemon.signal(signal.SIGTERM)
    half.stdin.write(b'{"session_id":"s","cwd":"/","hook_event_name":"PreToolUse","tool_name":"Bash",')
    half.stdin.write(b'"tool_input":{"command":"git status"}}')
    half.stdin.close()
    half.stdin = None
    assert daemon.answers([half]) == ["allow"]
    assert daemon.process.wait(20) == 0


def test_a_restart_into_a_program_that_does_not_start_is_told(unstarted: Any, tmp_path: Path) -> None:
    (tmp_path / "now").write_text("from security_hooks.cli.main import main")
    (tmp_path / "run.py").write_text("import sys; exec(open(sys.argv[1]).read()); sys.exit(main(sys.argv[3:]))")
    unstarted.prefix = (sys.executable, str(tmp_path / "run.py"), str(tmp_path / "now"))
    unstarted.start()
    assert unstarted.call(ALLOWED).verdict == "allow"
    (tmp_path / "now").write_text("raise SystemExit(3)")
    failed = unstarted.run("restart", "--socket", unstarted.socket)
    assert failed.returncode == 69
    assert len(failed.stderr.splitlines()) == 1
    assert unstarted.call(ALLOWED).verdict == "deny"
    assert unstarted.process.wait(20) == 3


def test_a_restart_keeps_the_socket_that_was_made_again(daemon: Any) -> None:
    daemon.socket.unlink()
    daemon.wait_until(daemon.socket.exists)
    assert daemon.run("restart", "--socket", daemon.socket).returncode == 0
    assert daemon.call(ALLOWED).verdict == "allow"
    inode = daemon.socket.stat().st_ino
    daemon.socket.unlink()
    daemon.wait_until(daemon.socket.exists)
    assert daemon.call(DENIED).verdict == "deny"
    assert daemon.socket.stat().st_ino != inode


@pytest.fixture
def manager(unstarted: Any) -> Iterator[Callable[[], Any]]:
    """A service manager that holds the socket and starts the daemon on it: each call of it once more."""
    unstarted.socket.parent.mkdir(mode=0o700)
    started: list[subprocess.Popen[bytes]] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(str(unstarted.socket))
        listening.listen(64)

        def begin() -> Any:
            # `exec` keeps the process number that LISTEN_PID names.
            code = f'exec 3<&{listening.fileno()}; LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" "$@"'
            with (unstarted.place / "log").open("ab") as log:
                unstarted.process = subprocess.Popen(
                    ["bash", "-c", code, BIN / "security-hooks", "serve", *unstarted.arguments],
                    pass_fds=[listening.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env={**os.environ, **unstarted.environment},
                )
            started.append(unstarted.process)
            return unstarted

        yield begin
        for process in started:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            process.wait()


def test_a_call_that_comes_before_the_daemon_waits_for_it(unstarted: Any, manager: Callable[[], Any]) -> None:
    early = unstarted.shim(ALLOWED)
    daemon = manager()
    assert daemon.answers([early]) == ["allow"]
    assert daemon.status()["socket"] == str(daemon.socket)


@pytest.mark.skipif(shutil.which("systemd-socket-activate") is None, reason="systemd is not installed")
def test_systemds_own_activation_starts_it_with_the_first_call(unstarted: Any) -> None:
    unstarted.socket.parent.mkdir(parents=True, mode=0o700)
    unstarted.prefix = ("systemd-socket-activate", "--listen", str(unstarted.socket))
    unstarted.start(wait=False)
    unstarted.wait_until(unstarted.socket.exists)
    assert not unstarted.state.exists()
    assert (unstarted.call(ALLOWED).verdict, unstarted.call(DENIED).verdict) == ("allow", "deny")
    # It became the daemon: one process, which never leaves the socket that it was given.
    assert unstarted.status()["pid"] == unstarted.pid
    assert unstarted.run("restart", "--socket", unstarted.socket).returncode == 0
    assert unstarted.call(DENIED).verdict == "deny"


def test_a_daemon_killed_over_a_call_blocks_that_call_alone(manager: Callable[[], Any]) -> None:
    daemon = manager()
    assert daemon.call(ALLOWED).verdict == "allow"
    half = daemon.open_shim()
    half.stdin.write(b'{"session_id":')
    half.stdin.flush()
    daemon.wait_until(lambda: daemon.status()["calls"]["calls"] == 1)
    daemon.signal(signal.SIGSTOP)
    waiting = daemon.shim(ALLOWED)
    daemon.signal(signal.SIGKILL)
    daemon.process.wait()
    assert daemon.answers([half]) == ["deny"]
    # The manager's socket stays: who waits at it is judged by the next one.
    manager()
    assert daemon.answers([waiting]) == ["allow"]
    assert daemon.call(DENIED).verdict == "deny"


def test_a_restart_in_place_keeps_a_managers_socket(manager: Callable[[], Any]) -> None:
    daemon = manager()
    assert daemon.call(ALLOWED).verdict == "allow"
    assert daemon.run("restart", "--socket", daemon.socket).returncode == 0
    assert daemon.call(DENIED).verdict == "deny"
    assert daemon.stop() == 0
    assert daemon.socket.exists()


def test_the_watchdog_hears_of_a_daemon_until_it_hangs(unstarted: Any, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as watchdog:
        watchdog.bind(str(tmp_path / "notify"))
        watchdog.settimeout(20)
        unstarted.environment = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "60000"}
        unstarted.start()
        heard = 0
        while heard < 5:
            heard += watchdog.recv(4096) == b"WATCHDOG=1"
        unstarted.signal(signal.SIGSTOP)
        watchdog.settimeout(1)
        with contextlib.suppress(TimeoutError):
            while heard < 1000:
                heard += watchdog.recv(4096) == b"WATCHDOG=1"
        assert heard < 1000
        unstarted.signal(signal.SIGCONT)


@pytest.fixture(scope="module")
def other_shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shim of the version after this one, which differs in nothing but that it says so."""
    source = shutil.copytree(SHIM, tmp_path_factory.mktemp("shim") / "shim")
    text = (source / "shim.c").read_text()
    (source / "shim.c").write_text(text.replace("SH1 ", "SH2 "))
    out = tmp_path_factory.mktemp("out")
    words = ["make", "-s", "-C", str(source), f"OUT={out}", "VERSION=2"]
    subprocess.run(words, capture_output=True, check=True, timeout=120)
    return out / "security-hooks-shim"


def ask(program: Path, client: str, daemon: Any) -> "subprocess.CompletedProcess[bytes]":
    call = (
        b'{"session_id":"s","cwd":"/","hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{"command":"ls"}}'
    )
    words = [program, client, "--socket", daemon.socket]
    return subprocess.run(words, input=call, capture_output=True, timeout=60, check=False)


def is_blocked(run: "subprocess.CompletedProcess[bytes]") -> bool:
    """As all clients honour it: status 2 with a reason on stderr."""
    return run.returncode == 2 and b"version" in run.stderr


@pytest.mark.parametrize("client", CLIENTS)
def test_a_newer_shim_is_blocked_by_this_daemon_and_says_why(daemon: Any, other_shim: Path, client: str) -> None:
    assert is_blocked(ask(other_shim, client, daemon))
    assert daemon.records()[-1]["failure"]["reason"] == "bad_header"
    assert daemon.call(ALLOWED, client=client).verdict == "allow"


@pytest.mark.parametrize("client", CLIENTS)
def test_a_newer_daemon_blocks_this_shim_and_says_why(unstarted: Any, tmp_path: Path, client: str) -> None:
    (tmp_path / "newer.py").write_text(OF_VERSION)
    unstarted.prefix = (sys.executable, str(tmp_path / "newer.py"), "SH2")
    unstarted.start(wait=False)
    unstarted.wait_until(unstarted.socket.exists)
    assert is_blocked(ask(BIN / "security-hooks-shim", client, unstarted))
    shown = unstarted.run("status", "--socket", unstarted.socket)
    assert shown.returncode == 69
    assert len(shown.stderr.splitlines()) == 1


def test_both_of_the_next_version_understand_each_other(unstarted: Any, tmp_path: Path, other_shim: Path) -> None:
    # Else the two tests above would prove nothing.
    (tmp_path / "newer.py").write_text(OF_VERSION)
    unstarted.prefix = (sys.executable, str(tmp_path / "newer.py"), "SH2")
    unstarted.start(wait=False)
    unstarted.wait_until(unstarted.socket.exists)
    assert ask(other_shim, "claude-code", unstarted).returncode == 0


@pytest.mark.skipif(not LINUX or shutil.which("unshare") is None, reason="there is no `unshare`")
def test_of_a_shim_among_other_mounts_no_file_is_believed(daemon: Any, tmp_path: Path) -> None:
    if subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this user may make no mount namespace")
    script = tmp_path / "run.sh"
    script.write_text("echo all is well\n")
    call = b'{"session_id":"s","cwd":"%s","hook_event_name":"PreToolUse","tool_name":"Bash",'
    call += b'"tool_input":{"command":"sh run.sh"}}'
    for before in ([], ["unshare", "-m"]):
        words = [*before, BIN / "security-hooks-shim", "claude-code", "--socket", daemon.socket]
        subprocess.run(words, input=call % os.fsencode(tmp_path), capture_output=True, timeout=60, check=False)
    here, there = [record for record in daemon.records() if record["kind"] == "decision"]
    assert here["programs"] == ["sh", "echo"]
    assert "unseen_files" not in here
    assert there["programs"] == ["sh"]
    assert there["unseen_files"] is True


def test_the_status_line_is_quick_to_say_how_it_is(daemon: Any) -> None:
    daemon.call(DENIED)
    words = [BIN / "security-hooks", "statusline", "--socket", daemon.socket]
    said = subprocess.run(words, input=b"{}", capture_output=True, timeout=60, check=True)
    assert said.stdout == b"guard on: 1 calls, 1 denied\n"
    assert said.stderr == b""

"""How the daemon starts, tells of itself, and ends: under a service manager, on either loop, leaving nothing behind."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

ALLOWED, DENIED = "git status", "rm -rf ~"
BIN = Path(sys.executable).parent
ACTIVATE = shutil.which("systemd-socket-activate")


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """The socket on which a service manager hears of us, as a datagram each time."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as made:
        made.bind(str(tmp_path / "notify"))
        made.settimeout(20)
        yield made


@pytest.mark.skipif(ACTIVATE is None, reason="systemd-socket-activate is not installed")
def test_the_call_that_activates_the_daemon_is_answered_and_the_socket_stays(unstarted: Any) -> None:
    daemon = unstarted
    daemon.socket.parent.mkdir(mode=0o700)
    daemon.prefix = (ACTIVATE, "--listen", str(daemon.socket))
    daemon.start(wait=False)
    daemon.wait_until(daemon.socket.exists)
    before = daemon.socket.stat().st_ino
    assert not daemon.state.exists()
    assert daemon.call(ALLOWED).verdict == "allow"
    assert daemon.call(DENIED).verdict == "deny"
    assert daemon.status()["socket"] == str(daemon.socket)
    assert daemon.stop() == 0
    assert daemon.socket.stat().st_ino == before
    assert daemon.records()[-1]["kind"] == "stop"


def test_the_service_manager_hears_of_start_and_stop(unstarted: Any, manager: socket.socket) -> None:
    unstarted.environment = {"NOTIFY_SOCKET": manager.getsockname()}
    unstarted.start()
    told = heard_until(manager, "READY=1")
    assert f"STATUS=serving {unstarted.socket}" in told
    (unstarted.config / "rules").mkdir(parents=True)
    (unstarted.config / "rules/mine.rules").write_text("nonsense\n")
    assert any("security-hooks rules lint" in line for line in heard_until(manager, "STATUS=bad policy"))
    (unstarted.config / "rules/mine.rules").unlink()
    heard_until(manager, "STATUS=serving")
    unstarted.signal(signal.SIGTERM)
    heard_until(manager, "STOPPING=1")
    assert unstarted.process.wait(20) == 0


def heard_until(manager: socket.socket, beginning: str) -> list[str]:
    """What was said up to the datagram with a line that begins so."""
    while True:
        lines = manager.recv(4096).decode().splitlines()
        if any(line.startswith(beginning) for line in lines):
            return lines


def test_a_manager_that_does_not_listen_holds_nobody(unstarted: Any, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as deaf, contextlib.suppress(BlockingIOError):
        deaf.bind(str(tmp_path / "notify"))
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as filler:
            filler.setblocking(False)
            filler.connect(str(tmp_path / "notify"))
            with contextlib.suppress(BlockingIOError):
                while True:
                    filler.send(b"x")
            unstarted.environment = {"NOTIFY_SOCKET": str(tmp_path / "notify")}
            assert unstarted.start().call(ALLOWED).verdict == "allow"
            assert unstarted.stop() == 0


def test_without_uvloop_the_answers_are_the_same(unstarted: Any, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/uvloop.py").write_text('raise ImportError("not built for this platform")\n')
    unstarted.environment = {"PYTHONPATH": str(tmp_path / "broken")}
    unstarted.start()
    assert unstarted.status()["loop"] == "asyncio"
    assert unstarted.call(ALLOWED).verdict == "allow"
    assert unstarted.call(DENIED).verdict == "deny"
    assert unstarted.call("frobnicate").verdict == "ask"
    assert unstarted.answers([unstarted.shim(ALLOWED) for _ in range(50)]) == ["allow"] * 50
    assert unstarted.stop() == 0
    assert unstarted.verify().returncode == 0


@pytest.mark.parametrize("client", ["claude-code", "gemini-cli", "codex-cli"])
def test_without_a_good_policy_every_call_is_denied_and_the_place_is_told(unstarted: Any, client: str) -> None:
    rules = unstarted.config / "rules"
    rules.mkdir(parents=True)
    (rules / "mine.rules").write_text('block "a"\n  match command(')
    unstarted.start()
    denied = unstarted.call(ALLOWED, client=client)
    assert denied.verdict == "deny"
    assert "security-hooks rules lint" in denied.stdout + denied.stderr
    shown = unstarted.run("status", "--socket", unstarted.socket)
    assert shown.returncode == 1
    assert f"{rules}/mine.rules:2:" in shown.stdout
    assert "every call is denied" in shown.stdout
    assert f"{rules}/mine.rules:2:" in unstarted.log
    linted = unstarted.run("rules", "lint", "--config-dir", unstarted.config)
    assert f"{rules}/mine.rules:2:" in linted.stdout + linted.stderr
    (rules / "mine.rules").unlink()
    unstarted.wait_until(lambda: unstarted.call(ALLOWED, client=client).verdict == "allow")


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_process_is_left_when_the_daemon_is_gone(daemon: Any, number: signal.Signals) -> None:
    (daemon.config / "rules").mkdir(parents=True)
    (daemon.config / "rules/mine.rules").write_text("# so that there is a worker\n")
    daemon.wait_until(daemon.children)
    workers = daemon.children()
    daemon.signal(number)
    assert daemon.process.wait(20) == (-signal.SIGKILL if number is signal.SIGKILL else 0)
    daemon.wait_until(lambda: not any(is_running(pid) for pid in workers))


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_the_daemon_holds_none_of_a_clients_pipes(daemon: Any) -> None:
    waiting = daemon.open_shim()
    ours = {os.fstat(pipe.fileno()).st_ino for pipe in (waiting.stdin, waiting.stdout, waiting.stderr)}
    waiting.stdin.write(b"{")
    waiting.stdin.flush()
    daemon.wait_until(lambda: daemon.accepted() == 1)
    for pid in (daemon.pid, *daemon.children()):
        held = {entry.stat().st_ino for entry in Path(f"/proc/{pid}/fd").iterdir() if entry.exists()}
        assert not ours & held
    assert daemon.answers([waiting]) == ["deny"]


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_calls_leave_no_descriptor_behind(daemon: Any) -> None:
    def descriptors() -> int:
        return len(list(Path(f"/proc/{daemon.pid}/fd").iterdir()))

    # Once an edit is in force, all that the daemon opens for itself is open.
    (daemon.config / "rules").mkdir(parents=True)
    (daemon.config / "rules/mine.rules").write_text('block "frob"\n  match command("frob")\n  nudge "no"\n')
    daemon.wait_until(lambda: daemon.call("frob").verdict == "deny")
    before = descriptors()
    daemon.answers([daemon.shim(command) for command in (ALLOWED, DENIED) * 100])
    for _ in range(20):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as gone:
            gone.connect(str(daemon.socket))
            gone.send(b"SH1 claude-code\n{")
    # What the daemon opens now and then for itself (a file that it saves, a process) is no matter of calls.
    daemon.wait_until(lambda: descriptors() < before + 10)


def test_decisions_are_shown_a_line_each(unstarted: Any) -> None:
    unstarted.options = ("--decisions",)
    unstarted.start()
    assert unstarted.call(ALLOWED).verdict == "allow"
    assert unstarted.call(":(){ :|:& };: # \x1b[31m").verdict == "deny"
    assert unstarted.stop() == 0
    lines = [line.split() for line in unstarted.log.splitlines() if " us " in line]
    assert [[line[0], *line[3:8]] for line in lines] == [
        ["allow", "claude-code", "looking", "Bash:", "git", "status"],
        ["deny", "claude-code", "fork-bomb", "Bash:", ":(){", ":|:&"],
    ]
    assert "\x1b" not in unstarted.log


def test_a_reader_of_decisions_that_stalls_or_leaves_holds_no_call(unstarted: Any) -> None:
    arguments = [BIN / "security-hooks", "serve", *unstarted.arguments, "--decisions"]
    unstarted.place.mkdir(exist_ok=True)
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as serving:
        unstarted.process = serving
        unstarted.wait_until(unstarted.socket.exists)
        assert serving.stdout is not None
        # More lines than are kept, and than the pipe holds.
        for _ in range(60):
            assert unstarted.answers([unstarted.shim(ALLOWED + " x" * 500) for _ in range(20)]) == ["allow"] * 20
        serving.stdout.close()
        assert unstarted.answers([unstarted.shim(ALLOWED) for _ in range(20)]) == ["allow"] * 20
        assert unstarted.stop() == 0


def test_a_state_directory_that_cannot_be_used_is_one_clear_sentence(unstarted: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    refused = unstarted.run("serve", "--socket", unstarted.socket, "--state-dir", tmp_path / "file")
    assert refused.returncode == 69
    assert len(refused.stderr.splitlines()) == 1
    assert "Traceback" not in refused.stderr
    assert not unstarted.socket.exists()


def test_a_daemon_says_in_json_what_it_is(daemon: Any) -> None:
    report = json.loads(daemon.run("status", "--json", "--socket", daemon.socket).stdout)
    assert (report["well"], report["pid"], report["policy"]["mode"]) == (True, daemon.pid, "enforce")


def test_what_the_daemon_keeps_is_for_its_user_alone(daemon: Any) -> None:
    for kept in (daemon.state, *daemon.state.rglob("*"), daemon.socket, daemon.socket.parent):
        assert kept.stat().st_mode & 0o077 == 0, kept


def test_each_change_of_policy_is_recorded(daemon: Any) -> None:
    def changes() -> list[dict[str, Any]]:
        return [record for record in daemon.records() if str(record["kind"]).startswith("reload")]

    file = daemon.config / "rules/u.rules"
    file.parent.mkdir(parents=True, exist_ok=True)
    begun = len(changes())
    file.write_text('block "frob"\n  match command("frob")\n')
    daemon.wait_until(lambda: len(changes()) > begun)
    good = changes()[-1]
    assert (good["kind"], good["policy"]) == ("reload", daemon.status()["policy"]["digest"])
    file.write_text("nonsense\n")
    daemon.wait_until(lambda: changes()[-1]["kind"] == "reload_failed")
    assert f"{file}:1:1" in str(changes()[-1]["problems"])

"""Whatever breaks, a call is blocked or answered rightly, none is lost, and the chain verifies afterwards."""

import contextlib
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
LINUX = sys.platform == "linux"
BIN = Path(sys.executable).parent


def is_whole(daemon: Any) -> bool:
    verified = daemon.verify()
    assert verified.returncode == 0, verified.stdout + verified.stderr
    return True


def verdicts(daemon: Any) -> list[object]:
    return [record["verdict"] for record in daemon.records() if record["kind"] == "decision"]


@pytest.mark.skipif(not LINUX, reason="looks into /proc")
def test_a_daemon_killed_in_mid_call_blocks_the_call_and_loses_no_record(daemon: Any) -> None:
    assert daemon.call(ALLOWED).verdict == "allow"
    half = daemon.open_shim()
    half.stdin.write(b'{"session_id":')
    half.stdin.flush()
    daemon.wait_until(lambda: daemon.accepted() == 1)
    assert daemon.call(ALLOWED).verdict == "allow"
    daemon.signal(signal.SIGSTOP)
    waiting = [daemon.shim(ALLOWED) for _ in range(5)]
    daemon.wait_until(lambda: daemon.in_backlog() == 5)
    daemon.signal(signal.SIGKILL)
    daemon.process.wait()
    assert daemon.answers([half, *waiting]) == ["deny"] * 6
    assert daemon.call(ALLOWED).verdict == "deny"
    assert is_whole(daemon)
    assert verdicts(daemon) == ["allow"] * 2
    daemon.start()
    assert daemon.call(ALLOWED).verdict == "allow"
    assert is_whole(daemon)
    assert verdicts(daemon) == ["allow"] * 3


@pytest.mark.skipif(not LINUX, reason="looks into /proc")
def test_a_starved_daemon_blocks_the_call_when_the_shims_time_is_up(daemon: Any) -> None:
    daemon.signal(signal.SIGSTOP)
    waiting = [daemon.shim(ALLOWED) for _ in range(3)]
    daemon.wait_until(lambda: daemon.in_backlog() == 3)
    assert daemon.answers(waiting) == ["deny"] * 3
    daemon.signal(signal.SIGCONT)
    assert daemon.call(ALLOWED).verdict == "allow"
    assert is_whole(daemon)


def test_a_removed_socket_is_made_again(daemon: Any) -> None:
    for _ in range(3):
        daemon.socket.unlink()
        assert daemon.call(DENIED).verdict == "deny"
        daemon.wait_until(daemon.socket.exists)
        assert daemon.call(ALLOWED).verdict == "allow"
        assert daemon.call(DENIED).verdict == "deny"
    assert any("taken away" in str(record.get("error")) for record in daemon.records())


def test_a_removed_directory_is_made_again_with_its_socket(daemon: Any) -> None:
    shutil.rmtree(daemon.socket.parent)
    daemon.wait_until(daemon.socket.exists)
    assert daemon.call(ALLOWED).verdict == "allow"
    assert daemon.socket.parent.stat().st_mode & 0o077 == 0


def test_a_socket_put_in_our_place_is_replaced_by_ours(daemon: Any) -> None:
    ours = daemon.socket.stat().st_ino
    beside = daemon.socket.with_name("beside.sock")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as squatter:
        squatter.bind(str(beside))
        squatter.listen()
        theirs = beside.stat().st_ino
        beside.rename(daemon.socket)
        daemon.wait_until(lambda: daemon.socket.stat().st_ino not in {ours, theirs})
        assert daemon.call(DENIED).verdict == "deny"
        assert daemon.call(ALLOWED).verdict == "allow"


@pytest.fixture
def squatted() -> Iterator[Path]:
    """A socket of another user's, who answers every call with an approval."""
    if os.getuid() != 0:
        pytest.skip("needs root to be two users")
    place = Path("/tmp") / f"security-hooks-squat-{os.getpid()}"  # below tmp_path no other user can get
    place.mkdir(mode=0o755)
    os.chown(place, 65534, 65534)
    code = (
        "import os, socket, sys\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); os.chmod(sys.argv[1], 0o777); s.listen()\n"
        "print('ready', flush=True)\n"
        "while True:\n"
        "    c, _ = s.accept()\n"
        "    try: c.sendall(b'SH1 0 0002 0000\\n{}')\n"
        "    except OSError: pass\n"
        "    c.close()\n"
    )
    squatter = subprocess.Popen([sys.executable, "-c", code, place / "hook.sock"], stdout=subprocess.PIPE)
    try:
        assert squatter.stdout is not None
        assert squatter.stdout.readline() == b"ready\n"
        yield place / "hook.sock"
    finally:
        squatter.kill()
        squatter.communicate()
        shutil.rmtree(place)


def test_a_socket_squatted_by_another_user_blocks_the_call(squatted: Path, unstarted: Any, tmp_path: Path) -> None:
    shim = subprocess.run(
        [BIN / "security-hooks-shim", "claude-code", "--socket", squatted],
        input=b"{}",
        capture_output=True,
        timeout=20,
        check=False,
    )
    assert shim.returncode == 2
    assert b"another user" in shim.stderr
    refused = unstarted.run("serve", "--socket", squatted, "--state-dir", tmp_path / "other")
    assert refused.returncode == 69
    assert "another user" in refused.stderr
    asked = unstarted.run("status", "--socket", squatted)
    assert asked.returncode == 69
    assert "another user" in asked.stderr


def test_a_thousand_calls_at_once_are_each_answered_rightly(daemon: Any) -> None:
    daemon.signal(signal.SIGSTOP)  # so that they wait together
    commands = [ALLOWED if i % 2 else DENIED for i in range(1000)]
    shims = [daemon.shim(command, session=str(i)) for i, command in enumerate(commands)]
    daemon.signal(signal.SIGCONT)
    answers = daemon.answers(shims)
    assert {answers[i] for i, command in enumerate(commands) if command == DENIED} == {"deny"}
    # Blocked is always right: on a machine too busy for the shims' deadline some allowed calls are.
    allowed = {str(i) for i, verdict in enumerate(answers) if verdict != "deny"}
    assert len(allowed) >= 250
    assert is_whole(daemon)
    recorded = [record["session"] for record in daemon.records() if record.get("verdict") == "allow"]
    assert allowed <= set(recorded)
    assert len(recorded) == len(set(recorded))


def test_a_second_daemon_is_refused_and_the_first_goes_on(daemon: Any, tmp_path: Path) -> None:
    second = daemon.run("serve", *daemon.arguments)
    assert second.returncode == 69
    assert "another daemon already serves" in second.stderr
    elsewhere = daemon.run("serve", "--socket", tmp_path / "other.sock", "--state-dir", daemon.state)
    assert elsewhere.returncode == 69
    assert "stop that daemon first" in elsewhere.stderr
    assert not (tmp_path / "other.sock").exists()
    assert daemon.call(ALLOWED).verdict == "allow"


@pytest.mark.skipif(not LINUX, reason="looks into /proc")
def test_stopping_answers_what_is_in_flight(daemon: Any) -> None:
    half = daemon.open_shim()
    half.stdin.write(b'{"session_id":')
    half.stdin.flush()
    daemon.wait_until(lambda: daemon.accepted() == 1)
    daemon.signal(signal.SIGSTOP)
    waiting = [daemon.shim(ALLOWED) for _ in range(100)]
    # Every shim has connected once the stopped daemon's backlog holds it; none of them can have an answer yet.
    daemon.wait_until(lambda: daemon.in_backlog() == 100)
    daemon.signal(signal.SIGTERM)
    daemon.signal(signal.SIGCONT)
    assert daemon.answers(waiting) == ["allow"] * 100
    assert daemon.answers([half]) == ["deny"]
    assert daemon.process.wait(20) == 0
    assert not daemon.socket.exists()
    assert is_whole(daemon)
    assert daemon.records()[-1]["kind"] == "stop"


def test_a_full_disk_denies_what_cannot_be_recorded_and_recovers(unstarted: Any) -> None:
    daemon = unstarted
    daemon.state.mkdir(mode=0o700)
    if not LINUX or subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("may not make a mount namespace")
    mount = 'mount -t tmpfs -o size=8m,mode=0700 tmpfs "$0" && exec "$@"'
    daemon.prefix = ("unshare", "-m", "sh", "-c", mount, str(daemon.state))
    daemon.start()
    inside = Path(f"/proc/{daemon.pid}/root{daemon.state}")
    assert daemon.call(ALLOWED).verdict == "allow"
    with (inside / "filler").open("wb", buffering=0) as filler, contextlib.suppress(OSError):
        while True:
            filler.write(b"x" * 4096)
    # The last records may still fit into the block that the log's end lies in.
    long = f"{ALLOWED} {'x' * 4000}"
    daemon.wait_until(lambda: daemon.call(long).verdict == "deny")
    denied = daemon.call(long)
    assert denied.verdict == "deny"
    assert "the audit log cannot be written" in denied.stdout
    assert daemon.call(DENIED).verdict == "deny"
    assert daemon.status()["audit"]["full"]
    assert not daemon.status()["well"]
    (inside / "filler").unlink()
    daemon.wait_until(lambda: daemon.call(ALLOWED).verdict == "allow")
    assert daemon.status()["well"]
    enter = ("nsenter", "-t", str(daemon.pid), "-m")
    command = [*enter, BIN / "security-hooks", "audit", "verify", "--state-dir", daemon.state]
    verified = subprocess.run(command, capture_output=True, text=True, check=False)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    log = b"".join(segment.read_bytes() for segment in sorted((inside / "audit").glob("*.jsonl")))
    assert b'"gap"' in log
    assert DENIED.encode() in log


def test_peers_that_say_nothing_delay_nobody(daemon: Any) -> None:
    with contextlib.ExitStack() as silent:
        for _ in range(50):
            peer = silent.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            peer.connect(str(daemon.socket))
        assert daemon.call(ALLOWED).verdict == "allow"
    assert daemon.call(ALLOWED).verdict == "allow"


def test_a_peer_that_sends_without_end_delays_nobody(daemon: Any) -> None:
    flood = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import socket, sys\n"
            "s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])\n"
            "s.sendall(b'SH1 claude-code\\n')\n"
            "print('ready', flush=True)\n"
            "while True: s.sendall(bytes(1 << 16))\n",
            daemon.socket,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with flood:
        assert flood.stdout is not None
        assert flood.stdout.readline() == b"ready\n"
        assert daemon.answers([daemon.shim(ALLOWED) for _ in range(20)]) == ["allow"] * 20
        flood.kill()


def test_a_broken_rule_file_leaves_the_last_good_rules_in_force(daemon: Any) -> None:
    rules = daemon.config / "rules"
    rules.mkdir(parents=True)
    rule = 'block "frob"\n  match command("frob")\n  nudge "no"\n'
    (rules / "mine.rules").write_text(rule)
    daemon.wait_until(lambda: daemon.call("frob").verdict == "deny")
    (rules / "mine.rules").write_text(rule + "nonsense\n")
    daemon.wait_until(lambda: not daemon.status()["well"])
    assert daemon.call("frob").verdict == "deny"
    assert daemon.call(ALLOWED).verdict == "allow"
    shown = daemon.run("status", "--socket", daemon.socket)
    assert shown.returncode == 1
    assert "mine.rules:4" in shown.stdout
    (rules / "mine.rules").unlink()
    daemon.wait_until(lambda: daemon.status()["well"])
    assert daemon.call("frob").verdict == "ask"

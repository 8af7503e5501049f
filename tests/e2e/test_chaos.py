"""Whatever breaks, a call is blocked or answered rightly, none is lost, and the chain verifies afterwards."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

ALLOWED, DENIED = "git status", "rm -rf ~"


def is_whole(daemon: Any) -> bool:
    verified = daemon.verify()
    assert verified.returncode == 0, verified.stdout + verified.stderr
    return True


def answers(shims: list["subprocess.Popen[bytes]"]) -> list[int]:
    statuses = []
    for shim in shims:
        shim.communicate(timeout=60)
        statuses.append(shim.returncode)
    return statuses


def test_a_daemon_killed_in_mid_call_blocks_the_call_and_loses_no_record(daemon: Any) -> None:
    assert daemon.call(ALLOWED).verdict == "allow"
    daemon.signal(signal.SIGSTOP)
    waiting = [daemon.shim(ALLOWED) for _ in range(5)]
    daemon.signal(signal.SIGKILL)
    daemon.process.wait()
    assert answers(waiting) == [2] * 5
    assert daemon.call(ALLOWED).verdict == "deny"
    assert is_whole(daemon)
    assert [r["verdict"] for r in daemon.records() if r["kind"] == "decision"] == ["allow"]
    daemon.start()
    assert daemon.call(ALLOWED).verdict == "allow"
    assert is_whole(daemon)


def test_a_starved_daemon_blocks_the_call_when_the_shims_time_is_up(daemon: Any) -> None:
    daemon.signal(signal.SIGSTOP)
    waiting = [daemon.shim(ALLOWED) for _ in range(3)]
    assert answers(waiting) == [2] * 3
    daemon.signal(signal.SIGCONT)
    assert daemon.call(ALLOWED).verdict == "allow"
    assert is_whole(daemon)


def test_a_removed_socket_blocks_calls_until_the_daemon_has_made_it_again(daemon: Any) -> None:
    daemon.socket.unlink()
    assert daemon.call(ALLOWED).verdict in {"deny", "allow"}
    daemon.wait_until(daemon.socket.exists)
    assert daemon.call(ALLOWED).verdict == "allow"
    assert daemon.call(DENIED).verdict == "deny"


@pytest.mark.skipif(os.getuid() != 0, reason="needs root to be two users")
def test_a_socket_squatted_by_another_user_blocks_the_call(daemon: Any, tmp_path: Path) -> None:
    squat = Path("/tmp") / f"security-hooks-squat-{os.getpid()}"  # below tmp_path no other user can get
    squat.mkdir(mode=0o755)
    os.chown(squat, 65534, 65534)
    code = (
        "import os, socket, sys\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); os.chmod(sys.argv[1], 0o777); s.listen()\n"
        "print('ready', flush=True)\n"
        "while True:\n"
        "    c, _ = s.accept(); c.sendall(b'SH1 0 0002 0000\\n{}'); c.close()\n"
    )
    squatter = subprocess.Popen([sys.executable, "-c", code, squat / "hook.sock"], stdout=subprocess.PIPE)
    try:
        assert squatter.stdout is not None
        assert squatter.stdout.readline() == b"ready\n"
        shim = subprocess.run(
            [Path(sys.executable).parent / "security-hooks-shim", "claude-code", "--socket", squat / "hook.sock"],
            input=b"{}",
            capture_output=True,
            timeout=20,
            check=False,
        )
        assert shim.returncode == 2
        refused = daemon.run("serve", "--socket", squat / "hook.sock", "--state-dir", tmp_path / "other")
        assert refused.returncode == 69
        assert "another" in refused.stderr
    finally:
        squatter.kill()
        squatter.communicate()
        shutil.rmtree(squat)


def test_a_thousand_concurrent_calls_are_each_answered_rightly(daemon: Any) -> None:
    commands = [ALLOWED if i % 2 else DENIED for i in range(1000)]
    shims = [daemon.shim(command, session=str(i)) for i, command in enumerate(commands)]
    statuses = answers(shims)
    # Blocked is always right; on a machine too busy for the shims' deadline some allowed calls may be.
    assert all(status == 2 for status, command in zip(statuses, commands, strict=True) if command == DENIED)
    assert set(statuses) <= {0, 2}
    assert statuses.count(0) >= 450
    assert is_whole(daemon)
    allowed = [r for r in daemon.records() if r.get("verdict") == "allow"]
    assert len(allowed) >= statuses.count(0)


def test_a_second_daemon_is_refused_and_the_first_goes_on(daemon: Any) -> None:
    second = daemon.run("serve", *daemon.arguments)
    assert second.returncode == 69
    assert "another daemon already serves" in second.stderr
    assert daemon.call(ALLOWED).verdict == "allow"


def test_stopping_answers_what_is_in_flight(daemon: Any) -> None:
    daemon.signal(signal.SIGSTOP)
    waiting = [daemon.shim(ALLOWED) for _ in range(20)]
    # Every shim has connected once the stopped daemon's backlog holds it; none of them can have an answer yet.
    daemon.wait_until(lambda: _waiting_in(daemon.socket) >= 20)
    daemon.signal(signal.SIGTERM)
    daemon.signal(signal.SIGCONT)
    assert answers(waiting) == [0] * 20
    assert daemon.process.wait(20) == 0
    assert not daemon.socket.exists()
    assert is_whole(daemon)


def _waiting_in(path: Path) -> int:
    """Connections to a socket that nobody has accepted yet, as the kernel lists them."""
    name = str(path)
    rows = [row.split() for row in Path("/proc/net/unix").read_text().splitlines()]
    return sum(1 for row in rows if len(row) == 8 and row[7] == name and row[5] == "02")


def test_a_full_disk_denies_what_cannot_be_recorded_and_recovers(unstarted: Any) -> None:
    daemon = unstarted
    daemon.state.mkdir(mode=0o700)
    if subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("may not make a mount namespace")
    mount = 'mount -t tmpfs -o size=8m,mode=0700 tmpfs "$0" && exec "$@"'
    daemon.prefix = ("unshare", "-m", "sh", "-c", mount, str(daemon.state))
    daemon.start()
    inside = Path(f"/proc/{daemon.pid}/root{daemon.state}")
    assert daemon.call(ALLOWED).verdict == "allow"
    with (inside / "filler").open("wb", buffering=0) as filler:
        written = 0
        try:
            while True:
                written += filler.write(b"x" * 4096)
        except OSError:
            pass
    assert written > 0
    # A last record may still fit into the block that the log's end lies in.
    verdicts = [daemon.call(f"{ALLOWED} {'x' * 4000}").verdict for _ in range(4)]
    assert verdicts[-1] == "deny"
    denied = daemon.call(f"{ALLOWED} {'x' * 4000}")
    assert "audit" in denied.stdout
    (inside / "filler").unlink()
    daemon.wait_until(lambda: daemon.call(ALLOWED).verdict == "allow")
    verified = subprocess.run(
        ["nsenter", "-t", str(daemon.pid), "-m", Path(sys.executable).parent / "security-hooks", "audit", "verify"]
        + ["--state-dir", str(daemon.state)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert verified.returncode == 0, verified.stdout + verified.stderr
    log = b"".join(segment.read_bytes() for segment in sorted((inside / "audit").glob("*.jsonl")))
    assert b'"gap"' in log


def test_peers_that_say_nothing_delay_nobody(daemon: Any) -> None:
    silent = []
    for _ in range(50):
        peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        peer.connect(str(daemon.socket))
        silent.append(peer)
    try:
        assert daemon.call(ALLOWED).verdict == "allow"
    finally:
        for peer in silent:
            peer.close()

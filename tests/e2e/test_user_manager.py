"""Under a real user manager of systemd's, with the units that `service install` writes and all their confinement.

The manager runs in namespaces of its own, below the test's directories; where that is not permitted the tests skip.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

BIN = Path(sys.executable).parent
SOCKET = f"/run/user/{os.getuid()}/security-hooks/hook.sock"
APART = ("unshare", "-m", "-C", "-p", "--fork", "--mount-proc", "--kill-child")
CALL = b'{"session_id":"s","cwd":"/","hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{"command":"%s"}}'
ALLOWED, DENIED = CALL % b"git status", CALL % b"rm -rf ~"
SYSTEMD = Path("/lib/systemd/systemd")
PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class UserManager:
    """`enter` puts a command into the manager's namespaces."""

    enter: tuple[str, ...]
    environment: dict[str, str]

    def run(self, *words: str | Path, stdin: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(
            [*self.enter, *words], input=stdin, capture_output=True, env=self.environment, timeout=60, check=False
        )

    def ours(self, *words: str) -> "subprocess.CompletedProcess[bytes]":
        return self.run(BIN / "security-hooks", *words)

    def call(self, call: bytes) -> int:
        return self.run(BIN / "security-hooks-shim", "claude-code", "--socket", SOCKET, stdin=call).returncode

    def show(self, name: str) -> str:
        shown = self.run("systemctl", "--user", "show", "-p", name, "--value", "security-hooks.service")
        return shown.stdout.decode().strip()

    def wait_until(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, self.run("systemctl", "--user", "status", "security-hooks.service")
            time.sleep(0.02)


@pytest.fixture
def user(tmp_path: Path) -> Iterator[UserManager]:
    if not SYSTEMD.exists() or shutil.which("unshare") is None or shutil.which("nsenter") is None:
        pytest.skip("systemd, unshare or nsenter is not installed")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "DBUS_"))},
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "XDG_RUNTIME_DIR": f"/run/user/{os.getuid()}",
    }
    name = f"security-hooks-test-{os.getpid()}"
    words = [*APART, "sh", str(Path(__file__).with_name("user_manager.sh")), name]
    with (tmp_path / "log").open("wb") as log:
        manager = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=environment, start_new_session=True
        )
    assert manager.stdout is not None and manager.stdin is not None
    try:
        if manager.stdout.readline() != b"ready\n":
            pytest.skip(f"no user manager can run here: {(tmp_path / 'log').read_text().strip()[-200:]}")
        inside = Path(f"/proc/{manager.pid}/task/{manager.pid}/children").read_text().split()[0]
        made = UserManager(("nsenter", "-t", inside, "-m", "-C", "-p"), environment)
        deadline = time.monotonic() + PATIENCE
        while made.run("systemctl", "--user", "show", "-p", "Version").returncode != 0:
            if time.monotonic() > deadline or manager.poll() is not None:
                pytest.skip(f"no user manager runs here: {(tmp_path / 'log').read_text().strip()[-200:]}")
            time.sleep(0.05)
        yield made
    finally:
        manager.stdin.close()
        manager.stdout.close()
        manager.kill()
        manager.wait(PATIENCE)
        _remove_groups(name)


def _remove_groups(name: str) -> None:
    """The control groups stay when the namespaces that they were made in are gone."""
    code = f"mount -t cgroup2 none /sys/fs/cgroup; find /sys/fs/cgroup/{name} -depth -type d -exec rmdir {{}} +"
    for _ in range(50):
        if subprocess.run(["unshare", "-m", "sh", "-c", code], capture_output=True, check=False).returncode == 0:
            return
        time.sleep(0.05)


def test_the_installed_service_answers_the_first_call_and_survives_everything(user: UserManager) -> None:
    installed = user.ours("service", "install")
    assert installed.returncode == 0, installed.stderr
    assert user.ours("service", "status").returncode == 0
    report = json_of(user)
    assert (report["started"], report["socket"]) == ("systemd", SOCKET)

    # Confined, and yet able to judge, also in the process that judges apart.
    status = user.run("cat", f"/proc/{user.show('MainPID')}/status").stdout.decode()
    assert "Seccomp:\t2" in status and "NoNewPrivs:\t1" in status
    assert (user.call(ALLOWED), user.call(DENIED)) == (0, 2)
    assert user.call(CALL % (b"true;" * 2_000)) == 0
    assert json_of(user)["judging"]["restarts"] == 0

    # Killed: restarted, and who calls meanwhile waits for it.
    killed = user.show("MainPID")
    # 0 would be whoever asks.
    assert int(killed) > 1
    user.run("kill", "-KILL", killed)
    assert (user.call(ALLOWED), user.call(DENIED)) == (0, 2)
    assert user.show("MainPID") != killed
    assert int(user.show("NRestarts")) == 1

    # Restarted in place: the same process on the same socket, and the manager still content.
    stayed = user.show("MainPID")
    assert user.ours("restart").returncode == 0
    assert user.call(DENIED) == 2
    assert (user.show("MainPID"), user.show("ActiveState"), user.show("NRestarts")) == (stayed, "active", "1")

    # Stopped for good: the socket stays, and the next call starts it.
    user.run("systemctl", "--user", "stop", "security-hooks.service")
    assert user.show("ActiveState") == "inactive"
    assert user.call(DENIED) == 2
    assert json_of(user)["started"] == "systemd"

    assert user.ours("service", "uninstall").returncode == 0
    assert user.ours("status").returncode == 69
    assert user.call(ALLOWED) == 2


def test_a_daemon_that_hangs_is_ended_by_the_watchdog_and_replaced(user: UserManager, tmp_path: Path) -> None:
    drop_in = tmp_path / "config/systemd/user/security-hooks.service.d/quick.conf"
    drop_in.parent.mkdir(parents=True)
    drop_in.write_text("[Service]\nWatchdogSec=1\n")
    assert user.ours("service", "install").returncode == 0
    assert user.call(ALLOWED) == 0
    hung = user.show("MainPID")
    assert int(hung) > 1
    user.run("kill", "-STOP", hung)
    user.wait_until(lambda: user.show("MainPID") not in {hung, "0"})
    assert (user.call(ALLOWED), user.call(DENIED)) == (0, 2)


def test_a_daemon_started_by_hand_makes_way_for_the_service(user: UserManager) -> None:
    started = user.ours("start", "--wait", "30")
    assert started.returncode == 0, started.stderr
    assert json_of(user)["started"] == "on demand"
    installed = user.ours("service", "install")
    assert installed.returncode == 0, installed.stderr
    assert b"stopped the daemon that was started on demand" in installed.stdout
    assert json_of(user)["started"] == "systemd"
    assert user.call(DENIED) == 2


def json_of(user: UserManager) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(user.ours("status", "--json").stdout)
    return report

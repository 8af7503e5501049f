"""The real daemon in a directory of its own, and what may become of it while a client works."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from security_hooks.model.failure import StartupError
from security_hooks.service.inquiry import ask_status

BIN = Path(sys.executable).parent
POLICY = Path(__file__).parent / "policy"
_PATIENCE = 30.0


class Guard:
    """A daemon and its log; `shim` is a copy, so that a scenario may take it away. `enter` puts it somewhere else."""

    def __init__(self, place: Path, home: Path, environment: dict[str, str]) -> None:
        self._place = place
        # Where the clients keep their own is not where this user's home is by the system's word.
        kept = {"CLAUDE_CONFIG_DIR": home / ".claude", "CODEX_HOME": home / ".codex", "GEMINI_CLI_HOME": home}
        self._environment = {**environment, "HOME": str(home), **{name: str(path) for name, path in kept.items()}}
        self.is_on_demand = False
        self._is_frozen = False
        self.enter: tuple[str, ...] = ()
        self._process: subprocess.Popen[bytes] | None = None
        self._silent: socket.socket | None = None
        self.socket = place / "run/hook.sock"
        self.state = place / "state"
        self.config = place / "config"
        shutil.copytree(POLICY, self.config)
        self.shim = place / "security-hooks-shim"
        self.shim.write_bytes((BIN / "security-hooks-shim").read_bytes())
        self.shim.chmod(0o755)

    def start(self) -> None:
        """Starts the daemon and waits until it serves."""
        with (self._place / "daemon.log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *self.enter,
                    *(BIN / "security-hooks", "serve", "--socket", self.socket, "--state-dir", self.state),
                    *("--config-dir", self.config),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                start_new_session=True,
            )
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(StartupError):
                ask_status(self.socket)
                return
            time.sleep(0.01)
        message = "the daemon did not start:\n" + (self._place / "daemon.log").read_text()
        raise RuntimeError(message)

    def kill(self) -> None:
        """Kills it without a chance to tidy up, its helper processes included."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Leaves it there, taking no part in anything."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGSTOP)
        self._is_frozen = True

    def silence(self) -> None:
        """Puts something in its place that takes every call, reads it, and never answers."""
        self.kill()
        self.socket.unlink(missing_ok=True)
        self._silent = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._silent.bind(str(self.socket))
        self._silent.listen(64)
        threading.Thread(target=_take_and_keep, args=(self._silent,), daemon=True).start()

    def end(self) -> None:
        """Ends whatever of it still runs."""
        self.kill()
        if self.is_on_demand:
            with contextlib.suppress(StartupError, ProcessLookupError):
                pid = ask_status(self.socket)["pid"]
                assert isinstance(pid, int)
                os.kill(pid, signal.SIGKILL)
        if self._silent is not None:
            self._silent.close()

    def wait_for_policy(self, generation: int) -> None:
        """Waits until the daemon judges by the policy of this number, or a later one."""

        def is_in_force() -> bool:
            policy = ask_status(self.socket)["policy"]
            assert isinstance(policy, dict)
            return isinstance(policy["generation"], int) and policy["generation"] >= generation

        self._wait(is_in_force, f"the daemon never came to policy {generation}")

    def wait_for_events(self, kind: str, count: int) -> None:
        """Waits until the log holds so many events of this kind."""

        def are_there() -> bool:
            return len([record for record in self.records() if record["kind_of_event"] == kind]) >= count

        self._wait(are_there, f"there were no {count} events {kind}")

    def _wait(self, condition: Callable[[], bool], otherwise: str) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                raise RuntimeError(otherwise)
            time.sleep(0.01)

    def blind_spots(self) -> dict[str, Any] | None:
        """What it says of the clients' transcripts once all is read of which it was told afterwards; None without it.

        What the first call after its start was the model asked for before that.
        """
        if self._process is None or self._silent is not None or self._is_frozen:
            return None
        lines = self._lines()
        begun = max(number for number, line in enumerate(lines) if line["kind"] == "start")
        kinds = [line["fields"]["kind_of_event"] for line in lines[begun:] if line["kind"] == "decision"]
        ran = len([kind for kind in kinds if kind in ("post_tool", "post_tool_failure")]) - (kinds[:1] == ["pre_tool"])

        def are_read() -> bool:
            sessions = self._told()["sessions"]
            return sum(session["seen"] for session in sessions) >= ran and not any(
                session["unmeasured"] for session in sessions
            )

        self._wait(are_read, f"the transcripts did not show {ran} calls that ran")
        return self._told()

    def wait_for_alarm(self) -> dict[str, Any]:
        """Waits until something is known to have run unseen, and gives what is said of the clients' transcripts."""
        self._wait(lambda: bool(self._told()["alarms"]), "nothing was said to have run unseen")
        return self._told()

    def _told(self) -> dict[str, Any]:
        anomalies: Any = ask_status(self.socket)["anomalies"]
        found: dict[str, Any] = anomalies["blind_spots"]
        return found

    def records(self) -> list[dict[str, Any]]:
        """The decisions in its log, the oldest first."""
        return [line["fields"] for line in self._lines() if line["kind"] == "decision"]

    def _lines(self) -> list[dict[str, Any]]:
        return [
            json.loads(line)
            for segment in sorted((self.state / "audit").glob("*.jsonl"))
            for line in segment.read_bytes().splitlines()
        ]

    def log_is_whole(self) -> bool:
        """Whether the chain of its log holds."""
        verify: list[str | Path] = [BIN / "security-hooks", "audit", "verify", "--state-dir", self.state]
        return subprocess.run(verify, capture_output=True, timeout=60, check=False).returncode == 0


def _take_and_keep(listener: socket.socket) -> None:
    taken: list[socket.socket] = []
    with contextlib.suppress(OSError):
        while True:
            taken.append(listener.accept()[0])

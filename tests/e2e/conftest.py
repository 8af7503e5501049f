"""The real daemon and the real shim, in directories of their own."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What one shim said, and what Claude Code makes of it."""

    status: int
    stdout: str
    stderr: str

    @property
    def verdict(self) -> str:
        if self.status == 2:
            return "deny"
        if self.status != 0:
            return "open"
        answer = json.loads(self.stdout or "{}")
        return str(answer.get("hookSpecificOutput", {}).get("permissionDecision", "allow"))


@dataclass(slots=True)
class Daemon:
    """A daemon of our own; `prefix` runs before it (`unshare`), `rules` replaces the shipped rules."""

    place: Path
    prefix: tuple[str, ...] = ()
    rules: Path | None = None
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        return self.place / "run/hook.sock"

    @property
    def state(self) -> Path:
        return self.place / "state"

    @property
    def config(self) -> Path:
        return self.place / "config"

    @property
    def arguments(self) -> list[str | Path]:
        rules: list[str | Path] = ["--rules", self.rules] if self.rules is not None else []
        return ["--socket", self.socket, "--state-dir", self.state, "--config-dir", self.config, *rules]

    def start(self, *, wait: bool = True) -> "Daemon":
        self.place.mkdir(exist_ok=True)
        log = (self.place / "log").open("ab")
        with log:
            self.process = subprocess.Popen(
                [*self.prefix, BIN / "security-hooks", "serve", *self.arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **self.environment},
            )
        if wait:
            self.wait_until_ready()
        return self

    @property
    def log(self) -> str:
        return (self.place / "log").read_text()

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def wait_until_ready(self) -> None:
        assert self.process is not None
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.process.poll() is None:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
                probe.settimeout(1)
                with contextlib.suppress(OSError):
                    probe.connect(str(self.socket))
                    return
            time.sleep(0.005)
        pytest.fail(f"the daemon did not start:\n{self.log}")

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def stop(self) -> int:
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def shim(self, command: str, *, cwd: str = "/home/user/project", session: str = "s") -> "subprocess.Popen[bytes]":
        """Start a shim on one Bash call and give it its payload; `answer` waits for it."""
        shim = subprocess.Popen(
            [BIN / "security-hooks-shim", "claude-code", "--socket", self.socket],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert shim.stdin is not None
        with contextlib.suppress(BrokenPipeError), shim.stdin:
            shim.stdin.write(payload(command, cwd, session))
        shim.stdin = None
        return shim

    def call(self, command: str, *, cwd: str = "/home/user/project") -> Answer:
        return answer(self.shim(command, cwd=cwd))

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Another subcommand of ours, on this daemon's directories."""
        return subprocess.run(
            [BIN / "security-hooks", *arguments], capture_output=True, text=True, timeout=60, check=False
        )

    def records(self) -> list[dict[str, object]]:
        """The log's records, their fields beside what the log itself says of each."""
        return [
            {**record.pop("fields"), **record}
            for segment in sorted((self.state / "audit").glob("*.jsonl"))
            for record in map(json.loads, segment.read_bytes().splitlines())
        ]

    def verify(self) -> subprocess.CompletedProcess[str]:
        return self.run("audit", "verify", "--state-dir", self.state)

    def wait_until(self, condition: "Sequence[object] | object", seconds: float = PATIENCE) -> None:
        assert callable(condition)
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                pytest.fail(f"it never came to that:\n{self.log}")
            time.sleep(0.005)


def payload(command: str, cwd: str, session: str) -> bytes:
    return json.dumps(
        {
            "session_id": session,
            "cwd": cwd,
            "permission_mode": "default",
            "hook_event_name": "PreToolUse",
            "tool_name": "Bash",
            "tool_input": {"command": command},
            "tool_use_id": "t",
        }
    ).encode()


def answer(shim: "subprocess.Popen[bytes]") -> Answer:
    stdout, stderr = shim.communicate(timeout=PATIENCE)
    return Answer(shim.returncode, stdout.decode(), stderr.decode())


@pytest.fixture
def unstarted(tmp_path: Path) -> Iterator[Daemon]:
    """A daemon that the test starts itself; stopped afterwards if it still runs."""
    made = Daemon(tmp_path / "d")
    made.place.mkdir()
    yield made
    if made.process is not None and made.process.poll() is None:
        made.stop()


@pytest.fixture
def daemon(unstarted: Daemon) -> Daemon:
    """A running daemon."""
    return unstarted.start()

"""The real daemon and the real shim, in directories of their own."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from security_hooks.model.failure import StartupError
from security_hooks.service.inquiry import ask_status

BIN = Path(sys.executable).parent
PATIENCE = 20.0
CWD = "/home/user/project"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one shim said, and what its client makes of it."""

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
        word = answer.get("hookSpecificOutput", {}).get("permissionDecision") or answer.get("decision", "allow")
        return "deny" if word == "block" else str(word)


@dataclass(slots=True)
class Daemon:
    """A daemon of our own; `prefix` runs before it (`unshare`), `options` follow, `rules` stands for the shipped.

    `bin` holds our programs, where they are not the ones beside this Python.
    """

    place: Path
    bin: Path = BIN
    prefix: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    rules: Path | None = None
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    shims: "list[subprocess.Popen[bytes]]" = field(default_factory=list)

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
                [*self.prefix, self.bin / "security-hooks", "serve", *self.arguments, *self.options],
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
            with contextlib.suppress(StartupError):
                ask_status(self.socket)
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

    def shim(
        self, command: str, *, client: str = "claude-code", cwd: str = CWD, session: str = "s"
    ) -> "subprocess.Popen[bytes]":
        """Start a shim on one call of the client's shell tool; `answer` waits for it."""
        # A file for stdin: a thousand shims at once must not need a thousand pipes.
        with tempfile.TemporaryFile() as stdin:
            stdin.write(payload(client, command, cwd, session))
            stdin.seek(0)
            return self.open_shim(client, stdin=stdin.fileno())

    def open_shim(self, client: str = "claude-code", stdin: int = subprocess.PIPE) -> "subprocess.Popen[bytes]":
        """Start a shim whose stdin is given, or is the caller's to write to and to close."""
        shim = subprocess.Popen(
            [self.bin / "security-hooks-shim", client, "--socket", self.socket],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.shims.append(shim)
        return shim

    def call(self, command: str, *, client: str = "claude-code", cwd: str = CWD) -> Answer:
        return answer(self.shim(command, client=client, cwd=cwd))

    def answers(self, shims: "list[subprocess.Popen[bytes]]") -> list[str]:
        """The verdicts of shims that run at once."""
        return [answer(shim).verdict for shim in shims]

    def status(self) -> dict[str, Any]:
        """What `security-hooks status --json` prints."""
        report: dict[str, Any] = json.loads(self.run("status", "--json", "--socket", self.socket).stdout)
        return report

    def children(self) -> list[int]:
        """The processes that the daemon has started and that still run."""
        listed = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [int(pid) for pid in listed if is_running(int(pid))]

    def in_backlog(self) -> int:
        """Connections that the daemon has not accepted."""
        return self._connections("02")

    def accepted(self) -> int:
        """Connections that the daemon has accepted and not closed."""
        return self._connections("03")

    def _connections(self, state: str) -> int:
        # The kernel lists them by the name that the socket was bound to.
        rows = (row.split() for row in Path("/proc/net/unix").read_text().splitlines())
        name = str(self.socket.with_name(f".{self.socket.name}."))
        return sum(1 for row in rows if len(row) == 8 and row[7].startswith(name) and row[5] == state)

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Another subcommand of ours, on this daemon's directories."""
        return subprocess.run(
            [self.bin / "security-hooks", *arguments], capture_output=True, text=True, timeout=60, check=False
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

    def wait_until(self, condition: Callable[[], object], seconds: float = PATIENCE) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                pytest.fail(f"it never came to that:\n{self.log}")
            time.sleep(0.005)


def payload(client: str, command: str, cwd: str, session: str) -> bytes:
    """A call of the client's shell tool as that client sends it."""
    event, tool = ("BeforeTool", "run_shell_command") if client == "gemini-cli" else ("PreToolUse", "Bash")
    call = {
        "session_id": session,
        "cwd": cwd,
        "hook_event_name": event,
        "tool_name": tool,
        "tool_input": {"command": command},
        "tool_use_id": "t",
        "permission_mode": "default",
    }
    return json.dumps(call).encode()


def is_running(pid: int) -> bool:
    """Whether there is such a process; one that is dead and not yet collected counts as gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


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
    for shim in made.shims:
        if shim.poll() is None:
            shim.kill()
        with contextlib.suppress(ValueError):  # its pipes are closed
            shim.communicate()


@pytest.fixture
def daemon(unstarted: Daemon) -> Daemon:
    """A running daemon."""
    return unstarted.start()

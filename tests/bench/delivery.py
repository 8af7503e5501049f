"""What the process beside the daemon costs a call, and how much memory it takes: JSON on stdout.

usage: delivery.py PLACE PACE LOAD REQUEST: an empty directory, two C programs of this folder, a request to send.

One daemon with a long log; three sinks whose peers are down, then three that deliver, then the store made anew. In each
of these states calls come at a steady pace, in turns while that process is at work and while it is held (SIGSTOP), so
that whatever else this machine does befalls both. A ratio is that of the calls beside it to the others, the median over
the rounds.
"""

import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from security_hooks.model.failure import StartupError
from security_hooks.service.inquiry import ask_status

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
ROUNDS = 5
TURNS = 8
CALLS = 250
PAUSE_MICROSECONDS = 1_000
WAITING = 100_000
LONG_LOG = 250_000
CONNECTIONS = 8
PATIENCE = 120.0
# Nobody listens on the port for discarding what comes.
DOWN = {"http": "http://127.0.0.1:9/", "otlp": "http://127.0.0.1:9/v1/logs", "syslog": "tcp://127.0.0.1:9"}


def main(arguments: list[str]) -> int:
    """Measure, and print it."""
    place, pace, load, request = map(Path, arguments)
    key = place / "key"
    key.write_text("of the bench\n")
    key.chmod(0o600)
    with _receivers() as up, _started(place, pace, load, request) as daemon:
        daemon.load(WAITING)
        daemon.wait(_is_current)
        before = daemon.memory()
        daemon.configure(_sinks(key, "down", DOWN, "oldest"))
        daemon.wait(lambda status: all(_waits(sink) for sink in status["insight"]["sinks"]))
        down = daemon.ratios()
        after = daemon.memory()
        daemon.configure(_sinks(key, "up", up, "now"))
        daemon.wait(_is_current)
        on = daemon.ratios()
        daemon.load(LONG_LOG)
        anew = daemon.ratios(daemon.forget_store)
    found = {"on": on, "down": down, "anew": anew, "before": before, "after": after}
    print(json.dumps(found))
    return 0


@dataclass(frozen=True, slots=True)
class Daemon:
    """A running daemon whose configuration is changed under it."""

    place: Path
    pace: Path
    burst: Path
    request: Path

    @property
    def socket(self) -> Path:
        return self.place / "hook.sock"

    def status(self) -> Any:
        return ask_status(self.socket)

    def wait(self, condition: Callable[[Any], bool]) -> None:
        """Until the status is such."""
        deadline = time.monotonic() + PATIENCE
        while not condition(status := self.status()):
            if time.monotonic() > deadline:
                sys.exit(f"it never came to that: {json.dumps(status['insight'])}")
            time.sleep(0.01)

    def configure(self, text: str) -> None:
        """Save the configuration, which must be another than before, and wait until it holds."""
        generation = self.status()["policy"]["generation"]
        (self.place / "config/config.toml").write_text(text)
        self.wait(lambda status: status["policy"]["generation"] > generation)

    def forget_store(self) -> None:
        """Have the store made anew; returns when that has begun."""
        self.configure('[insight]\nprocess = "off"\n')
        self.wait(lambda status: status["insight"]["pid"] is None)
        shutil.rmtree(self.place / "state/insight")
        self.configure("")
        self.wait(lambda status: status["insight"]["store"]["sequence"] > 0)

    def load(self, records: int) -> None:
        """Make calls as quickly as can be until there are so many records."""
        calls = max(0, records - self.status()["audit"]["sequence"])
        words: list[str | Path] = [
            self.burst,
            self.socket,
            self.request,
            str(CONNECTIONS),
            str(calls // CONNECTIONS + 1),
        ]
        subprocess.run(words, stdout=subprocess.DEVNULL, check=True)

    def memory(self) -> dict[str, float]:
        """The most that each of the two processes ever had resident, in MB."""
        status = self.status()
        return {"daemon": _peak(status["pid"]), "reader": _peak(status["insight"]["pid"])}

    def ratios(self, begin: Callable[[], None] = lambda: None) -> dict[str, float]:
        """Median and 99th percentile of calls beside the process, each to that while it is held."""
        rounds: list[tuple[float, float]] = []
        for _ in range(ROUNDS):
            begin()
            self._calls()
            rounds.append(self._round())
            if begin == self.forget_store and _is_current(self.status()):
                sys.exit("the store was made anew before the calls were over; LONG_LOG must be more")
        return {name: statistics.median(found[i] for found in rounds) for i, name in enumerate(("median", "p99"))}

    def _round(self) -> tuple[float, float]:
        pid = self.status()["insight"]["pid"]
        held: list[int] = []
        beside: list[int] = []
        for _ in range(TURNS):
            os.kill(pid, signal.SIGSTOP)
            try:
                held += self._calls()
            finally:
                os.kill(pid, signal.SIGCONT)
            beside += self._calls()
        held.sort()
        beside.sort()
        middle, last = len(held) // 2, len(held) * 99 // 100
        return beside[middle] / held[middle], beside[last] / held[last]

    def _calls(self) -> list[int]:
        words: list[str | Path] = [self.pace, self.socket, self.request, str(CALLS), str(PAUSE_MICROSECONDS)]
        return list(map(int, subprocess.check_output(words, text=True).split()))


def _sinks(key: Path, name: str, urls: dict[str, str], start: str) -> str:
    secret = {"http": f'secret_file = "{key}"\n'}
    return "".join(
        f'[[sinks]]\nname = "{kind}-{name}"\nkind = "{kind}"\nurl = "{url}"\nstart = "{start}"\n{secret.get(kind, "")}'
        for kind, url in urls.items()
    )


def _is_current(status: Any) -> bool:
    told = status["insight"]
    return told["pid"] is not None and told["store"]["sequence"] > 0 and told["store"]["behind"] == 0


def _waits(sink: Any) -> bool:
    return bool(sink["failures"]) and sink["behind"] >= WAITING


def _peak(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))


@contextmanager
def _receivers() -> Iterator[dict[str, str]]:
    command: list[str | Path] = [sys.executable, HERE / "receivers.py"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as peers:
        assert peers.stdin is not None
        assert peers.stdout is not None
        yield json.loads(peers.stdout.readline())
        peers.stdin.close()


@contextmanager
def _started(place: Path, pace: Path, load: Path, request: Path) -> Iterator[Daemon]:
    daemon = Daemon(place, pace, load, request)
    (place / "config").mkdir()
    options: list[str | Path] = ["--state-dir", place / "state", "--config-dir", place / "config"]
    words: list[str | Path] = [BIN / "security-hooks", "serve", "--socket", daemon.socket, *options]
    with (place / "log").open("ab") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log)
    try:
        while process.poll() is None and not _answers(daemon):
            time.sleep(0.01)
        yield daemon
    finally:
        process.terminate()
        process.wait(20)


def _answers(daemon: Daemon) -> bool:
    try:
        daemon.status()
    except StartupError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

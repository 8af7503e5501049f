"""`kill -9` at random moments under load: no answered call is missing from the log, the chain verifies, and the store
comes to the rows of one made anew.

Some askers, through the shim and without it, go on over all deaths. `--kills` says how often the daemon dies, `--seed`
repeats the moments of a run that printed it (what the processes do meanwhile is not repeated).
"""

import contextlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from security_hooks.audit.reader import Cursor, last_lines, read_from
from security_hooks.insight.feed import current_store
from security_hooks.insight.schema import NAMES
from security_hooks.model.failure import StartupError
from security_hooks.service.inquiry import ask_status

pytestmark = pytest.mark.slow

ASKER = Path(__file__).parents[1] / "crash/asker.py"
ASKERS = ("raw", "raw", "raw", "shim")
# Small, so that deaths fall into rotation, compression and signing, too.
CONFIGURATION = "[audit]\nsegment_bytes = 1_000_000\ncheckpoint_records = 100\ncheckpoint_seconds = 1\n"
STARTING_SECONDS = 0.5
SERVING_SECONDS = 0.6
READING_SECONDS = (1.0, 3.0)
CATCHING_UP_SECONDS = 120.0
Call = tuple[str, str]


class Life(Enum):
    """When a daemon dies: before it may be ready, soon after, or when the log is read beside it and that dies, too."""

    STARTING = "starting"
    SERVING = "serving"
    READING = "reading"


LIVES = (Life.SERVING, Life.STARTING, Life.SERVING, Life.READING)
# After which of them the log is found with a torn line: before one that lives long enough to say that it cut it off.
TORN = 2


@dataclass
class Ledger:
    """What the askers were answered, and what the log has of it. Both grow, and each line is read once."""

    log: Path
    files: list[Path]
    askers: list[subprocess.Popen[bytes]]
    answered: dict[Call, str] = field(default_factory=dict)
    recorded: dict[Call, str] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)
    twice: list[Call] = field(default_factory=list)
    cursor: Cursor = field(default_factory=lambda: Cursor(0, 0))
    offsets: Counter[Path] = field(default_factory=Counter)

    def look(self) -> None:
        """Take what is new: first the answers, so that a record cannot be late for one."""
        self.answers()
        self.records()

    def answers(self) -> int:
        """How many there are by now."""
        for file in self.files:
            with file.open("rb") as opened:
                opened.seek(self.offsets[file])
                for line in opened:
                    # Still being written.
                    if not line.endswith(b"\n"):
                        break
                    self.offsets[file] += len(line)
                    name, event, verdict = line.decode().split()
                    self.answered[name, event] = verdict
        return len(self.answered)

    def records(self) -> None:
        """Take what the log has by now."""
        for line, cursor in read_from(self.log, self.cursor):
            self.cursor = cursor
            record = json.loads(line)
            fields = record["fields"]
            self.kinds[fields.get("problem", record["kind"])] += 1
            if record["kind"] == "decision" and "call_id" in fields:
                call = (fields["call_id"], fields["event"])
                if call in self.recorded:
                    self.twice.append(call)
                self.recorded[call] = {"ask": "ask", "deny": "deny"}.get(fields["sent"], "allow")

    def close(self) -> None:
        """No more calls from now on."""
        for asker in self.askers:
            asker.kill()
            asker.wait()

    def wrong(self) -> list[tuple[Call, str, str | None]]:
        """Answers without a record, or with a record of another."""
        return [
            (call, verdict, self.recorded.get(call))
            for call, verdict in self.answered.items()
            if self.recorded.get(call) != verdict
        ]


@pytest.fixture
def ledger(unstarted: Any, seed: int) -> Iterator[Ledger]:
    """Askers at work, and what they are answered."""
    files = [unstarted.place / f"asker{number}" for number in range(len(ASKERS))]
    askers = []
    for number, (kind, file) in enumerate(zip(ASKERS, files, strict=True)):
        file.touch()
        words = [kind, str(unstarted.socket), f"a{number}", str(file), str(seed + number)]
        askers.append(subprocess.Popen([sys.executable, str(ASKER), *words]))
    made = Ledger(unstarted.state / "audit", files, askers)
    yield made
    made.close()


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """Printed with every failure."""
    given: int | None = request.config.getoption("--seed")
    chosen = random.SystemRandom().randrange(1 << 32) if given is None else given
    print(f"--seed {chosen}")
    return chosen


@pytest.mark.skipif(sys.platform != "linux", reason="a worker outlives its killed daemon for a moment elsewhere")
def test_no_answered_call_is_lost_whenever_the_daemon_is_killed(
    unstarted: Any, ledger: Ledger, seed: int, request: pytest.FixtureRequest
) -> None:
    daemon, chance = unstarted, random.Random(seed)
    kills: int = request.config.getoption("--kills")
    daemon.config.mkdir()
    (daemon.config / "config.toml").write_text(CONFIGURATION)
    others = torn = 0
    for number in range(kills):
        life = LIVES[number % len(LIVES)]
        others += _live(daemon, life, chance)
        daemon.signal(signal.SIGKILL)
        daemon.process.wait()
        ledger.look()
        assert ledger.wrong() == [], f"after kill {number + 1}, while {life.value}"
        if number % len(LIVES) == TORN:
            torn += 1
            _tear(ledger.log, chance)
        verified = daemon.verify()
        assert verified.returncode == 0, f"after kill {number + 1}, while {life.value}: {verified.stdout}"
        assert "cuts it off" in verified.stdout or number % len(LIVES) != TORN
    daemon.start()
    before = len(ledger.answered)
    daemon.wait_until(lambda: ledger.answers() > before)
    assert [asker.poll() for asker in ledger.askers] == [None] * len(ASKERS), "an answer that is none, or an error"
    ledger.close()
    daemon.wait_until(lambda: _is_current(daemon), CATCHING_UP_SECONDS)
    daemon.stop()
    ledger.look()
    assert ledger.wrong() == []
    assert ledger.twice == []
    assert ledger.kinds["torn_line"] >= torn
    assert daemon.verify().returncode == 0
    # What stopping wrote is read by whoever asks.
    assert daemon.run("audit", "stats", "--state-dir", daemon.state).returncode == 0
    kept, anew = daemon.state / "insight/store.sqlite", daemon.place / "anew.sqlite"
    current_store(anew, ledger.log).close()
    for table in NAMES:
        assert _rows(kept, table) == _rows(anew, table), table
    print(f"{kills} kills of the daemon, {others} of the process that reads the log")
    print(f"{len(ledger.answered)} answers, {sum(ledger.kinds.values())} records, {torn} lines torn")


def _live(daemon: Any, life: Life, chance: random.Random) -> int:
    """A daemon's life up to its death; how often the process that reads the log died before it."""
    if life is Life.READING and chance.random() < 0.5:
        # There is all of the log to be read, so that a death falls into it.
        shutil.rmtree(daemon.state / "insight", ignore_errors=True)
    daemon.start(wait=life is not Life.STARTING)
    begun = time.monotonic()
    match life:
        case Life.STARTING:
            time.sleep(chance.random() * STARTING_SECONDS)
        case Life.SERVING:
            time.sleep(chance.random() * SERVING_SECONDS)
        case Life.READING:
            ending = begun + chance.uniform(*READING_SECONDS)
            killed = 0
            while time.monotonic() < ending:
                time.sleep(min(chance.random() * 0.4, max(0.0, ending - time.monotonic())))
                killed += _kill_reader(daemon)
            return killed
    return 0


def _tear(log: Path, chance: random.Random) -> None:
    """Leave what a death within a write leaves, which hardly ever happens by itself: the beginning of a record that
    nobody was answered for.
    """
    (last,), _ = last_lines(log, 1)
    with max(log.glob("*.jsonl")).open("ab") as opened:
        opened.write(last[: chance.randrange(1, len(last) - 1)])


def _kill_reader(daemon: Any) -> bool:
    told: Any = ask_status(daemon.socket)["insight"]
    if told["pid"] is None:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(told["pid"], signal.SIGKILL)
        return True
    return False


def _is_current(daemon: Any) -> bool:
    try:
        told: Any = ask_status(daemon.socket)["insight"]
    except StartupError:
        return False
    return told["pid"] is not None and told["store"]["sequence"] > 0 and told["store"]["behind"] == 0


def _rows(store: Path, table: str) -> list[Any]:
    with contextlib.closing(sqlite3.connect(store)) as connection:
        return sorted(connection.execute(f"SELECT * FROM {table}"), key=repr)

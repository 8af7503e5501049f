"""Measure what the project promises: make bench.

Builds the two C programs beside it, starts the real daemon on a private socket, and prints one table of figures
with what they must reach. Comparisons are made in one run, in turns. With `--write` the table goes to
docs/benchmarks.md; with names of groups (`run.py store delivery`) there are these alone. Exit status 1 if a promise is
not kept.
"""

import json
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from security_hooks.service import wire
from security_hooks.service.inquiry import ask

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BIN = Path(sys.executable).parent
RECORDED = ROOT / "tests/protocol/claude-code/PreToolUse.Bash.in.json"
RUNS = 2000
CALLS = 100_000
COMMANDS = ("git status", "ls -la src | head -5", "cd build && make -j4 2>&1 | tail -20", 'git commit -m "fix: it"')


@dataclass(frozen=True, slots=True)
class Figure:
    """One row: what was measured, its value as text, what is promised, and whether that is kept."""

    name: str
    value: str
    promise: str
    kept: bool


@dataclass(frozen=True, slots=True)
class Daemon:
    """A running daemon in a directory of its own."""

    process: subprocess.Popen[bytes]
    place: Path

    @property
    def socket(self) -> Path:
        return self.place / "hook.sock"

    def status(self) -> dict[str, dict[str, int]]:
        report: dict[str, dict[str, int]] = json.loads(ask(self.socket, wire.STATUS))
        return report


def main(arguments: list[str]) -> int:
    """Measure everything and print it."""
    chosen = [word for word in arguments if word != "--write"]
    if unknown := set(chosen) - set(GROUPS):
        sys.exit(f"no such group: {', '.join(sorted(unknown))}; there are {', '.join(GROUPS)}")
    if chosen and "--write" in arguments:
        sys.exit("the page has all groups: give `--write` alone")
    with tempfile.TemporaryDirectory(prefix="security-hooks-bench-") as directory:
        place = Path(directory)
        for name in ("spawn", "load", "pace"):
            compiler = os.environ.get("CC", "cc")
            subprocess.run([compiler, "-O2", "-Wall", "-Wextra", "-o", place / name, HERE / f"{name}.c"], check=True)
        figures = [figure for name in chosen or GROUPS for figure in GROUPS[name](place)]
    table = _table(figures)
    print(table)
    if "--write" in arguments:
        (ROOT / "docs/benchmarks.md").write_text(_page(table))
    return 0 if all(figure.kept for figure in figures) else 1


def _start(place: Path) -> Daemon:
    place.mkdir(exist_ok=True)
    options = ("--socket", place / "hook.sock", "--state-dir", place / "state", "--config-dir", place / "config")
    with (place / "log").open("ab") as log:
        process = subprocess.Popen([BIN / "security-hooks", "serve", *options], stdout=log, stderr=log)
    daemon = Daemon(process, place)
    while not daemon.socket.exists():
        if process.poll() is not None:
            sys.exit((place / "log").read_text())
        time.sleep(0.001)
    daemon.status()
    return daemon


def _stop(daemon: Daemon) -> None:
    daemon.process.terminate()
    daemon.process.wait(20)


def _starts(place: Path) -> Iterator[Figure]:
    """From spawn to the first answer: with nothing kept from before, and again."""
    first: list[float] = []
    again: list[float] = []
    for i in range(5):
        for times in (first, again):
            started = time.perf_counter()
            daemon = _start(place / f"start{i}")
            times.append(time.perf_counter() - started)
            _stop(daemon)
    yield _at_most("daemon ready, first start ever", statistics.median(first) * 1000, 400, "ms")
    yield _at_most("daemon ready, started again", statistics.median(again) * 1000, 400, "ms")
    activated = [_activation(place / f"start{i}") for i in range(5)]
    yield _at_most(
        "first call that activates the daemon, call to verdict", statistics.median(activated) * 1000, 500, "ms"
    )


def _activation(place: Path) -> float:
    """Seconds from a call to its answer where a service manager starts the daemon for it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        path = place / "activated.sock"
        path.unlink(missing_ok=True)
        listening.bind(str(path))
        listening.listen(16)
        started = time.perf_counter()
        with RECORDED.open("rb") as call:
            shim = subprocess.Popen(
                [BIN / "security-hooks-shim", "claude-code", "--socket", path], stdin=call, stdout=subprocess.DEVNULL
            )
        options: list[str | Path] = ["--state-dir", place / "state", "--config-dir", place / "config"]
        # `exec` keeps the process number that LISTEN_PID names.
        code = f'exec 3<&{listening.fileno()}; LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" "$@"'
        words = ["sh", "-c", code, BIN / "security-hooks", "serve", *options]
        with (place / "log").open("ab") as log:
            daemon = subprocess.Popen(words, pass_fds=[listening.fileno()], stdout=log, stderr=log)
        status = shim.wait(20)
        seconds = time.perf_counter() - started
        daemon.terminate()
        daemon.wait(20)
    if status != 0:
        sys.exit(f"the call that activates the daemon ended in {status}")
    return seconds


def _served(place: Path) -> Iterator[Figure]:
    _write_call(place)
    daemon = _start(place / "served")
    try:
        yield from _spawns(place, daemon)
        yield _at_most("resident memory of the daemon, idle", _resident(daemon.process.pid), 90, "MB")
        yield from _throughput(place, daemon)
        yield _at_most(f"resident memory after {CALLS:,} decisions", _resident(daemon.process.pid), 90, "MB")
        yield from _disturbed(daemon)
        status = daemon.status()
        for name, worker in (("building", status["worker_pid"]), ("judging", status["judging"]["pid"])):
            if isinstance(worker, int):
                yield Figure(
                    f"resident memory of the {name} process", f"{_resident(worker):.0f} MB", "told apart", True
                )
    finally:
        _stop(daemon)


def _write_call(place: Path) -> None:
    payload = json.loads(RECORDED.read_bytes())
    payload["tool_input"]["command"] = "git status"
    # As the client sends it: compact, one line.
    sent = json.dumps(payload, separators=(",", ":")).encode() + b"\n"
    (place / "payload.json").write_bytes(sent)
    (place / "request").write_bytes(wire.encode_request("claude-code", sent))


def _spawns(place: Path, daemon: Daemon) -> Iterator[Figure]:
    shim: list[str | Path] = [BIN / "security-hooks-shim", "claude-code", "--socket", daemon.socket]
    command: list[str | Path] = [place / "payload.json", *shim, "--", "/bin/true"]
    subprocess.run([place / "spawn", "200", *command], stdout=subprocess.DEVNULL, check=True)
    output = subprocess.check_output([place / "spawn", str(RUNS), *command], text=True)
    pairs = [tuple(map(int, line.split())) for line in output.splitlines()]
    ours, true = (sorted(column) for column in zip(*pairs, strict=True))
    middle, last = RUNS // 2, RUNS * 99 // 100
    yield Figure("median of /bin/true, spawn to end", f"{true[middle] / 1000:.0f} us", "", True)
    yield Figure("median of the shim, spawn to verdict", f"{ours[middle] / 1000:.0f} us", "", True)
    yield _at_most("median, shim : /bin/true", ours[middle] / true[middle], 0.9, "times")
    yield _at_most("99th percentile, shim : /bin/true", ours[last] / true[last], 3, "times")
    yield _at_most("median decision in the daemon", daemon.status()["calls"]["median_us"], 200, "us")
    yield _at_most("99th percentile decision in the daemon", daemon.status()["calls"]["p99_us"], 1000, "us")


def _throughput(place: Path, daemon: Daemon) -> Iterator[Figure]:
    command: list[str | Path] = [place / "load", daemon.socket, place / "request", "8", str(CALLS // 8)]
    seconds = float(subprocess.check_output(command, text=True))
    yield _at_least("decisions a second, 8 connections at once", CALLS / seconds, 3000)


def _disturbed(daemon: Daemon) -> Iterator[Figure]:
    """Ordinary calls alone, and while calls that are made to hold the daemon up come one after the other."""
    command: list[str | Path] = [sys.executable, HERE / "hostile.py", "measure", daemon.socket]
    figures = json.loads(subprocess.check_output(command))
    yield _at_most("slowest hostile call", figures["slowest"], 250, "ms")
    ratio = figures["disturbed"] / figures["alone"]
    yield _at_most("99th percentile of ordinary calls, beside hostile ones : alone", ratio, 2, "times")


def _facts(_: Path) -> Iterator[Figure]:
    """The understanding of shell text alone, many times in one process."""
    figures = json.loads(subprocess.check_output([sys.executable, HERE / "facts.py"]))
    yield _at_most("facts of one-line commands, median", figures["one_line"], 80, "us")
    yield Figure("facts of the slowest of them, median", f"{figures['slowest_one_line']:.0f} us", "", True)
    yield _at_most("facts of ten-command scripts, median", figures["script"], 500, "us")
    yield Figure("facts of the slowest of them, median", f"{figures['slowest_script']:.0f} us", "", True)


def _remembered(_: Path) -> Iterator[Figure]:
    """All parts of memory together, full, against none of them."""
    figures = json.loads(subprocess.check_output([sys.executable, HERE / "memory.py"]))
    yield _at_most("memory, 10,000 calls remembered: added to a call, median", figures["added"], 25, "us")
    yield Figure("added to the kind of call that it costs most", f"{figures['added_most']:.0f} us", "", True)
    yield _at_most("longest that saving all of it holds the loop at a time", figures["save_longest_ms"], 1, "ms")
    yield Figure("saving all of it, loop time every five seconds", f"{figures['save_ms']:.1f} ms", "", True)


def _stored(_: Path) -> Iterator[Figure]:
    """The log into the store, and questions to it, in a process of their own."""
    figures = json.loads(subprocess.check_output([sys.executable, HERE / "store.py"]))
    yield _at_least("records into the store a second", figures["events"], 20_000)
    yield _at_most("memory of the process that does it, at most", figures["memory"], 120, "MB")
    yield Figure("a question that 100,000 records must be looked through for", f"{figures['query']:.0f} ms", "", True)
    yield Figure("the numbers of 100,000 records", f"{figures['stats']:.0f} ms", "", True)
    yield _at_most("a decision's record made, chained and appended, median", figures["append"], 30, "us")


def _delivered(place: Path) -> Iterator[Figure]:
    """Calls beside the process that reads the log, and the memory of both."""
    _write_call(place)
    (place / "delivered").mkdir()
    words: list[str | Path] = [
        sys.executable,
        HERE / "delivery.py",
        place / "delivered",
        place / "pace",
        place / "load",
        place / "request",
    ]
    figures = json.loads(subprocess.check_output(words))
    states = (("three sinks", "on"), ("three sinks that are down", "down"), ("a store made anew", "anew"))
    for beside, state in states:
        for name, key in (("median", "median"), ("99th percentile", "p99")):
            yield _at_most(f"{name} of calls, beside {beside} : alone", figures[state][key], 1.05, "times")
    for who, key, bound in (("the daemon", "daemon", 90), ("the process that delivers", "reader", 120)):
        for when, state in (
            ("with nothing to deliver", "before"),
            ("with 100,000 records waiting for three sinks that are down", "after"),
        ):
            yield _at_most(f"memory of {who} {when}, at most", figures[state][key], bound, "MB")


def _batch(place: Path) -> Iterator[Figure]:
    cases = 10_000
    lines = [json.dumps({"id": i, "command": COMMANDS[i % len(COMMANDS)], "cwd": "/home/u/p"}) for i in range(cases)]
    (place / "batch").write_text("\n".join(lines))
    options: tuple[str | Path, ...] = ("--state-dir", place / "batch-state", "--config-dir", place / "batch-config")
    command = [BIN / "security-hooks", "check", *options, "--batch", place / "batch"]
    started = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    yield _at_least("check --batch, cases a second, start included", cases / (time.perf_counter() - started), 2000)


def _resident(pid: int) -> float:
    """Resident set in MB, where /proc tells it."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0.0
    return next(int(line.split()[1]) / 1024 for line in status.read_text().splitlines() if line.startswith("VmRSS"))


def _at_most(name: str, value: float, bound: float, unit: str) -> Figure:
    is_fine = unit == "times" or bound <= 1
    text = f"{value:.2f}" if is_fine else f"{value:.0f}"
    return Figure(name, f"{text} {unit}", f"at most {bound:g} {unit}", value <= bound)


def _at_least(name: str, value: float, bound: float) -> Figure:
    return Figure(name, f"{value:,.0f}", f"at least {bound:,.0f}", value >= bound)


def _table(figures: list[Figure]) -> str:
    rows = ["| what | measured | promised | kept |", "| --- | ---: | --- | --- |"]
    for figure in figures:
        kept = ("yes" if figure.kept else "**no**") if figure.promise else ""
        rows.append(f"| {figure.name} | {figure.value} | {figure.promise} | {kept} |")
    return "\n".join(rows)


def _page(table: str) -> str:
    processor = next(
        (line.partition(":")[2].strip() for line in _lines(Path("/proc/cpuinfo")) if line.startswith("model name")),
        platform.processor(),
    )
    compiler = shutil.which(os.environ.get("CC", "cc")) or "cc"
    return f"""# Benchmarks

Printed by `make bench` (this page: `.ci/bench --write`). The shim and `/bin/true` run in turns, {RUNS:,} times each,
started by a small C program that gives them their input on a pipe and reads their output to its end, as a client
does. Absolute figures say little about another machine; the ratios are what is promised. Calls beside the process that
reads the log come one each millisecond, in turns with calls while that process is held; on a busy machine the 99th
percentile of either is made by whatever else runs there. `.ci/bench delivery` measures that group alone; there are
{", ".join(GROUPS)}.

Machine: {processor}, {os.cpu_count()} cores, Linux {platform.release()}, Python {platform.python_version()};
shim compiled with `{Path(compiler).name}`.

{table}
"""


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


GROUPS: dict[str, Callable[[Path], Iterator[Figure]]] = {
    "start": _starts,
    "calls": _served,
    "facts": _facts,
    "memory": _remembered,
    "store": _stored,
    "delivery": _delivered,
    "batch": _batch,
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

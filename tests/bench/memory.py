"""What memory costs a call with ten thousand calls remembered: python tests/bench/memory.py.

Two daemons' worth of judging parts in this process, in turns over the same calls: one remembers 10,000 calls of 16
sessions, 2,000 secret values, denied goals, traces and who wrote which file, all by having seen such calls; in the
other memory is switched off. From decoded request to what is remembered of it, without log and socket. Prints one JSON
object: microseconds that memory adds (the median of pairs, and that of the fastest quarters, which other programs
disturb less), for each kind of call and for all kinds; and what saving holds the loop for.
"""

import asyncio
import itertools
import json
import os
import random
import statistics
import string
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from security_hooks.clients import client_named
from security_hooks.model.decision import Decision
from security_hooks.model.failure import CallError
from security_hooks.policy.built import Build
from security_hooks.policy.snapshot import Snapshot
from security_hooks.policy.source import PolicyDirectories
from security_hooks.service.directories import shipped_dir
from security_hooks.service.exchange import Exchange
from security_hooks.service.isolation import Isolation
from security_hooks.service.load import load_snapshot
from security_hooks.service.memory_parts import MemoryParts
from security_hooks.service.mounts import Mounts
from security_hooks.service.peer import Peer
from security_hooks.service.ruling import Rulings
from security_hooks.service.weighing import WeighedRulings

CALLS = 10_000
SESSIONS = 16
SECRETS = 2_000
ROUNDS = 400
ALPHABET = string.ascii_letters + string.digits
OFF = '[memory]\nsessions = "off"\n[goals]\nminutes = 0\n[secrets]\nremember = "off"\n[work]\nauthors = "off"\n'
COMMAND = (
    "cd /home/user/project/src && git commit -m 'Fix the parser of URLs' && npm run build -- --mode=production --out "
    "dist/assets/Main.js 2>&1 | tail -20; curl -s http://localhost:3000/health | jq .status"
)


class Policies:
    """One snapshot, for every project."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def snapshot_for(self, root: str | None) -> Snapshot | None:
        return self._snapshot

    async def build_project(self, root: str | None) -> Snapshot:
        return self._snapshot

    def build_of(self, generation: int) -> Build | None:
        return None


class Judge:
    """The parts of a daemon that a call goes through between its socket and its log."""

    def __init__(self, place: Path, settings: str) -> None:
        config = place / "config"
        config.mkdir(parents=True)
        (config / "config.toml").write_text(settings)
        here, nowhere = shipped_dir(), "/nonexistent"
        snapshot = load_snapshot(PolicyDirectories(str(here), f"{here}/rules", nowhere, str(config), nowhere), None)
        self.memory = MemoryParts(place, lambda _: False, print)
        self.memory.secrets.use(snapshot.config.remembering, ())
        mounts = Mounts(frozenset)
        rules = Rulings(
            Policies(snapshot), Isolation(), mounts, str(place), sees=lambda _: True, past=self.memory.sessions
        )
        self._rulings = WeighedRulings(rules, Isolation(), self.memory.authors, mounts.is_slow)

    def take(self, payload: bytes) -> bool:
        """Answer one call and remember it; False where the loop's time was up, on a busy machine."""
        exchange = Exchange(Peer(os.getuid(), 0), client=client_named("claude-code"), payload=payload)
        try:
            decision = self._rulings.rule(exchange, payload)
        except CallError:
            return False
        if not isinstance(decision, Decision):
            sys.exit(f"not judged on the loop: {payload.decode()}")
        for restraint in self.memory.restraints:
            decision = restraint.restrict(exchange, decision)
        self.memory.saw(exchange, decision)
        return True


def payload(project: Path, session: int, number: int, event: str, tool: str, given: object, **more: object) -> bytes:
    """A call as its client sends it."""
    call: dict[str, object] = {
        "session_id": f"{session:08}-0000-4000-8000-000000000000",
        "transcript_path": "/home/user/.claude/projects/p/s.jsonl",
        "cwd": str(project),
        "hook_event_name": event,
        "permission_mode": "default",
        "tool_name": tool,
        "tool_input": given,
        "tool_use_id": f"toolu_{session}_{number}",
        **more,
    }
    return json.dumps(call, separators=(",", ":")).encode()


def history(project: Path) -> Iterator[tuple[bytes, Path | None]]:
    """The calls that are remembered, each before and after it; and the file that it wrote."""
    source = random.Random(1)
    for number in range(CALLS):
        session = number % SESSIONS
        kind = number // SESSIONS % 5
        file = project / f"src/part{number % 97}/f{number}.sh"
        shell: dict[str, object]
        match kind:
            case 0:
                tool, shell = "Write", {"file_path": str(file), "content": f"echo {number}\n"}
            case 1:
                tool, shell = "Bash", {"command": f"curl -so fetched{number}.txt https://a{number}.example/x"}
            case 2:
                tool, shell = "Bash", {"command": f"python3 build{number}.py --step {number}"}
            case 3:
                tool, shell = "Bash", {"command": f"rm -rf ~/kept{number} /"}
            case _:
                tool, shell = "Bash", {"command": f"cat src/part{number % 97}/notes{number}.md | head -{number}"}
        yield payload(project, session, number, "PreToolUse", tool, shell), file if kind == 0 else None
        shown = f"line {number}\n"
        if kind == 4 and number < SECRETS * 5 + SESSIONS * 5:
            shown += f"API_TOKEN={''.join(source.choices(ALPHABET, k=40))}\n"
        response = {"stdout": shown, "interrupted": False}
        yield payload(project, session, number, "PostToolUse", tool, shell, tool_response=response), None


def samples(project: Path) -> dict[str, tuple[str, Callable[[int], dict[str, object]]]]:
    """The calls that are measured, by the round. Agents repeat themselves, but not in all that they do."""
    read = {"file_path": str(project / "src/part0/f0.sh")}
    edit = {**read, "old_string": "echo 0", "new_string": "echo one"}
    return {
        "git status": ("Bash", lambda _: {"command": "git status"}),
        "a pipe": ("Bash", lambda _: {"command": "ls -la src | head -5"}),
        "a build": ("Bash", lambda _: {"command": "cd build && make -j4 2>&1 | tail -20"}),
        "a commit": ("Bash", lambda _: {"command": 'git commit -m "fix: it"'}),
        "200 bytes": ("Bash", lambda _: {"command": COMMAND}),
        "a file of its own read": ("Read", lambda _: dict(read)),
        "200 bytes, others each time": ("Bash", lambda number: {"command": f"{COMMAND} # {number}"}),
        "a file edited otherwise": ("Edit", lambda number: {**edit, "new_string": f"echo {number}"}),
        "a new file": (
            "Write",
            lambda number: {"file_path": str(project / f"src/new{number}.py"), "content": f"import a{number}\n" * 20},
        ),
    }


def measured(judges: tuple[Judge, Judge], sent: list[bytes]) -> tuple[float, float]:
    """Microseconds that the first takes longer than the second: the median of pairs, and that of fastest quarters."""
    times: tuple[list[int], list[int]] = ([], [])
    for judge in judges:
        judge.take(sent[0])
    for number, call in enumerate(sent[1:]):
        pair: dict[int, int] = {}
        # Who is first finds nothing of the call in what other parts keep of texts.
        for which in (0, 1) if number % 2 else (1, 0):
            begun = time.perf_counter_ns()
            if judges[which].take(call):
                pair[which] = time.perf_counter_ns() - begun
        if len(pair) == len(judges):
            for which, one in pair.items():
                times[which].append(one)
    median = statistics.median(full - off for full, off in zip(*times, strict=True))
    fast = [statistics.mean(sorted(taken)[: len(taken) // 4]) for taken in times]
    return median / 1000, (fast[0] - fast[1]) / 1000


def saved(judge: Judge) -> dict[str, float]:
    """What saving all that is remembered takes, the best of five: its milliseconds in all, and of the longest part."""
    taken, longest, size, parts = [], [], 0, 0
    for _ in range(5):
        dumped = judge.memory.store._dumped()
        moments = [time.thread_time()]
        sizes = []
        for _, part in dumped:
            moments.append(time.thread_time())
            sizes.append(len(part))
        taken.append(moments[-1] - moments[0])
        longest.append(max(after - before for before, after in itertools.pairwise(moments)))
        size, parts = sum(sizes), len(sizes)
    return {
        "save_ms": min(taken) * 1000,
        "save_longest_ms": min(longest) * 1000,
        "save_parts": parts,
        "save_mb": size / 1e6,
    }


def main() -> int:
    """Fill, measure and print."""
    with tempfile.TemporaryDirectory(prefix="security-hooks-memory-") as directory:
        project = Path(directory) / "project"
        (project / "src").mkdir(parents=True)
        for number in range(97):
            (project / f"src/part{number}").mkdir()
        judges = Judge(Path(directory) / "full", ""), Judge(Path(directory) / "off", OFF)
        for sent, file in history(project):
            judges[0].take(sent)
            if file is not None:
                file.write_text("echo\n")
        figures: dict[str, Any] = {"remembered": judges[0].memory.sessions.report()}
        figures["secrets"] = judges[0].memory.secrets.report()["values"]
        figures |= saved(judges[0])
        kinds = {
            name: measured(
                judges,
                [payload(project, 3, -number, "PreToolUse", tool, given(number)) for number in range(1, ROUNDS + 2)],
            )
            for name, (tool, given) in samples(project).items()
        }
    figures["kinds"] = {name: [round(value, 1) for value in pair] for name, pair in kinds.items()}
    figures["added"] = statistics.median(pair[0] for pair in kinds.values())
    figures["added_fast"] = statistics.median(pair[1] for pair in kinds.values())
    figures["added_most"] = max(pair[0] for pair in kinds.values())
    print(json.dumps(figures, indent=2))
    return 0


async def _in_loop() -> int:
    # Some parts make events of the loop that they will run in.
    return main()


if __name__ == "__main__":
    sys.exit(asyncio.run(_in_loop()))

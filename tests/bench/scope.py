"""What a scope costs a decision: microseconds, the median of many, without one and with one.

Run by hand: `.venv/bin/python tests/bench/scope.py`.
"""

import statistics
import tempfile
import time
from pathlib import Path

from security_hooks.model.event import EventKind, HookEvent, Place, ToolCall, ToolKind
from security_hooks.policy.decide import decide
from security_hooks.policy.snapshot import Snapshot
from security_hooks.policy.source import PolicyDirectories
from security_hooks.service.directories import shipped_dir
from security_hooks.service.judge import shell_limits
from security_hooks.service.load import load_snapshot
from security_hooks.service.world import LocalWorld
from security_hooks.tools.facts import call_facts

PROJECT, HOME = "/home/user/project", "/home/user"
SCOPES = {"no scope": "", "scope": '[scope]\npaths = [".", "!.github", "!**/.env"]\nhosts = ["*.example.com"]\n'}
SCRIPTS = (
    "ls -la",
    "touch a b",
    "sed -i s/a/b/ src/x.py && git add src/x.py",
    "rm -f *.o",
    "curl https://a.example.com",
)


def _snapshot(configuration: str) -> Snapshot:
    here, nowhere = shipped_dir(), "/nonexistent"
    with tempfile.TemporaryDirectory() as own:
        Path(own, "config.toml").write_text(configuration)
        return load_snapshot(PolicyDirectories(str(here), f"{here}/rules", nowhere, own, nowhere), None)


def _measure(snapshot: Snapshot, script: str) -> float:
    tool = ToolCall("Bash", ToolKind.SHELL, script=script)
    event = HookEvent("claude-code", EventKind.PRE_TOOL, "PreToolUse", "s", cwd=PROJECT, tool=tool)
    place, limits = Place(PROJECT, HOME, PROJECT), shell_limits(snapshot.config.limits)
    call = call_facts(event, tool, place, snapshot.catalogue, limits, world=LocalWorld())
    samples = []
    for _ in range(100):
        begun = time.perf_counter_ns()
        for _ in range(20):
            call.memo.clear()
            decide(snapshot, call, 0, time.thread_time)
        samples.append((time.perf_counter_ns() - begun) / 20_000)
    return statistics.median(samples)


def main() -> None:
    """Print a line for each script, with and without a scope."""
    for name, configuration in SCOPES.items():
        snapshot = _snapshot(configuration)
        for script in SCRIPTS:
            print(f"{name}: {script}: {_measure(snapshot, script):.1f} us")


if __name__ == "__main__":
    main()

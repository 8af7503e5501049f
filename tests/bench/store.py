"""How quickly a record gets into the log, the log into the store, and an answer out of it: JSON on stdout.

The records are those of real calls, each followed by its result, as many as COUNT; in a process of its own, so that
its memory can be told.
"""

import json
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

from msgspec.structs import replace

from security_hooks.audit.settings import WriterSettings
from security_hooks.audit.writer import AuditWriter
from security_hooks.catalogue.load import shipped
from security_hooks.insight.attention import BLIND_MS
from security_hooks.insight.feed import current_store
from security_hooks.insight.filter import Filter
from security_hooks.insight.query import find_last
from security_hooks.insight.stats import stats
from security_hooks.model.decision import Basis, Decision, Verdict
from security_hooks.model.event import EventKind, HookEvent, Outcome, Place, ToolCall, ToolKind
from security_hooks.model.reply import HookReply
from security_hooks.policy.config_types import Limits
from security_hooks.service.exchange import Exchange
from security_hooks.service.journal import decision_record
from security_hooks.service.judge import shell_limits
from security_hooks.service.peer import Peer
from security_hooks.service.summary import summary_of
from security_hooks.tools.facts import call_facts

COUNT = 100_000
COMMANDS = ("git status", "ls -la src | head -5", "cd build && make -j4 2>&1 | tail -20", 'git commit -m "fix: it"')
PLACE = Place("/home/u/p", "/home/u", "/home/u/p")


def main() -> int:
    """Write a log, read it into a store, ask the store; microseconds, records a second, MB and milliseconds."""
    with tempfile.TemporaryDirectory(prefix="security-hooks-bench-") as directory:
        log = Path(directory) / "audit"
        appended = _write(log)
        started = time.perf_counter()
        store = current_store(Path(directory) / "store", log)
        seconds = time.perf_counter() - started
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        started = time.perf_counter()
        find_last(store, Filter(actions=("git_write",), paths=("/nowhere",), text="commit"), 50)
        asked = time.perf_counter() - started
        started = time.perf_counter()
        stats(store, Filter(), BLIND_MS)
        counted = time.perf_counter() - started
        store.close()
    figures = {
        "append": statistics.median(appended) / 1000,
        "events": COUNT / seconds,
        "memory": memory,
        "query": asked * 1000,
        "stats": counted * 1000,
    }
    print(json.dumps(figures))
    return 0


def _write(log: Path) -> list[int]:
    """The log; nanoseconds that it took to make and append the record of each call."""
    took: list[int] = []
    writer = AuditWriter(log, WriterSettings())
    scripts = [_shell(command, "") for command in COMMANDS]
    summaries = [
        summary_of(call_facts(_event(tool, "s"), tool, PLACE, shipped(), shell_limits(Limits()))) for tool in scripts
    ]
    decision = Decision(Verdict.ALLOW, Basis.DEFAULT, generation=1, digest="0" * 64)
    for number in range(COUNT // 2):
        which = number % len(COMMANDS)
        before = _event(_shell(COMMANDS[which], f"toolu_{number:012}"), f"s{number // 500}")
        after = replace(before, kind=EventKind.POST_TOOL, name="PostToolUse", outcome=Outcome.SUCCEEDED)
        for event, summary in ((before, summaries[which]), (after, None)):
            exchange = Exchange(Peer(1, 2), name="claude-code", event=event, place=PLACE, summary=summary)
            begun = time.perf_counter_ns()
            writer.append(decision_record(1_795_262_400_000_000_000 + number * 10**8, exchange, decision, HookReply(0)))
            if event is before:
                took.append(time.perf_counter_ns() - begun)
    writer.close()
    return took


def _shell(command: str, call: str) -> ToolCall:
    return ToolCall("Bash", ToolKind.SHELL, call_id=call, script=command)


def _event(tool: ToolCall, session: str) -> HookEvent:
    return HookEvent("claude-code", EventKind.PRE_TOOL, "PreToolUse", session, "/home/u/p", "default", tool=tool)


if __name__ == "__main__":
    sys.exit(main())

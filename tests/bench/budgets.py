"""What budgets cost a call: microseconds, the median of many, with many sessions remembered; and what a save takes.

Run by hand: `.venv/bin/python tests/bench/budgets.py`.
"""

import statistics
import time

from security_hooks.model.decision import Basis, Decision, Verdict
from security_hooks.model.event import EventKind, HookEvent
from security_hooks.model.spending import Budget, Level, Rate, Resource, Spending
from security_hooks.policy.built import Build
from security_hooks.policy.config import BudgetSettings, Config
from security_hooks.policy.snapshot import assemble_at_once
from security_hooks.service.budgets import Budgets
from security_hooks.service.exchange import Exchange
from security_hooks.service.peer import Peer
from security_hooks.service.summary import Summary

SESSIONS = 200
FILES = 200
ALLOWED = Decision(Verdict.ALLOW, Basis.DEFAULT)
SHIPPED = tuple(
    Budget(Level.SESSION, resource, Rate(2_000, 3_600)) for resource in Resource if resource is not Resource.BYTES_OUT
)
ALL = tuple(Budget(level, resource, Rate(1 << 40, 3_600)) for level in Level for resource in Resource)
CALLS = {
    "nothing spent": Spending(),
    "a file written": Spending(written=(b"0123456789abcdef",)),
    "three files written, one deleted": Spending(
        deleted=(b"0123456789abcdef",), written=tuple(bytes([number]) * 16 for number in range(3))
    ),
    "a host": Spending(hosts=(b"0123456789abcdef",), bytes=40),
}


def _played(settings: tuple[Budget, ...]) -> tuple[Budgets, dict[str, Exchange]]:
    budgets = Budgets(lambda _: False)
    snapshot = assemble_at_once(Build("d", Config(budgets=BudgetSettings(settings)), ()))

    def exchange(spending: Spending, session: str) -> Exchange:
        event = HookEvent("claude-code", EventKind.PRE_TOOL, "PreToolUse", session)
        return Exchange(Peer(1, 1), event=event, snapshot=snapshot, summary=Summary({}, spending=spending))

    for session in range(SESSIONS):
        names = tuple((session * FILES + number).to_bytes(16, "big") for number in range(FILES))
        budgets.saw(exchange(Spending(written=names), str(session)), ALLOWED)
    return budgets, {name: exchange(spending, "0") for name, spending in CALLS.items()}


def _measure(budgets: Budgets, exchange: Exchange) -> float:
    samples = []
    for _ in range(200):
        begun = time.perf_counter_ns()
        for _ in range(50):
            budgets.saw(exchange, budgets.restrict(exchange, ALLOWED))
        samples.append((time.perf_counter_ns() - begun) / 50_000)
    return statistics.median(samples)


def main() -> None:
    """Print a line for each kind of call, by the shipped budgets and by all there are."""
    for name, settings in (("shipped", SHIPPED), ("all fifteen", ALL)):
        budgets, calls = _played(settings)
        for kind, exchange in calls.items():
            print(f"{name}: {kind}: {_measure(budgets, exchange):.2f} us")
        sizes, longest = [], 0
        parts = budgets.dump(0)
        while True:
            begun = time.perf_counter_ns()
            part = next(parts, None)
            longest = max(longest, time.perf_counter_ns() - begun)
            if part is None:
                break
            sizes.append(len(part))
        print(f"{name}: saved: {sum(sizes):,} bytes in {len(sizes)} parts, the longest in {longest / 1e6:.2f} ms")


if __name__ == "__main__":
    main()

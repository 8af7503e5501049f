"""What denied goals cost a call, with ten thousand remembered: microseconds, the median of many.

Run by hand: `.venv/bin/python tests/bench/goals.py`.
"""

import statistics
import time

from security_hooks.memory.aims import Aim
from security_hooks.memory.goals import Denial, Goals
from security_hooks.memory.subject import Objection
from security_hooks.model.decision import Verdict
from security_hooks.model.deed import Deed, Deeds
from security_hooks.model.effect import EffectKind
from security_hooks.model.event import Place

PLACE = Place("/home/u/p", "/home/u", "/home/u/p")
REMEMBERED = 10_000
SHELF = 64
CALLS = {
    "nothing done": Deeds(),
    "a file read": Deeds((Deed(EffectKind.READS, "/home/u/p/src/a/b.py", command=0),)),
    "three files written": Deeds(
        tuple(Deed(EffectKind.WRITES, f"/home/u/p/src/a/{number}.py", command=0) for number in range(3))
    ),
    "a directory deleted": Deeds((Deed(EffectKind.DELETES, "/home/u/p/build", recursive=True, command=0),)),
}
KINDS = (
    (Aim.DESTROY, EffectKind.DELETES),
    (Aim.READ, EffectKind.READS),
    (Aim.ALTER, EffectKind.WRITES),
)


def _goals() -> Goals:
    goals = Goals()
    for number in range(REMEMBERED):
        aim, kind = KINDS[number % len(KINDS)]
        family = str(number // SHELF)
        deed = Deed(kind, f"/home/u/p{family}/kept/{number}", recursive=True)
        goals.remember(
            Objection(aim, deed), Denial(Verdict.DENY, "r", "e", number, family, f"/home/u/p{family}"), PLACE
        )
    return goals


def _measure(goals: Goals, deeds: Deeds, family: str) -> float:
    samples = []
    for _ in range(200):
        begun = time.perf_counter_ns()
        for _ in range(50):
            goals.routes(deeds, family, PLACE, 0)
        samples.append((time.perf_counter_ns() - begun) / 50_000)
    return statistics.median(samples)


def main() -> None:
    """Print a line for each kind of call, in a session that was denied something and in one that was not."""
    goals = _goals()
    for name, deeds in CALLS.items():
        denied, free = (_measure(goals, deeds, family) for family in ("7", "none"))
        print(f"{name:<22}{denied:6.2f} us{free:8.2f} us where nothing was denied")


if __name__ == "__main__":
    main()

"""What remembered secrets cost a call: python tests/bench/secret_values.py [VALUES].

Remembers 2,000 random values, or as many as told, and looks through texts as calls have them. Prints one JSON object:
microseconds for each text (the best of some rounds), for learning from an output of 8 KiB, and the memory it takes.
"""

import itertools
import json
import random
import string
import sys
import time
import tracemalloc
from collections.abc import Callable

from security_hooks.memory.secret_candidates import candidates
from security_hooks.memory.secret_values import LONGEST_CLEAN, MOST_CLEAN, SecretValues

VALUES = 2_000
ROUNDS = 15
ALPHABET = string.ascii_letters + string.digits
COMMAND = (
    "cd /home/user/project/src && git commit -m 'Fix the parser of URLs' && npm run build -- --mode=production --out "
    "dist/assets/Main.js 2>&1 | tail -20; curl -s http://localhost:3000/health | jq .status"
)
PROSE = "The words of a file that somebody writes, with a name like HttpClient2 in some of its lines.\n"


def filled(count: int) -> SecretValues:
    """A memory of so many values."""
    source = random.Random(1)
    known = SecretValues(b"k" * 32, max(count, 1), 3600.0)
    for _ in range(count):
        for found in candidates("API_TOKEN=" + "".join(source.choices(ALPHABET, k=40))):
            known.learn(found, "`Bash`", None, 0.0)
    return known


def microseconds(work: Callable[[], object], times: int) -> float:
    """What one turn takes, in the best of the rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        for _ in range(times):
            work()
        best = min(best, (time.perf_counter() - begun) / times)
    return round(best * 1e6, 1)


def looked_through(known: SecretValues, text: str, times: int) -> float:
    """Microseconds to look for what is known in a text; in a short one as if it came for the first time."""
    count = 2 * MOST_CLEAN if len(text) <= LONGEST_CLEAN else 1
    texts = itertools.cycle([f"{text} {'.' * (number % 50)}{'/' * (number // 50)}" for number in range(count)])
    return microseconds(lambda: known.find((next(texts),)), times)


def main(arguments: list[str]) -> int:
    """Measure and print."""
    count = int(arguments[0]) if arguments else VALUES
    tracemalloc.start()
    known = filled(count)
    megabytes = round(tracemalloc.get_traced_memory()[0] / 1e6, 1)
    tracemalloc.stop()
    noise = "".join(random.Random(2).choices(ALPHABET + " /.-_\n", k=65_536))
    texts = {
        "command of 200 bytes": (COMMAND, 2_000),
        "commit by its digest": ("git show 3f2a9c1b7d8e4f60a1b2c3d4e5f60718293a4b5c", 2_000),
        "prose of 4 KiB": ((PROSE * 50)[:4_096], 200),
        "prose of 64 KiB": ((PROSE * 800)[:65_536], 50),
        "random text of 64 KiB": (noise, 20),
    }
    report: dict[str, object] = {"values": len(known), "megabytes": megabytes}
    report["nothing remembered"] = looked_through(filled(0), COMMAND, 2_000)
    for name, (text, times) in texts.items():
        report[name] = looked_through(known, text, times)
    report["the same command again"] = microseconds(lambda: known.find((COMMAND,)), 2_000)
    output = (PROSE * 100)[:8_192]
    report["learning from 8 KiB"] = microseconds(lambda: list(candidates(output)), 100)
    print(json.dumps(report, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

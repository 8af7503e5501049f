"""Measure the policy on labelled commands: make score CORPUS=DIR.

DIR holds `*.jsonl`, one JSON object a line: `id`, `tool`, `input` (`command` for `bash`), `cwd`, `class` (`must_stop`,
`should_stop`, `must_pass`; others are counted only) and `threat`. Prints what was stopped, denied and interrupted by
class and threat, and writes the misses to score-misses.jsonl.
"""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

HOME = "/home/user"
STOP = ("must_stop", "should_stop")


def main(directory: Path, *options: str) -> int:
    """Score every file below `directory`; `options` go to `check --batch`."""
    cases = []
    for file in sorted(directory.glob("*.jsonl")):
        cases += [json.loads(line) for line in file.read_bytes().splitlines() if line.strip()]
    cases = [case for case in cases if case.get("tool", "bash") == "bash"]
    lines = (
        json.dumps(
            {
                "id": case["id"],
                "command": case["input"]["command"],
                "cwd": case.get("cwd", f"{HOME}/project"),
                "home": HOME,
            }
        )
        for case in cases
    )
    run = subprocess.run(
        [Path(sys.executable).parent / "security-hooks", "check", "--batch", "-", *options],
        input="\n".join(lines).encode(),
        stdout=subprocess.PIPE,
        check=True,
    )
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    _report(cases, answers)
    return 0


def _report(cases: list[dict[str, object]], answers: list[dict[str, object]]) -> None:
    verdicts: dict[tuple[str, str], Counter[str]] = {}
    misses = []
    for case, answer in zip(cases, answers, strict=True):
        label, threat, verdict = str(case["class"]), str(case.get("threat", "none")), str(answer["verdict"])
        for key in ((label, "all"), (label, threat)):
            verdicts.setdefault(key, Counter())[verdict] += 1
        if (label in STOP and verdict == "allow") or (label == "must_pass" and verdict != "allow"):
            misses.append({**case, "verdict": verdict, "rules": answer["rules"]})
    print(f"{'class':<12} {'threat':<22} {'cases':>6} {'stopped':>8} {'denied':>7} {'asked':>7}")
    for (label, threat), counts in sorted(verdicts.items()):
        total = sum(counts.values())
        stopped = (counts["ask"] + counts["deny"]) / total
        row = f"{label:<12} {threat:<22} {total:>6} {stopped:>8.1%} {counts['deny'] / total:>7.1%}"
        print(f"{row} {counts['ask'] / total:>7.1%}")
    elapsed = sorted(int(str(answer["elapsed_us"])) for answer in answers)
    print(f"median {elapsed[len(elapsed) // 2]} us, 99th percentile {elapsed[len(elapsed) * 99 // 100]} us")
    Path("score-misses.jsonl").write_text("".join(json.dumps(miss) + "\n" for miss in misses))
    print(f"{len(misses)} misses in score-misses.jsonl")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))

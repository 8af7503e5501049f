"""Plays every scenario with every client that is there, two at a time, and prints what came of it as a table.

Its only argument is the plan that `run` made, as JSON.
"""

import json
import shutil
import sys
import tempfile
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from tests.clients.apart import why_not
from tests.clients.network import only_loopback
from tests.clients.program import Program
from tests.clients.programs import PROGRAMS
from tests.clients.scenario import Scenario
from tests.clients.scenarios import SCENARIOS
from tests.clients.stage import Stage, Unexpected

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
_COLOURS = {PASSED: "green", FAILED: "bold red", SKIPPED: "yellow"}
_AT_ONCE = 2
# No scenario begins after this many seconds: what is left is failed, not forgotten.
_SECONDS = 420.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a scenario with a client; `why` says it where it did not pass."""

    client: str
    scenario: str
    word: str
    why: str = ""
    seconds: float = 0.0


def main() -> int:
    """Play the plan."""
    plan = json.loads(sys.argv[1])
    console = Console(width=None if sys.stdout.isatty() else 150)
    if only_loopback():
        console.print("network: a name space with nothing but loopback")
    else:
        console.print("network: no name space to be had; proxies that lead nowhere, and base URLs on loopback")
    scenarios = [scenario for scenario in SCENARIOS if plan["scenario"] in scenario.name]
    programs = [program for program in PROGRAMS if program.name in plan["programs"]]
    found = plan["programs"]
    with tempfile.TemporaryDirectory() as beside:
        lacking = why_not(Path(beside) / "etc")
    deadline = time.monotonic() + _SECONDS
    printing = threading.Lock()

    def one(case: tuple[Scenario, Program]) -> Outcome:
        scenario, program = case
        missing = found[program.name].get("missing") or program.tools.missing.get(scenario.needs)
        if missing is None and scenario.apart:
            missing = lacking
        if missing is not None:
            return Outcome(program.name, scenario.name, SKIPPED, missing)
        if time.monotonic() > deadline:
            return Outcome(program.name, scenario.name, FAILED, "no time was left for it")
        outcome = _play(scenario, program, Path(found[program.name]["binary"]), plan["keep"])
        if outcome.word == FAILED:
            with printing:
                console.print(f"[bold red]failed[/]: {program.name}, {scenario.name}: ", end="")
                console.print(outcome.why, markup=False)
        return outcome

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        outcomes = list(pool.map(one, [(scenario, program) for scenario in scenarios for program in programs]))
    console.print(_table(programs, scenarios, outcomes))
    for client, why in sorted({(outcome.client, outcome.why) for outcome in outcomes if outcome.word == SKIPPED}):
        names = [outcome.scenario for outcome in outcomes if (outcome.client, outcome.why) == (client, why)]
        rows = "all" if len(names) == len(scenarios) else ", ".join(names)
        console.print(f"skipped: {client}: {rows}: {why}", markup=False)
    count = {word: sum(outcome.word == word for outcome in outcomes) for word in (PASSED, FAILED, SKIPPED)}
    console.print(", ".join(f"{number} {word}" for word, number in count.items()), highlight=False)
    return 1 if count[FAILED] else 0


def _play(scenario: Scenario, program: Program, binary: Path, keep: bool) -> Outcome:
    place = Path(tempfile.mkdtemp(prefix="security-hooks-client-")).resolve()
    started = time.monotonic()
    word, why = PASSED, ""
    stage = Stage(program, binary, place)
    try:
        with stage:
            scenario.play(stage)
            stage.all_was_judged()
    except Unexpected as seen:
        word, why = FAILED, f"{seen}\n  the client's last words: {stage.last_words()}"
    except Exception:  # noqa: BLE001 - whatever went wrong, the other scenarios go on and this one failed
        word, why = FAILED, traceback.format_exc()
    if word == FAILED and keep:
        why += f"\n  kept: {place}"
    else:
        shutil.rmtree(place, ignore_errors=True)
    return Outcome(program.name, scenario.name, word, why, time.monotonic() - started)


def _table(programs: list[Program], scenarios: list[Scenario], outcomes: list[Outcome]) -> Table:
    table = Table(title="real clients")
    table.add_column("scenario", no_wrap=True)
    for program in programs:
        table.add_column(f"{program.name} {program.version}", no_wrap=True)
    cells = {
        (outcome.scenario, outcome.client): f"[{_COLOURS[outcome.word]}]{outcome.word}[/]"
        + (f" {outcome.seconds:.1f} s" if outcome.word != SKIPPED else "")
        for outcome in outcomes
    }
    for scenario in scenarios:
        table.add_row(scenario.name, *(cells[scenario.name, program.name] for program in programs))
    return table


if __name__ == "__main__":
    sys.exit(main())

"""`security-hooks replay`: the calls of the audit log judged again by the policy as it is now, or as it might be."""

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from security_hooks.audit.reader import Cursor, has_log, read_from
from security_hooks.cli.command import Command, Exit
from security_hooks.cli.comparison import Comparison
from security_hooks.cli.moment import add_since
from security_hooks.cli.options import add_json, add_policy, add_state
from security_hooks.model.failure import StartupError
from security_hooks.service.directories import state_dir
from security_hooks.service.load import policy_directories
from security_hooks.service.offline import real_home
from security_hooks.service.recall import Recalled, recall
from security_hooks.service.replay import Judge, Totals, compare, recorded


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `replay`."""
    parser.add_argument("files", nargs="*", metavar="FILE", help="segments (`-`: standard input) instead of the log")
    add_since(parser)
    add_policy(parser)
    add_state(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """0 nothing changed, 1 some verdict is another now."""
    lines = lines_of(arguments.files) if arguments.files else log_lines(arguments.state_dir)
    judge = Judge(policy_directories(arguments.config_dir, arguments.rules, arguments.state_dir))
    totals = Totals()
    comparison = Comparison("record", judge.secret_names(), as_json=arguments.json)
    cases = comparison.counted(recalled(lines, arguments.since or ""))
    return comparison.show(compare(cases, recorded, judge.say, totals), totals)


def recalled(lines: Iterable[bytes], since: str) -> Iterator[Recalled]:
    """The calls that lines of the log record."""
    home = real_home()
    for line in lines:
        case = recall(line, home, since)
        if case is not None:
            yield case


def log_lines(state: Path | None) -> Iterator[bytes]:
    """Every line of the log, one at a time."""
    directory = state_dir(state) / "audit"
    if not has_log(directory):
        raise StartupError(f"there is no audit log in {directory}; name a FILE", Exit.USAGE)
    return (line for line, _ in read_from(directory, Cursor(0, 0)))


def lines_of(files: Iterable[str]) -> Iterator[bytes]:
    """The lines of files, `-` being standard input; raises StartupError where one cannot be read."""
    for name in files:
        try:
            with sys.stdin.buffer if name == "-" else Path(name).open("rb") as lines:
                yield from lines
        except OSError as error:
            raise StartupError(f"cannot read {name}: {error.strerror}", Exit.USAGE) from error


COMMAND = Command(
    "replay",
    "judge the calls of the audit log again, by the policy of now or by a proposed one, and print what changes",
    "security-hooks replay --since 7d --rules ./rules",
    add_arguments,
    run,
)

"""`security-hooks rules coverage`: which rules and conditions no example and no case exercises."""

import argparse
import json
from dataclasses import asdict

from security_hooks.catalogue.load import shipped
from security_hooks.cli.command import Command, Exit
from security_hooks.cli.rules_sources import (
    add_paths,
    add_sources,
    directories_of,
    read_cases,
    sources_of,
    split_paths,
    with_rules,
)
from security_hooks.cli.table import table
from security_hooks.cli.visible import visible
from security_hooks.dsl.scope import LayeredFile
from security_hooks.policy.build import BuildCache, build
from security_hooks.policy.exercise import Exercised, exercise
from security_hooks.policy.snapshot import assemble_at_once

_SHOWN = 80


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `rules coverage`."""
    add_sources(parser)
    parser.add_argument("--all", action="store_true", help="show what is exercised, too")
    parser.add_argument(
        "--fail-under", type=_percentage, metavar="N", default=0.0, help="end in 1 below N percent", dest="least"
    )
    add_paths(parser, "Markdown files with cases, rule files to tell of, or directories of both (default: all rules)")


def run(arguments: argparse.Namespace) -> int:
    """1 where less than `--fail-under` is exercised; raises PolicyError."""
    rules, files = split_paths(arguments.paths)
    sources, only = with_rules(sources_of(arguments), rules, directories_of(arguments))
    cases = read_cases(files)
    cache = BuildCache()
    snapshot = assemble_at_once(build(sources, cache, shipped()))
    layered = [
        LayeredFile(file.layer, cache.parse(file)[0]) for file in sources.rules if not rules or file.path in only
    ]
    rows = exercise(snapshot.rules, layered, cases, snapshot.catalogue)
    exercised = sum(row.times > 0 for row in rows)
    percent = 100.0 * exercised / len(rows) if rows else 100.0
    if arguments.json:
        report = {"rows": [asdict(row) for row in rows], "exercised": exercised, "percent": round(percent, 2)}
        print(json.dumps(report, indent=2))
    else:
        for line in table([_cells(row) for row in rows if arguments.all or not row.times]):
            print(line)
        print(f"{exercised} of {len(rows)} rules and conditions are exercised, {percent:.1f} %")
    return Exit.NO if percent < arguments.least else Exit.OK


def _cells(row: Exercised) -> tuple[str, ...]:
    what = f"{row.clause} {row.condition}" if row.condition else "the rule itself"
    times = "never" if not row.times else f"{row.times}x"
    return (visible(f"{row.file}:{row.line}:{row.column}"), visible(row.rule), times, visible(what[:_SHOWN]))


def _percentage(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 100:
        raise argparse.ArgumentTypeError(f"`{text}` is no number from 0 to 100")
    return number


VERB = Command(
    name="coverage",
    summary="print which rules and conditions no example and no case exercises",
    example="security-hooks rules coverage --fail-under 90 cases.md",
    add_arguments=add_arguments,
    run=run,
)

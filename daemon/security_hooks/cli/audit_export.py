"""`security-hooks audit export`: records as JSON lines or as CSV, for other programs."""

import argparse
import csv
import sys
from collections.abc import Iterator

from security_hooks.cli.audit_filter import add_filter, filter_of
from security_hooks.cli.audit_query import with_result
from security_hooks.cli.audit_store import stored
from security_hooks.cli.command import Command, Exit
from security_hooks.cli.visible import visible
from security_hooks.insight.query import COLUMNS, cells, find
from security_hooks.insight.row import RANKS

_FORMATS = ("jsonl", "csv")
_SEVERITIES = {rank: name for name, rank in RANKS.items()}
# A spreadsheet takes a cell that begins so for a formula, and what agents say comes from anywhere.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `audit export`."""
    add_filter(parser)
    parser.add_argument(
        "--format", choices=_FORMATS, help="jsonl: each record as the log has it, and its result; csv: a row for each"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print every record asked for, oldest first."""
    asked = filter_of(arguments)
    with stored(arguments.state_dir) as store:
        if getattr(arguments, "format", _FORMATS[0]) == "csv":
            _print_csv(cells(store, asked))
        else:
            for record in find(store, asked):
                print(with_result(record))
    return Exit.OK


def _print_csv(rows: Iterator[tuple[object, ...]]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow((*COLUMNS, "rules", "outcome"))
    severity = COLUMNS.index("severity")
    for row in rows:
        values = list(row)
        values[severity] = _SEVERITIES.get(values[severity])  # type: ignore[call-overload]  # a column of numbers or None
        writer.writerow([_cell(value) for value in values])


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    return visible(f"'{value}" if value.startswith(_FORMULAS) else value)


VERB = Command(
    "export",
    "print records for other programs, as JSON lines or CSV",
    "security-hooks audit export --since 30d --format csv > month.csv",
    add_arguments,
    run,
)

"""`security-hooks audit query`: the records that hold what is asked for, the last ones first to be counted."""

import argparse
import json
import sys
from collections.abc import Iterable

from security_hooks.cli.audit_filter import add_filter, filter_of
from security_hooks.cli.audit_store import stored
from security_hooks.cli.audit_table import Table
from security_hooks.cli.command import Command, Exit
from security_hooks.insight.query import Found, find, find_last

_MOST = 50


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `audit query`."""
    add_filter(parser)
    parser.add_argument(
        "-n", "--lines", type=_count, metavar="N", help=f"no more than the last N records, 0: all ({_MOST})"
    )


def run(arguments: argparse.Namespace) -> int:
    """0: there are such records; 1: there are none."""
    most, asked = getattr(arguments, "lines", _MOST), filter_of(arguments)
    with stored(arguments.state_dir) as store:
        last, is_more = find_last(store, asked, most) if most else (None, False)
        shown = _print(find(store, asked) if last is None else last, as_json=arguments.json)
    if not shown:
        print("no record is like that", file=sys.stderr)
        return Exit.NO
    if is_more:
        print(f"only the last {most} are shown; -n 0 shows all", file=sys.stderr)
    return Exit.OK


def _print(found: Iterable[Found], *, as_json: bool) -> int:
    """Print records; how many there were."""
    table = None if as_json else Table(sys.stdout)
    shown = 0
    for record in found:
        shown += 1
        if table is None:
            print(with_result(record))
        else:
            table.add(record.line.encode(), record.outcome or "")
    return shown


def with_result(record: Found) -> str:
    """The record as the log has it, with a member `result` where it is known what became of the call."""
    if record.result is None:
        return record.line
    result = json.dumps({"outcome": record.outcome, "seq": record.result}, separators=(",", ":"))
    return f'{record.line[:-1]},"result":{result}}}'


def _count(text: str) -> int:
    value = int(text)
    if value < 0:
        raise ValueError(text)
    return value


_count.__name__ = "number"

VERB = Command(
    "query",
    "the records that hold what you ask for: exit status 0 if there are any, 1 if not",
    "security-hooks audit query --since 7d --verdict deny --path ~/.ssh",
    add_arguments,
    run,
)

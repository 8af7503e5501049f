"""`security-hooks audit tail`: the last records that hold what is asked for, and those to come."""

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from watchfiles import watch

from security_hooks.audit.reader import Cursor, last_lines, read_from
from security_hooks.cli.audit_filter import add_filter, filter_of
from security_hooks.cli.audit_store import stored
from security_hooks.cli.audit_table import Table
from security_hooks.cli.command import Command, Exit
from security_hooks.cli.options import positive_number
from security_hooks.insight.filter import Filter
from security_hooks.insight.query import find_last
from security_hooks.insight.sieve import Sieve
from security_hooks.insight.store import StoreError
from security_hooks.model.failure import StartupError
from security_hooks.service.directories import state_dir

_LINES = 20
# New segments and file systems that tell of no change are looked at this often while following.
_LOOK_MILLISECONDS = 1_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `audit tail`."""
    parser.add_argument("-n", "--lines", type=positive_number, metavar="N", help=f"how many records ({_LINES})")
    parser.add_argument("-f", "--follow", action="store_true", help="go on as records are written")
    add_filter(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the last records, and with `--follow` each that comes, until interrupted."""
    count, follow = getattr(arguments, "lines", _LINES), getattr(arguments, "follow", False)
    asked = filter_of(arguments)
    if follow and asked.outcomes:
        raise StartupError(
            "what becomes of a call is not known yet when it is written; --outcome goes without -f", Exit.USAGE
        )
    directory = state_dir(arguments.state_dir) / "audit"
    table = None if arguments.json else Table(sys.stdout)
    lines, cursor = _last(arguments.state_dir, directory, count, asked)
    for line in lines:
        _print_line(line, table)
    if follow:
        changes = watch(directory, yield_on_timeout=True, rust_timeout=_LOOK_MILLISECONDS, step=20, debounce=100)
        try:
            with contextlib.closing(Sieve(asked)) as sieve:
                passes = _everything if asked == Filter() else sieve.passes
                follow_log(directory, cursor, changes, table, passes)
        except StoreError as error:
            raise StartupError(str(error)) from error
    return Exit.OK


def follow_log(
    directory: Path,
    cursor: Cursor,
    changes: Iterable[object],
    table: Table | None,
    passes: Callable[[bytes], bool] | None = None,
) -> None:
    """Print what comes after the cursor and passes, at once and after each change."""
    for _ in changes:
        for line, position in read_from(directory, cursor):
            cursor = position
            if passes is None or passes(line):
                _print_line(line, table)


def _last(state: Path | None, directory: Path, count: int, asked: Filter) -> tuple[list[bytes], Cursor]:
    """The last records that are asked for, and the cursor behind all that were looked at."""
    if asked == Filter():
        return last_lines(directory, count)
    with stored(state) as store:
        found, _ = find_last(store, asked, count)
        return [record.line.encode() + b"\n" for record in found], store.so_far().cursor


def _everything(_line: bytes) -> bool:
    return True


def _print_line(line: bytes, table: Table | None) -> None:
    if table is None:
        sys.stdout.write(line.decode("ascii", "backslashreplace"))
        sys.stdout.flush()
    else:
        table.add(line)


VERB = Command(
    "tail",
    "the last records, and with -f those to come",
    "security-hooks audit tail -f --verdict deny --verdict ask",
    add_arguments,
    run,
)

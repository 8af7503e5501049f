"""`security-hooks audit`: look at the log, check its chain, sign it. Needs neither the daemon nor the log's lock."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from watchfiles import watch

from security_hooks.audit.reader import Cursor, find_record, has_log, last_lines, read_from
from security_hooks.cli import audit_attest, audit_attestation, audit_key, audit_verify
from security_hooks.cli.audit_table import Table
from security_hooks.cli.command import Command, Exit
from security_hooks.cli.options import add_json, add_state, positive_number
from security_hooks.service.directories import state_dir

# New segments and file systems that tell of no change are looked at this often while following.
_LOOK_MILLISECONDS = 1_000

# Verbs that have a file of their own, and look themselves whether what they need is there.
PROOFS: Mapping[str, Callable[[Path, argparse.Namespace], int]] = {
    "verify": audit_verify.run,
    "key": audit_key.run,
    "attest": audit_attest.run,
    "verify-attestation": audit_attestation.run,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The parser of `audit` with its verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    tail = _verb(verbs, "tail", "the last records", "tail -n 50 -f")
    tail.add_argument("-n", "--lines", type=positive_number, default=20, metavar="N", help="how many records (20)")
    tail.add_argument("-f", "--follow", action="store_true", default=False, help="go on as records are written")
    show = _verb(verbs, "show", "one record in full", "show 1042")
    show.add_argument("seq", type=positive_number, metavar="SEQ", help="the record's sequence number")
    check = _verb(
        verbs, "verify", "check the chain and its checkpoints: exit status 0 if it is whole, 1 if not", "verify"
    )
    audit_verify.add_arguments(check)
    key = _verb(verbs, "key", "print the public half of the key that signs", "key > audit.pub")
    attest = _verb(
        verbs, "attest", "sign what a range of the log holds", "attest --first 1 --last 1000 --out 1000.json"
    )
    audit_attest.add_arguments(attest)
    proven = _verb(verbs, "verify-attestation", "check what was signed", "verify-attestation 1000.json --key audit.pub")
    audit_attestation.add_arguments(proven)
    for place in (parser, tail, show, check, key, attest, proven):
        add_state(place)
        add_json(place)


def run(args: argparse.Namespace) -> int:
    """Do what the verb says."""
    state = state_dir(args.state_dir)
    if args.verb in PROOFS:
        return PROOFS[args.verb](state, args)
    directory = state / "audit"
    if not has_log(directory):
        print(f"there is no audit log in {directory}; the daemon makes it when it starts", file=sys.stderr)
        return Exit.NO
    if args.verb == "tail":
        return _tail(directory, args.lines, follow=args.follow, as_json=args.json)
    return _show(directory, args.seq, as_json=args.json)


def follow_log(directory: Path, cursor: Cursor, changes: Iterable[object], table: Table | None) -> None:
    """Print what comes after the cursor, at once and after each change."""
    for _ in changes:
        for line, position in read_from(directory, cursor):
            cursor = position
            _print_line(line, table)


def _tail(directory: Path, count: int, *, follow: bool, as_json: bool) -> int:
    table = None if as_json else Table(sys.stdout)
    lines, cursor = last_lines(directory, count)
    for line in lines:
        _print_line(line, table)
    if follow:
        changes = watch(directory, yield_on_timeout=True, rust_timeout=_LOOK_MILLISECONDS, step=20, debounce=100)
        follow_log(directory, cursor, changes, table)
    return Exit.OK


def _print_line(line: bytes, table: Table | None) -> None:
    if table is None:
        sys.stdout.write(line.decode("ascii", "backslashreplace"))
        sys.stdout.flush()
    else:
        table.add(line)


def _show(directory: Path, seq: int, *, as_json: bool) -> int:
    line = find_record(directory, seq)
    if line is None:
        print(f"there is no record {seq} in {directory}", file=sys.stderr)
        return Exit.NO
    text = line.decode("ascii", "backslashreplace").rstrip("\n")
    try:
        shown = text if as_json else json.dumps(json.loads(text), indent=2)
    except (ValueError, RecursionError):
        shown = text
    print(shown)
    return Exit.OK


def _verb(
    verbs: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, summary: str, example: str
) -> argparse.ArgumentParser:
    # What is said before the verb must not be undone by the verb's own defaults, so its options have none.
    return verbs.add_parser(
        name,
        help=summary,
        description=summary,
        epilog=f"example: security-hooks audit {example}",
        argument_default=argparse.SUPPRESS,
    )


COMMAND = Command(
    name="audit",
    summary="look at the audit log, check and prove it",
    example="security-hooks audit verify",
    add_arguments=add_arguments,
    run=run,
)

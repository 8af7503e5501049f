"""`security-hooks audit`: look at the log, ask it, check its chain. Needs neither the daemon nor the log's lock.

The verbs that ask have a file each, `audit_VERB.py`.
"""

import argparse
import json
import sys
from pathlib import Path

import msgspec

from security_hooks.audit.reader import find_record, has_log, whole_log
from security_hooks.audit.verify import Report, verify
from security_hooks.cli import audit_export, audit_query, audit_stats, audit_tail
from security_hooks.cli.command import Command, Exit
from security_hooks.cli.options import add_json, add_state, positive
from security_hooks.service.directories import state_dir

_VERBS = (audit_tail.VERB, audit_query.VERB, audit_stats.VERB, audit_export.VERB)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The parser of `audit` with its verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    show = _verb(verbs, "show", "one record in full", "security-hooks audit show 1042")
    show.add_argument("seq", type=positive, metavar="SEQ", help="the record's sequence number")
    check = _verb(
        verbs, "verify", "check the chain: exit status 0 if it is whole, 1 if not", "security-hooks audit verify"
    )
    places = [parser, show, check]
    for verb in _VERBS:
        place = _verb(verbs, verb.name, verb.summary, verb.example)
        verb.add_arguments(place)
        place.set_defaults(run_verb=verb.run)
        places.append(place)
    for place in places:
        add_state(place)
        add_json(place)


def run(args: argparse.Namespace) -> int:
    """Do what the verb says."""
    directory = state_dir(args.state_dir) / "audit"
    if not has_log(directory):
        print(f"there is no audit log in {directory}; the daemon makes it when it starts", file=sys.stderr)
        return Exit.NO
    if "run_verb" in args:
        return int(args.run_verb(args))
    if args.verb == "show":
        return _show(directory, args.seq, as_json=args.json)
    return _verify(directory, as_json=args.json)


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


def _verify(directory: Path, *, as_json: bool) -> int:
    report = verify(whole_log(directory))
    if as_json:
        sys.stdout.write(msgspec.json.encode(_as_data(report)).decode() + "\n")
    else:
        _print_report(report)
    return Exit.OK if report.problem is None else Exit.NO


def _print_report(report: Report) -> None:
    records = f"{report.records} {'record' if report.records == 1 else 'records'}"
    segments = f"{report.segments} {'segment' if report.segments == 1 else 'segments'}"
    problem = report.problem
    if problem is None:
        print(f"whole: {records} in {segments}")
    else:
        print(f"broken: {records} in {segments}")
        where = f"{problem.segment}, line {problem.line}" if problem.line else problem.segment
        print(f"first bad record: {problem.seq} ({where}): {problem.damage.value}: {problem.detail}")
    if report.torn is not None:
        print(f"{report.torn}; the next start of the daemon cuts it off")


def _as_data(report: Report) -> dict[str, object]:
    problem = report.problem
    return {
        "whole": problem is None,
        "records": report.records,
        "segments": report.segments,
        "torn": report.torn,
        "problem": None
        if problem is None
        else {
            "damage": problem.damage.value,
            "seq": problem.seq,
            "segment": problem.segment,
            "line": problem.line,
            "detail": problem.detail,
        },
    }


def _verb(
    verbs: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, summary: str, example: str
) -> argparse.ArgumentParser:
    # What is said before the verb must not be undone by the verb's own defaults, so its options have none.
    return verbs.add_parser(
        name,
        help=summary,
        description=summary,
        epilog=f"example: {example}",
        argument_default=argparse.SUPPRESS,
    )


COMMAND = Command(
    name="audit",
    summary="look at the audit log, ask it questions and check its chain",
    example="security-hooks audit verify",
    add_arguments=add_arguments,
    run=run,
)

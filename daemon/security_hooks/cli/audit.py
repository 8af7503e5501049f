"""`security-hooks audit`: look at the log, ask it, check it, sign it. Needs neither the daemon nor the log's lock."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from security_hooks.audit.reader import find_record, has_log, start_of_log
from security_hooks.cli import (
    audit_attest,
    audit_attestation,
    audit_export,
    audit_key,
    audit_prune,
    audit_query,
    audit_stats,
    audit_tail,
    audit_verify,
)
from security_hooks.cli.command import Command, Exit
from security_hooks.cli.options import add_json, add_state, positive_number
from security_hooks.service.directories import state_dir

_VERBS = (audit_tail.VERB, audit_query.VERB, audit_stats.VERB, audit_export.VERB)

# Verbs that have a file of their own, and look themselves whether what they need is there.
PROOFS: Mapping[str, Callable[[Path, argparse.Namespace], int]] = {
    "verify": audit_verify.run,
    "key": audit_key.run,
    "attest": audit_attest.run,
    "verify-attestation": audit_attestation.run,
    "prune": audit_prune.run,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The parser of `audit` with its verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    show = _verb(verbs, "show", "one record in full", "security-hooks audit show 1042")
    show.add_argument("seq", type=positive_number, metavar="SEQ", help="the record's sequence number")
    check = _verb(
        verbs,
        "verify",
        "check the chain and its checkpoints: exit status 0 if it is whole, 1 if not",
        "security-hooks audit verify",
    )
    audit_verify.add_arguments(check)
    key = _verb(verbs, "key", "print the public half of the key that signs", "security-hooks audit key > audit.pub")
    attest = _verb(
        verbs,
        "attest",
        "sign what a range of the log holds",
        "security-hooks audit attest --first 1 --last 1000 --out 1000.json",
    )
    audit_attest.add_arguments(attest)
    proven = _verb(
        verbs,
        "verify-attestation",
        "check what was signed",
        "security-hooks audit verify-attestation 1000.json --key audit.pub",
    )
    audit_attestation.add_arguments(proven)
    prune = _verb(
        verbs,
        "prune",
        "remove the oldest records; the log says so itself and stays provable",
        "security-hooks audit prune --older-than 90d --dry-run",
    )
    audit_prune.add_arguments(prune)
    places = [parser, show, check, key, attest, proven, prune]
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
    state = state_dir(args.state_dir)
    if args.verb in PROOFS:
        return PROOFS[args.verb](state, args)
    directory = state / "audit"
    if not has_log(directory):
        print(f"there is no audit log in {directory}; the daemon makes it when it starts", file=sys.stderr)
        return Exit.NO
    if "run_verb" in args:
        return int(args.run_verb(args))
    return _show(directory, args.seq, as_json=args.json)


def _show(directory: Path, seq: int, *, as_json: bool) -> int:
    line = find_record(directory, seq)
    if line is None:
        begin = start_of_log(directory)
        more = f": the log begins with record {begin}" if seq < begin else ""
        print(f"there is no record {seq} in {directory}{more}", file=sys.stderr)
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
        epilog=f"example: {example}",
        argument_default=argparse.SUPPRESS,
    )


COMMAND = Command(
    name="audit",
    summary="look at the audit log, ask it questions, check and prove it",
    example="security-hooks audit verify",
    add_arguments=add_arguments,
    run=run,
)

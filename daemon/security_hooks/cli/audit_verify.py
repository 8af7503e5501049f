"""`security-hooks audit verify`: whether the log is whole, and how far signed checkpoints prove it."""

import argparse
import sys
from pathlib import Path

import msgspec

from security_hooks.audit.damage import Damage, Problem
from security_hooks.audit.keys import public_key
from security_hooks.audit.ledger import LEDGER
from security_hooks.audit.proof import prove
from security_hooks.audit.reader import has_log, whole_log
from security_hooks.audit.verify import Report, verify
from security_hooks.audit.witness import Proof
from security_hooks.cli.command import Exit
from security_hooks.cli.options import add_keys

# What mends it where no key that counts says that the log is whole.
MENDS = {
    Damage.NO_KEY: "give its public half: --key FILE (where the log was written, `security-hooks audit key` prints it);"
    " or check the chain alone: --chain-only",
    Damage.FOREIGN_KEY: "if you trust that key as well, name all that you trust: --key FILE --key FILE",
    Damage.UNSIGNED: "the log is of another key, or was written anew; give the checkpoints that you have kept:"
    " --checkpoints FILE",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `audit verify`."""
    add_keys(parser)
    parser.add_argument(
        "--checkpoints",
        type=_file,
        action="append",
        default=[],
        metavar="FILE",
        help="more checkpoints, kept elsewhere: a copy of STATE/checkpoints.jsonl",
    )
    parser.add_argument("--chain-only", action="store_true", default=False, help="leave the checkpoints aside")


def run(state: Path, arguments: argparse.Namespace) -> int:
    """0: the log is whole; 1: it is not, or a checkpoint cannot be checked."""
    if not has_log(state / "audit") and not (state / LEDGER).exists() and not arguments.checkpoints:
        print(f"there is no audit log in {state / 'audit'}; the daemon makes it when it starts", file=sys.stderr)
        return Exit.NO
    if arguments.chain_only:
        report = verify(whole_log(state / "audit"))
    else:
        report = prove(state, tuple(map(public_key, arguments.key)), arguments.checkpoints)
    if arguments.json:
        sys.stdout.write(msgspec.json.encode(_as_data(report)).decode() + "\n")
    else:
        _print_report(report)
    return Exit.OK if report.problem is None else Exit.NO


def _print_report(report: Report) -> None:
    records = f"{report.records} {'record' if report.records == 1 else 'records'}"
    segments = f"{report.segments} {'segment' if report.segments == 1 else 'segments'}"
    problem = report.problem
    if problem is None:
        print(f"whole: {records} in {segments}" + (f", from record {report.first} on" if report.first > 1 else ""))
    elif problem.damage in MENDS:
        print(f"unproven: {records} in {segments}")
        print(f"the chain is whole, but {problem.damage.value}: {problem.detail}")
        print(f"what helps: {MENDS[problem.damage]}")
    else:
        print(f"broken: {records} in {segments}")
        print(f"first bad record: {problem.seq} ({_where(problem)}): {problem.damage.value}: {problem.detail}")
    if report.pruned is not None:
        said, last = report.pruned.prune, report.first - 1
        print(f"records 1 to {last} were pruned, at {said.at} (record {report.pruned.record} says so: {said.limit})")
    if report.proof is not None and (problem is None or report.proof.checkpoints):
        print(_signed(report.proof, report))
    if report.torn is not None:
        print(f"{report.torn}; the next start of the daemon cuts it off")


def _where(problem: Problem) -> str:
    return f"{problem.segment}, line {problem.line}" if problem.line else problem.segment


def _signed(proof: Proof, report: Report) -> str:
    if not proof.checkpoints:
        return "not signed: no checkpoint covers a record, so a lost end would not show"
    checkpoints = f"{proof.checkpoints} {'checkpoint' if proof.checkpoints == 1 else 'checkpoints'}"
    by = " and ".join(signer[:16] for signer in proof.signers)
    last = f" of {report.last.seq}" if report.last is not None and report.last.seq > proof.covered else ""
    return f"signed: up to record {proof.covered}{last}, at {proof.at} by {by} ({checkpoints})"


def _as_data(report: Report) -> dict[str, object]:
    problem, proof = report.problem, report.proof
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
        "first": report.first,
        "pruned": None
        if report.pruned is None
        else {"record": report.pruned.record, **msgspec.to_builtins(report.pruned.prune)},
        "proof": None
        if proof is None
        else {
            "checkpoints": proof.checkpoints,
            "covered": proof.covered,
            "at": proof.at or None,
            "signers": proof.signers,
        },
    }


def _file(text: str) -> Path:
    # One that is not there would prove nothing in silence.
    if not Path(text).is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text}")
    return Path(text)

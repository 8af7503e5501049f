"""`security-hooks audit attest`: sign what a range of the log holds."""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from security_hooks.audit.dsse import Unproven, seal_envelope
from security_hooks.audit.keys import signing_key
from security_hooks.audit.proof import witness_of
from security_hooks.audit.reader import has_log, start_of_log, whole_log
from security_hooks.audit.statement import PAYLOAD_TYPE, Statement, encode_statement, state
from security_hooks.cli.atomic import replace_file
from security_hooks.cli.command import Exit
from security_hooks.cli.options import positive_number
from security_hooks.model.failure import StartupError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `audit attest`."""
    parser.add_argument(
        "--first", type=positive_number, default=None, metavar="SEQ", help="the first record (the log's)"
    )
    parser.add_argument(
        "--last", type=positive_number, default=None, metavar="SEQ", help="the last one (the log's last)"
    )
    parser.add_argument("--out", type=Path, default=None, metavar="FILE", help="where to put it (standard output)")
    parser.add_argument(
        "--records", type=Path, default=None, metavar="FILE", help="put the records there, to be handed over with it"
    )


def run(directory: Path, arguments: argparse.Namespace) -> int:
    """0: signed; 1: the records are not all there, or no whole chain."""
    log = directory / "audit"
    if not has_log(log):
        print(f"there is no audit log in {log}; the daemon makes it when it starts", file=sys.stderr)
        return Exit.NO
    first = start_of_log(log) if arguments.first is None else arguments.first
    if arguments.last is not None and arguments.last < first:
        raise StartupError(f"--last {arguments.last} is before --first {first}", Exit.USAGE)
    key = signing_key(directory)
    made = _stated(directory, first, arguments.last, arguments.records)
    if isinstance(made, Unproven):
        print(f"nothing was signed: {made.detail}", file=sys.stderr)
        return Exit.NO
    envelope = seal_envelope(PAYLOAD_TYPE, encode_statement(made), key) + b"\n"
    if arguments.out is None:
        sys.stdout.write(envelope.decode("ascii"))
        return Exit.OK
    replace_file(arguments.out, envelope)
    digest = made.subject[0].digest["sha256"]
    last = made.predicate.last.seq
    if arguments.json:
        said = {"out": str(arguments.out), "first": first, "last": last, "sha256": digest, "key": key.public.id}
        print(json.dumps(said))
    else:
        print(f"{arguments.out}: records {first} to {last}, SHA-256 {digest}, signed by {key.public.id}")
    return Exit.OK


def _stated(directory: Path, first: int, last: int | None, records: Path | None) -> Statement | Unproven:
    log, witness = whole_log(directory / "audit"), witness_of(directory)
    if records is None:
        return state(log, first, last, witness)
    beside: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{records.name}.", dir=records.parent)
        beside = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            made = state(log, first, last, witness, file.write)
        if isinstance(made, Statement):
            beside.replace(records)
    except OSError as error:
        raise StartupError(f"{records} cannot be written: {error.strerror}", Exit.INTERNAL) from None
    finally:
        if beside is not None:
            beside.unlink(missing_ok=True)
    return made

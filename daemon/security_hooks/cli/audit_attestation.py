"""`security-hooks audit verify-attestation`: whether a key we trust has signed it, and the records say the same."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from security_hooks.audit.dsse import Unproven, open_envelope
from security_hooks.audit.failure import AuditError
from security_hooks.audit.keys import public_key, public_keys
from security_hooks.audit.reader import LONGEST_LINE, has_log, start_of_log, whole_log
from security_hooks.audit.statement import (
    PAYLOAD_TYPE,
    Segments,
    Statement,
    decode_statement,
    difference,
    state,
)
from security_hooks.cli.command import Exit
from security_hooks.cli.options import add_keys

# An attestation is a page of text.
LARGEST = 1 << 24


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `audit verify-attestation`."""
    parser.add_argument("file", type=Path, metavar="FILE", help="what `audit attest` has signed")
    add_keys(parser)
    parser.add_argument(
        "--records", type=Path, default=None, metavar="FILE", help="the records handed over with it (default: the log)"
    )


def run(directory: Path, arguments: argparse.Namespace) -> int:
    """0: signed, and the records say the same; 1: not."""
    proven = _proven(directory, arguments)
    if isinstance(proven, Unproven):
        if arguments.json:
            print(json.dumps({"proven": False, "why": proven.detail}))
        else:
            print(f"not proven: {proven.detail}")
        return Exit.NO
    statement, key = proven
    found = statement.predicate
    if arguments.json:
        digest = statement.subject[0].digest["sha256"]
        said = {"proven": True, "first": found.first.seq, "last": found.last.seq, "sha256": digest, "key": key}
        print(json.dumps({**said, "records": found.records, "verdicts": found.verdicts}))
    else:
        verdicts = ", ".join(f"{count} {verdict}" for verdict, count in found.verdicts.items()) or "no decisions"
        print(f"proven: records {found.first.seq} to {found.last.seq} ({verdicts}), signed by {key}")
    return Exit.OK


def _proven(directory: Path, arguments: argparse.Namespace) -> tuple[Statement, str] | Unproven:
    keys = tuple(map(public_key, arguments.key)) or public_keys(directory)
    if not keys:
        return Unproven(f"there is no key in {directory}: give the public half of the one that signed: --key FILE")
    opened = open_envelope(_read(arguments.file), PAYLOAD_TYPE, keys)
    if isinstance(opened, Unproven):
        return opened
    said = decode_statement(opened.payload)
    if isinstance(said, Unproven):
        return said
    first, last = said.predicate.first.seq, said.predicate.last.seq
    if arguments.records is not None:
        segments: Segments = [(str(arguments.records), first, _lines(arguments.records))]
    elif has_log(directory / "audit"):
        segments = whole_log(directory / "audit")
    else:
        return Unproven(f"it is signed by {opened.key.id}, but the records are not here: give them: --records FILE")
    found = state(segments, first, last)
    if isinstance(found, Unproven):
        if arguments.records is None and start_of_log(directory / "audit") > first:
            why = f"it is signed by {opened.key.id}, but its records are no longer here ({found.detail})"
            return Unproven(f"{why}; give them: --records FILE")
        return Unproven(f"it is signed by {opened.key.id}, but the records are others: {found.detail}")
    differs = difference(said, found)
    return Unproven(f"it is signed by {opened.key.id}, but {differs}") if differs else (said, opened.key.id)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST)
    except OSError as error:
        raise AuditError(f"{path} cannot be read: {error.strerror}") from error


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while line := file.readline(LONGEST_LINE):
                yield line
    except OSError as error:
        raise AuditError(f"{path} cannot be read: {error.strerror}") from error

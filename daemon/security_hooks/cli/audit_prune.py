"""`security-hooks audit prune`: a person removes the oldest records of the log, which says so itself."""

import argparse
import re
import sys
import time
from pathlib import Path

import msgspec

from security_hooks.audit.encode import timestamp
from security_hooks.audit.pruning import announce, plan_for
from security_hooks.audit.reader import has_log
from security_hooks.audit.settings import WriterSettings
from security_hooks.audit.writer import AuditWriter
from security_hooks.cli.command import Exit
from security_hooks.cli.moment import moment
from security_hooks.cli.options import add_socket
from security_hooks.cli.terminal import require_person
from security_hooks.cli.visible import visible
from security_hooks.model.failure import StartupError
from security_hooks.model.record import AuditRecord, RecordKind
from security_hooks.model.sink import Start
from security_hooks.service import wire
from security_hooks.service.inquiry import ask, socket_path
from security_hooks.service.prune_messages import Pruned, PruneRequest
from security_hooks.service.retention import carry_out, taken_by

# Signing, and forcing two files to a slow disk.
SECONDS = 60.0
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_SIZE = re.compile(r"(\d{1,12})([KMGT]?)")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `audit prune`."""
    which = parser.add_mutually_exclusive_group(required=True)
    text = "what is older: 12h, 90d, 52w"
    which.add_argument("--older-than", dest="before", type=moment, metavar="90d", help=text)
    which.add_argument(
        "--before", dest="before", type=moment, metavar="DATE", help="what is older than this day, in UTC"
    )
    which.add_argument(
        "--keep-bytes", type=_size, metavar="1G", help="the oldest, until the log takes no more than that on the disk"
    )
    text = "also what a sink has not taken yet; how many records it loses is recorded"
    parser.add_argument("--even-undelivered", action="store_true", default=False, help=text)
    parser.add_argument("--dry-run", action="store_true", default=False, help="only say what would go")
    add_socket(parser)


def run(state: Path, arguments: argparse.Namespace) -> int:
    """0: done, or nothing is over the limit; 1: some of it stays for a sink; 64: no person; 70: it cannot be done."""
    log = state / "audit"
    if not has_log(log):
        print(f"there is no audit log in {log}; the daemon makes it when it starts", file=sys.stderr)
        return Exit.NO
    if not arguments.dry_run:
        require_person("`security-hooks audit prune`")
    request = PruneRequest(
        str(log.absolute()),
        getattr(arguments, "before", None),
        getattr(arguments, "keep_bytes", None),
        arguments.even_undelivered,
        arguments.dry_run,
    )
    pruned = _asked(request, getattr(arguments, "socket", None)) or _by_ourselves(state, request)
    if pruned.refused:
        raise StartupError(pruned.refused, Exit.INTERNAL)
    if arguments.json:
        print(msgspec.json.encode({**msgspec.to_builtins(pruned), "dry_run": request.dry_run}).decode())
    else:
        for line in _told(pruned, is_dry=request.dry_run):
            print(visible(line))
    return Exit.NO if pruned.held else Exit.OK


def _asked(request: PruneRequest, socket: Path | None) -> Pruned | None:
    """What the daemon of this log did; None where there is none."""
    try:
        answer = ask(socket_path(socket), wire.PRUNE, msgspec.json.encode(request), seconds=SECONDS)
    except StartupError:
        # Whether another daemon writes the log is what its lock says.
        return None
    try:
        pruned = msgspec.json.decode(answer, type=Pruned)
    except msgspec.MsgspecError:
        return None
    return None if pruned.elsewhere else pruned


def _by_ourselves(state: Path, request: PruneRequest) -> Pruned:
    log, limits = state / "audit", request.limits()
    names = {path.stem: Start.OLDEST for path in (state / "insight/sinks").glob("*.json")}
    if request.dry_run:
        return Pruned.of(plan_for(log, limits, taken_by(state, names)))
    # Holding the log's lock, as its only writer: nothing is closed or compressed meanwhile.
    writer = AuditWriter(log, WriterSettings())
    try:
        wanted = plan_for(log, limits, taken_by(state, names))
        if not wanted.segments:
            return Pruned.of(wanted)
        at = time.time_ns()
        said = announce(state, wanted, limits, timestamp(at))
        seq = writer.append(AuditRecord(RecordKind.PRUNE, at, said.fields()))
        carry_out(writer, state, said, wanted)
        return Pruned.of(wanted, seq)
    finally:
        writer.close()


def _told(pruned: Pruned, *, is_dry: bool) -> list[str]:
    lines = []
    if pruned.records:
        verb = "would be pruned" if is_dry else "pruned"
        what = f"{pruned.records} records, {pruned.first} to {pruned.through}, in {pruned.segments} segments"
        lines.append(
            f"{verb}: {what} ({pruned.size:,} bytes)" + (f"; record {pruned.record} says so" if pruned.record else "")
        )
        lines += [f"not delivered to {sink}: {count} of them" for sink, count in pruned.undelivered.items()]
    elif not pruned.held:
        lines.append("nothing to prune: no closed segment is over the limit (the one being written always stays)")
    lines += [
        f"kept for {sink}, which has yet to take {count} records; --even-undelivered prunes them all the same"
        for sink, count in pruned.held.items()
    ]
    return lines


def _size(text: str) -> int:
    given = _SIZE.fullmatch(text.upper())
    if given is None:
        raise ValueError(text)
    return int(given[1]) * _UNITS[given[2]]


_size.__name__ = "size"

"""Whether what calls depend on is sound: the shim's program, one's own catalogue, the log's chain, the clock."""

import json
import os
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from security_hooks.audit.damage import UNPROVEN
from security_hooks.audit.failure import AuditError
from security_hooks.audit.proof import prove
from security_hooks.audit.reader import last_lines, size_of
from security_hooks.install.bundle import reinstall
from security_hooks.model.diagnostic import Level
from security_hooks.policy.own_catalogue import read_catalogue
from security_hooks.policy.source import PolicyDirectories, read_catalogue_files
from security_hooks.wiring.report import Remark

# What is checked here in a second or two; more is for `audit verify`.
CHECKED_BYTES = 64 << 20
# Records are stamped before they are written, by the same clock.
AHEAD_SECONDS = 60
# The first release of this program: a clock before it has lost its battery.
EARLIEST = 1_735_689_600
_PT_INTERP = 3


@dataclass(frozen=True, slots=True)
class Sound:
    """One thing looked at."""

    what: str
    remark: Remark


def soundness(shim: Path | None, directories: PolicyDirectories, log: Path, now: float) -> Iterator[Sound]:
    """Look at all of it; `now` is Unix time."""
    if shim is not None:
        yield from (Sound("shim", remark) for remark in _shim(shim))
    yield from (Sound("catalogue", remark) for remark in _catalogue(directories))
    yield from (Sound("chain", remark) for remark in _chain(log))
    yield Sound("clock", _clock(log, now))


def _shim(shim: Path) -> Iterator[Remark]:
    real = Path(os.path.realpath(shim))
    try:
        program, status = real.read_bytes(), real.stat()
    except OSError as error:
        yield Remark("bad", f"{real}: {error.strerror}", reinstall())
        return
    if sys.platform == "linux" and is_dynamic(program):
        finding = f"{real} is no static program: a project can subvert it by LD_PRELOAD"
        yield Remark("bad", finding, reinstall())
    for path in (real, *real.parents):
        about = status if path == real else path.stat()
        if about.st_uid not in {os.getuid(), 0}:
            yield Remark(
                "bad", f"{path} belongs to uid {about.st_uid}, who can replace the shim", f"sudo chown $USER {path}"
            )
        elif about.st_mode & 0o022 and not about.st_mode & 0o1000:
            yield Remark("bad", f"others may write to {path}, and so replace the shim", f"chmod go-w {path}")


def is_dynamic(program: bytes) -> bool:
    """Whether an ELF program asks for a loader; what is no ELF program needs one, too."""
    if program[:4] != b"\x7fELF" or len(program) < 64:
        return True
    wide, order = program[4] == 2, "<" if program[5] == 1 else ">"
    (start,) = struct.unpack_from(order + ("Q" if wide else "I"), program, 32 if wide else 28)
    size, count = struct.unpack_from(order + "HH", program, 54 if wide else 42)
    headers = (start + i * size for i in range(count))
    return any(program[at : at + 4] == struct.pack(order + "I", _PT_INTERP) for at in headers)


def _catalogue(directories: PolicyDirectories) -> Iterator[Remark]:
    lint = "security-hooks catalogue lint"
    files, problems = read_catalogue_files(directories)
    found = [*problems, *(problem for file in files for problem in read_catalogue(file).problems)]
    for problem in found:
        yield Remark("bad" if problem.level is Level.ERROR else "warning", str(problem), lint)
    if not found:
        yield Remark("well", f"{len(files)} files of your own" if files else "as shipped")


def _chain(log: Path) -> Iterator[Remark]:
    try:
        size = size_of(log)
        if size > CHECKED_BYTES:
            yield Remark("warning", f"not checked here: the log holds {size >> 20} MiB", "security-hooks audit verify")
            return
        report = prove(log.parent)
    except (AuditError, OSError) as error:
        yield Remark("bad", str(error), "security-hooks audit verify")
        return
    if report.problem is not None and report.problem.damage in UNPROVEN:
        yield Remark("warning", f"the log is not proven: {report.problem.detail}", "security-hooks audit verify")
    elif report.problem is not None:
        finding = f"the log was changed: {report.problem.damage.value} at record {report.problem.seq}"
        yield Remark("bad", finding, "security-hooks audit verify")
    else:
        covered = report.proof.covered if report.proof is not None else 0
        yield Remark(
            "well", f"{report.records} records, whole, " + (f"signed up to {covered}" if covered else "not signed")
        )


def _clock(log: Path, now: float) -> Remark:
    """A wrong clock makes `until` and `within` of rules mean something else, and the log too."""
    if now < EARLIEST:
        return Remark("bad", "the clock is before this program was written", "set the clock: `timedatectl`")
    try:
        lines, _ = last_lines(log, 1)
        record = json.loads(lines[-1]) if lines else {}
        last = datetime.fromisoformat(record["at"][:19]).replace(tzinfo=UTC).timestamp()
    except (AuditError, ValueError, KeyError, TypeError):
        last = 0.0
    if last > now + AHEAD_SECONDS:
        return Remark(
            "bad", "the clock was put back: the log's last record is of later", "set the clock: `timedatectl`"
        )
    return Remark("well", "not before the log's last record")

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from security_hooks.audit.reserve import Reserve

MOUNT = ("unshare", "--mount", "--propagation", "private")


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[int]:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


@pytest.fixture
def mount() -> tuple[str, ...]:
    """What runs a command where it may mount a file system of its own."""
    probe = subprocess.run(
        [*MOUNT, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False, timeout=20
    )
    if probe.returncode != 0:
        pytest.skip(f"no private mounts here: {probe.stderr.decode().strip()}")
    return MOUNT


def test_reserve_holds_real_blocks(tmp_path: Path, directory: int) -> None:
    Reserve(directory, 300_000).make()
    status = (tmp_path / "reserve").stat()
    assert status.st_size == 300_000
    assert status.st_blocks * 512 >= 300_000
    assert status.st_mode & 0o777 == 0o600


def test_reserve_of_another_size_is_brought_to_size(tmp_path: Path, directory: int) -> None:
    Reserve(directory, 300_000).make()
    Reserve(directory, 100_000).make()
    assert (tmp_path / "reserve").stat().st_size == 100_000


def test_release_gives_the_space_back_once(tmp_path: Path, directory: int) -> None:
    reserve = Reserve(directory, 100_000)
    reserve.make()
    assert reserve.release()
    assert not (tmp_path / "reserve").exists()
    assert not reserve.release()


def test_room_is_measured_on_the_disk(directory: int) -> None:
    assert Reserve(directory, 4096).has_room()
    assert not Reserve(directory, 1 << 60).has_room()


FULL_DISK = """
import os, subprocess, sys
from pathlib import Path
from security_hooks.audit.failure import AuditError
from security_hooks.audit.reader import read_from, Cursor, whole_log
from security_hooks.audit.settings import WriterSettings
from security_hooks.audit.verify import verify
from security_hooks.audit.writer import AuditWriter
from security_hooks.model.record import AuditRecord, RecordKind
import json

disk = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(disk)], check=True)
second = 1_000_000_000
now = [1_795_262_400 * second]

def record(verdict):
    now[0] += 2 * second
    return AuditRecord(RecordKind.DECISION, now[0], {"verdict": verdict, "script": "x" * 500})

def refused(verdict):
    try:
        writer.append(record(verdict))
    except AuditError as error:
        return "No space left" in str(error)
    return False

writer = AuditWriter(disk / "audit", WriterSettings(reserve_bytes=262_144), clock=lambda: now[0])
writer.append(record("allow"))
filler = disk / "filler"
with filler.open("wb", buffering=0) as file:
    try:
        while True:
            file.write(b"f" * 4096)
    except OSError:
        pass
written = 1
while not refused("allow"):
    written += 1
    assert written < 100, "the disk never got full"
assert writer.is_full and not (disk / "audit/reserve").exists()
# Allowed calls stay refused without a try; denials have the reserve.
assert refused("allow") and refused("ask")
denied = 0
while not refused("deny"):
    denied += 1
    assert denied < 2_000
assert denied > 200, denied
assert refused("deny")
filler.unlink()
assert writer.append(record("allow")) == writer.sequence
assert not writer.is_full and (disk / "audit/reserve").stat().st_size == 262_144
writer.close()
records = [json.loads(line) for line, _ in read_from(disk / "audit", Cursor(0, 0))]
gaps = [r["fields"] for r in records if r["kind"] == "gap"]
assert gaps[0]["missed"] == {"allow": 1} and gaps[0]["reserve_released"] is True, gaps
missed = {verdict: sum(gap["missed"].get(verdict, 0) for gap in gaps) for verdict in ("allow", "ask", "deny")}
assert missed == {"allow": 2, "ask": 1, "deny": 2}, gaps
report = verify(whole_log(disk / "audit"))
assert report.problem is None and report.torn is None, report
assert report.records == written + denied + len(gaps) + 1, report
"""


def test_full_disk_leaves_room_for_the_gap_and_the_denials(
    tmp_path: Path, mount: tuple[str, ...], script: Callable[..., object]
) -> None:
    script(FULL_DISK, str(tmp_path), prefix=mount)


FULL_AT_START = """
import subprocess, sys
from pathlib import Path
from security_hooks.audit.settings import WriterSettings
from security_hooks.audit.writer import AuditWriter
from security_hooks.model.record import AuditRecord, RecordKind
disk = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(disk)], check=True)
writer = AuditWriter(disk / "audit", WriterSettings(reserve_bytes=4 << 20))
assert writer.is_full
assert writer.append(AuditRecord(RecordKind.DECISION, 1, {"verdict": "deny"})) == 1
writer.close()
"""


def test_start_without_room_for_the_reserve_still_records_denials(
    tmp_path: Path, mount: tuple[str, ...], script: Callable[..., object]
) -> None:
    script(FULL_AT_START, str(tmp_path), prefix=mount)

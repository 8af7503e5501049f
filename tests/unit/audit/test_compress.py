import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from security_hooks.audit import compress
from security_hooks.audit.compress import compress_segment, room_for
from security_hooks.audit.damage import Damage
from security_hooks.audit.failure import AuditError
from security_hooks.audit.reader import Cursor, find_record, last_lines, read_from, whole_log
from security_hooks.audit.verify import Report, verify
from security_hooks.audit.writer import AuditWriter
from security_hooks.model.record import AuditRecord

RecordMaker = Callable[..., AuditRecord]
Opener = Callable[..., AuditWriter]
STEPS = ("open_file", "pread", "write", "fsync", "rename", "unlink")


class Crash(BaseException):
    """The machine stops here."""


@pytest.fixture
def log(tmp_path: Path, opened: Opener, record: RecordMaker) -> Path:
    """Forty records in several segments, none of them open."""
    writer = opened(tmp_path / "audit", segment_bytes=2_000)
    for number in range(1, 41):
        writer.append(record(number=number))
    writer.close()
    return tmp_path / "audit"


def everything(log: Path) -> list[tuple[bytes, Cursor]]:
    return list(read_from(log, Cursor(0, 0)))


def checked(log: Path) -> Report:
    return verify(whole_log(log))


def closed(log: Path) -> list[str]:
    return [path.name for path in sorted(log.glob("*.jsonl"))][:-1]


def test_readers_see_no_difference_and_cursors_hold(log: Path) -> None:
    before, report = everything(log), checked(log)
    for name in closed(log):
        shrunk = compress_segment(log, name)
        assert shrunk.after == (log / f"{name}.zst").stat().st_size
        assert (log / f"{name}.zst").stat().st_mode & 0o777 == 0o600
    assert len(list(log.glob("*.jsonl"))) == 1
    assert everything(log) == before
    assert checked(log) == report
    for index, (line, cursor) in enumerate(before):
        assert list(read_from(log, cursor)) == before[index + 1 :]
        assert find_record(log, index + 1) == line
    assert last_lines(log, 30)[0] == [line for line, _ in before[-30:]]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("time", [1, 2, 3])
@pytest.mark.parametrize("is_error", [True, False])
def test_at_whatever_step_it_ends_the_log_reads_the_same(
    log: Path, monkeypatch: pytest.MonkeyPatch, step: str, time: int, is_error: bool
) -> None:
    before, report, name = everything(log), checked(log), closed(log)[1]
    where: Any = compress if step == "open_file" else os
    real, count = getattr(where, step), 0

    def ending(*arguments: Any, **named: Any) -> Any:
        nonlocal count
        count += 1
        if count == time:
            raise OSError(28, "No space left on device") if is_error else Crash
        return real(*arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(where, step, ending)
        try:
            compress_segment(log, name)
        except (Crash, AuditError) as error:
            assert is_error == isinstance(error, AuditError)
    assert everything(log) == before
    assert checked(log) == report
    if (log / name).exists():
        compress_segment(log, name)
    assert [path.name for path in log.glob(f"{name}*")] == [f"{name}.zst"]
    assert everything(log) == before


def test_the_writer_goes_on_behind_a_compressed_segment(log: Path, opened: Opener, record: RecordMaker) -> None:
    for path in sorted(log.glob("*.jsonl")):
        compress_segment(log, path.name)
    writer = opened(log)
    assert writer.sequence == 40
    writer.append(record())
    writer.close()
    assert checked(log).records == 41
    assert checked(log).problem is None


@pytest.mark.parametrize(
    "spoil", [lambda data: data[:-9], lambda data: data[:20] + b"\xff\xff" + data[22:], lambda _: b""]
)
def test_a_compressed_segment_that_is_spoilt_is_damage(log: Path, spoil: Callable[[bytes], bytes]) -> None:
    name = closed(log)[1]
    compress_segment(log, name)
    path = log / f"{name}.zst"
    path.write_bytes(spoil(path.read_bytes()))
    problem = checked(log).problem
    assert problem is not None
    assert (problem.damage, problem.seq, problem.segment) == (Damage.UNREADABLE, int(name[:8]), path.name)
    # Whoever delivers the rest is not stopped by it.
    assert everything(log)[-1][0] == last_lines(log, 1)[0][0]


def test_a_spoilt_last_segment_keeps_no_writer_from_starting(log: Path, opened: Opener, record: RecordMaker) -> None:
    for path in sorted(log.glob("*.jsonl")):
        compress_segment(log, path.name)
    newest = max(log.glob("*.zst"))
    newest.write_bytes(b"\0")
    writer = opened(log)
    writer.append(record())
    writer.close()
    problem = checked(log).problem
    assert problem is not None and problem.damage is Damage.UNREADABLE


def test_room_is_left_for_others(log: Path) -> None:
    name = closed(log)[0]
    assert room_for(log, name, 65_536)
    assert not room_for(log, name, 1 << 60)
    with pytest.raises(AuditError, match="cannot be looked at"):
        room_for(log, "00000099.jsonl", 1)


def test_a_segment_that_is_compressed_while_it_is_read_is_read_on(log: Path) -> None:
    before = everything(log)
    reading = read_from(log, Cursor(0, 0))
    read = [next(reading)]
    for name in closed(log):
        compress_segment(log, name)
    assert [*read, *reading] == before


def test_one_that_is_removed_while_it_is_read_is_said(log: Path) -> None:
    reading = read_from(log, Cursor(0, 0))
    next(reading)
    (log / closed(log)[1]).unlink()
    with pytest.raises(AuditError, match="was removed while the log was being read"):
        list(reading)


TINY_DISK = """
import subprocess, sys
from pathlib import Path
from security_hooks.audit.compress import compress_segment, room_for
from security_hooks.audit.failure import AuditError

disk = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(disk)], check=True)
log = disk / "audit"
log.mkdir()
import os
content = b"".join(os.urandom(40).hex().encode() + b"\\n" for _ in range(2000))
(log / "00000001.jsonl").write_bytes(content)
assert not room_for(log, "00000001.jsonl", 65_536)
(disk / "filler").write_bytes(b"x" * 60_000)
try:
    compress_segment(log, "00000001.jsonl")
except AuditError as error:
    assert "No space left" in str(error), error
else:
    raise SystemExit("there was room")
assert [path.name for path in log.iterdir()] == ["00000001.jsonl"]
assert (log / "00000001.jsonl").read_bytes() == content
"""


def test_on_a_full_disk_the_plain_file_stays(tmp_path: Path, script: Callable[..., object]) -> None:
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("needs root and `unshare`: apt-get install util-linux")
    script(TINY_DISK, str(tmp_path), prefix=("unshare", "-m"))

import json
import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from security_hooks.audit.damage import Damage
from security_hooks.audit.failure import AuditError
from security_hooks.audit.reader import Cursor, read_from, whole_log
from security_hooks.audit.settings import WriterSettings
from security_hooks.audit.verify import verify
from security_hooks.audit.writer import AuditWriter
from security_hooks.model.failure import StartupError
from security_hooks.model.record import AuditRecord, RecordKind

RecordMaker = Callable[..., AuditRecord]
Opener = Callable[..., AuditWriter]
Runner = Callable[..., "subprocess.CompletedProcess[str]"]
NOON = 1_795_262_400_000_000_000


def records(directory: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line, _ in read_from(directory, Cursor(0, 0))]


def test_exact_bytes_of_a_log(tmp_path: Path, opened: Opener, record: RecordMaker) -> None:
    writer = opened(tmp_path / "audit")
    assert writer.append(record("deny", script="rm -rf build")) == 1
    assert (tmp_path / "audit/00000001.jsonl").read_bytes() == (
        b'{"at":"2026-11-21T12:00:00.000000000Z",'
        b'"fields":{"client":"claude-code","script":"rm -rf build","verdict":"deny"},'
        b'"hash":"a389491f3dc9d374eb01bdec4954a63866f3f0ec606b0409d8a4e07c17647bab",'
        b'"kind":"decision","prev":"0000000000000000000000000000000000000000000000000000000000000000","seq":1,"v":1}\n'
    )


def test_everything_is_private(tmp_path: Path, opened: Opener, record: RecordMaker) -> None:
    opened(tmp_path / "state/audit").append(record())
    assert stat.S_IMODE((tmp_path / "state/audit").stat().st_mode) == 0o700
    files = list((tmp_path / "state/audit").iterdir())
    assert {file.name for file in files} == {"00000001.jsonl", "lock", "reserve"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_chain_goes_on_across_segments_and_starts(tmp_path: Path, opened: Opener, record: RecordMaker) -> None:
    for start in range(5):
        writer = opened(tmp_path / "audit", segment_bytes=1_000)
        assert writer.sequence == start * 20
        for _ in range(20):
            writer.append(record())
        writer.close()
    report = verify(whole_log(tmp_path / "audit"))
    assert (report.records, report.problem, report.torn) == (100, None, None)
    assert report.segments > 20
    for name, first, lines in whole_log(tmp_path / "audit"):
        assert json.loads(next(iter(lines)))["seq"] == first == int(name[:8])
        assert (tmp_path / "audit" / name).stat().st_size <= 1_000


def test_record_larger_than_a_segment_gets_one_of_its_own(tmp_path: Path, opened: Opener, record: RecordMaker) -> None:
    writer = opened(tmp_path / "audit", segment_bytes=1_000)
    for size in (5, 3_000, 5):
        writer.append(record(script="x y " * size))
    assert verify(whole_log(tmp_path / "audit")).segments == 3


def test_second_writer_is_refused_and_told_by_whom(tmp_path: Path, opened: Opener) -> None:
    writer = opened(tmp_path / "audit")
    with pytest.raises(StartupError, match=f"is being written by process {os.getpid()}"):
        opened(tmp_path / "audit")
    writer.close()
    opened(tmp_path / "audit")


def test_symbolic_links_are_refused(tmp_path: Path, opened: Opener) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StartupError, match="symbolic link"):
        opened(tmp_path / "link")
    (tmp_path / "elsewhere/00000001.jsonl").symlink_to(tmp_path / "target")
    with pytest.raises(StartupError, match="symbolic link"):
        opened(tmp_path / "elsewhere")
    assert not (tmp_path / "target").exists()


def test_torn_line_is_cut_off_and_recorded(tmp_path: Path, opened: Opener, record: RecordMaker) -> None:
    opened(tmp_path / "audit").append(record())
    path = tmp_path / "audit/00000001.jsonl"
    with path.open("ab") as file:
        file.write(b'{"at":"2026-11-21')
    # A lock of the same process stands in the way of nothing here: the first writer is given up.
    (tmp_path / "audit/lock").unlink()
    assert verify(whole_log(tmp_path / "audit")).torn is not None
    assert opened(tmp_path / "audit").append(record()) == 3
    assert records(tmp_path / "audit")[1]["fields"] == {
        "problem": "torn_line",
        "segment": "00000001.jsonl",
        "bytes": 17,
    }
    assert verify(whole_log(tmp_path / "audit")).problem is None


def test_broken_tail_is_kept_and_recorded_in_a_new_segment(tmp_path: Path, opened: Opener, record: RecordMaker) -> None:
    writer = opened(tmp_path / "audit")
    for _ in range(3):
        writer.append(record())
    writer.close()
    path = tmp_path / "audit/00000001.jsonl"
    whole, last = path.read_bytes()[:-1].rsplit(b"\n", 1)
    changed = whole + b"\n" + last.replace(b"allow", b"deny!") + b"\n"
    path.write_bytes(changed)
    assert opened(tmp_path / "audit").append(record()) == 5
    assert path.read_bytes() == changed
    first = records(tmp_path / "audit")[3]
    assert (first["kind"], first["seq"]) == ("error", 4)
    fields = first["fields"]
    assert isinstance(fields, dict) and fields["problem"] == "broken_tail"
    assert first["prev"] == fields["line_sha256"]
    problem = verify(whole_log(tmp_path / "audit")).problem
    assert problem is not None and (problem.damage, problem.seq) == (Damage.EDIT, 3)


@pytest.mark.parametrize(
    ("meddle", "problem"),
    [
        (lambda path: path.unlink(), "segment_removed"),
        (lambda path: path.rename(path.with_name("kept")), "segment_removed"),
        (lambda path: os.truncate(path, 10), "segment_changed"),
        (lambda path: os.truncate(path, 100_000), "segment_changed"),
    ],
)
def test_meddling_with_the_open_segment_is_recorded_in_a_new_one(
    tmp_path: Path, opened: Opener, record: RecordMaker, meddle: Callable[[Path], None], problem: str
) -> None:
    writer = opened(tmp_path / "audit")
    writer.append(record())
    meddle(tmp_path / "audit/00000001.jsonl")
    assert writer.append(record()) == 3
    lines = (tmp_path / "audit/00000002.jsonl").read_bytes().splitlines()
    assert json.loads(lines[0])["fields"] == {"problem": problem, "segment": "00000001.jsonl"}
    assert verify(whole_log(tmp_path / "audit")).problem is not None


def test_removed_directory_fails_closed(tmp_path: Path, opened: Opener, record: RecordMaker) -> None:
    writer = opened(tmp_path / "audit")
    writer.append(record())
    (tmp_path / "audit").rename(tmp_path / "moved")
    with pytest.raises(AuditError, match="cannot be written"):
        writer.append(record())
    (tmp_path / "audit").mkdir()
    with pytest.raises(AuditError, match="restart the daemon"):
        writer.append(record())
    (tmp_path / "audit").rmdir()
    (tmp_path / "moved").rename(tmp_path / "audit")
    assert writer.append(record()) == 3
    gap = records(tmp_path / "audit")[1]
    assert gap["kind"] == "gap"
    fields = gap["fields"]
    assert isinstance(fields, dict) and fields["missed"] == {"allow": 2}
    assert verify(whole_log(tmp_path / "audit")).problem is None


def test_record_that_cannot_be_encoded_fails_closed(tmp_path: Path, opened: Opener) -> None:
    writer = opened(tmp_path / "audit")
    with pytest.raises(AuditError, match="cannot be encoded"):
        writer.append(AuditRecord(RecordKind.START, NOON, {"bad": object()}))  # type: ignore[dict-item]  # on purpose
    assert writer.append(AuditRecord(RecordKind.START, NOON, {})) == 2
    assert records(tmp_path / "audit")[0]["fields"] == {
        "missed": {"start": 1},
        "reason": "TypeError while encoding",
        "since": "2026-11-21T12:00:00.000000000Z",
    }


def test_closed_writer_writes_nothing(tmp_path: Path, opened: Opener, record: RecordMaker) -> None:
    writer = opened(tmp_path / "audit")
    writer.close()
    writer.close()
    with pytest.raises(AuditError, match="is closed"):
        writer.append(record())
    assert records(tmp_path / "audit") == []


def test_sync_says_when_it_is_needed(tmp_path: Path, opened: Opener, record: RecordMaker) -> None:
    writer = opened(tmp_path / "audit", segment_bytes=1_000)
    for _ in range(20):
        writer.append(record())
    assert writer.needs_sync
    writer.sync()
    assert not writer.needs_sync
    writer.append(record())
    assert writer.needs_sync


def test_rotated_segments_are_closed_by_sync(tmp_path: Path, opened: Opener, record: RecordMaker) -> None:
    writer = opened(tmp_path / "audit", segment_bytes=400)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        writer.append(record())
    writer.sync()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_new_values_of_secret_variables_hold_from_now_on(tmp_path: Path, opened: Opener, record: RecordMaker) -> None:
    writer = opened(tmp_path / "audit")
    writer.append(record(script="echo correct-horse"))
    writer.use_secrets({"STAPLE": "correct-horse"})
    writer.append(record(script="echo correct-horse"))
    fields = [item["fields"] for item in records(tmp_path / "audit")]
    assert [isinstance(item, dict) and item["script"] for item in fields] == [
        "echo correct-horse",
        "echo [REDACTED:env:STAPLE]",
    ]


def test_values_of_secret_variables_are_not_shown_by_the_settings() -> None:
    assert "hunter22" not in repr(WriterSettings(secret_values={"A": "hunter22"}))


KILLED = """
import os, signal, sys
from pathlib import Path
from security_hooks.audit.settings import WriterSettings
from security_hooks.audit.writer import AuditWriter
from security_hooks.model.record import AuditRecord, RecordKind
ours, theirs = os.pipe()
child = os.fork()
if child == 0:
    writer = AuditWriter(Path(sys.argv[1]), WriterSettings(segment_bytes=20_000, reserve_bytes=65_536))
    while True:
        seq = writer.append(AuditRecord(RecordKind.DECISION, 1, {"verdict": "allow", "script": "x y " * 200}))
        os.write(theirs, b"%d\\n" % seq)
os.close(theirs)
with os.fdopen(ours) as answers:
    for _ in range(int(sys.argv[2])):
        answered = answers.readline()
    os.kill(child, signal.SIGKILL)
    answered = (answers.read().split() or [answered])[-1]
os.waitpid(child, 0)
print(answered)
"""


def test_kill_loses_no_record_that_was_appended(tmp_path: Path, script: Runner) -> None:
    for after in (1, 50, 333):
        answered = int(script(KILLED, str(tmp_path / "audit"), str(after)).stdout)
        report = verify(whole_log(tmp_path / "audit"))
        assert answered <= report.records <= answered + 1
        assert report.problem is None


READ_ONLY = """
import os, sys
from pathlib import Path
from security_hooks.audit.failure import AuditError
from security_hooks.audit.settings import WriterSettings
from security_hooks.audit.writer import AuditWriter
from security_hooks.model.failure import StartupError
from security_hooks.model.record import AuditRecord, RecordKind
path = Path(sys.argv[1])
if os.geteuid() == 0:
    os.chown(path.parent, 65534, 65534)
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
settings = WriterSettings(segment_bytes=400, reserve_bytes=65_536)
writer = AuditWriter(path, settings)
record = AuditRecord(RecordKind.DECISION, 1, {"verdict": "allow"})
writer.append(record)
path.chmod(0o500)
try:
    writer.append(record)
except AuditError as error:
    assert "Permission denied" in str(error), error
else:
    raise AssertionError("the lost permission went unnoticed")
path.chmod(0o700)
assert writer.append(record) == 3
writer.close()
path.parent.chmod(0o500)
path.chmod(0o500)
for name in ("lock", "00000001.jsonl"):
    (path / name).chmod(0o400)
try:
    AuditWriter(path, settings)
except StartupError as error:
    assert "cannot be opened" in str(error), error
else:
    raise AssertionError("opened without permission")
path.parent.chmod(0o700)
path.chmod(0o700)
"""


def test_lost_permission_fails_closed(tmp_path: Path, script: Runner) -> None:
    # Not below tmp_path: another user cannot come there.
    script(f"import tempfile\nfolder = tempfile.mkdtemp()\nimport sys\nsys.argv[1:] = [folder + '/audit']\n{READ_ONLY}")

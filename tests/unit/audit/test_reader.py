import json
from collections.abc import Callable
from pathlib import Path

import pytest

from security_hooks.audit.failure import AuditError
from security_hooks.audit.reader import Cursor, find_record, has_log, last_lines, read_from, start_of, whole_log
from security_hooks.audit.verify import verify
from security_hooks.audit.writer import AuditWriter
from security_hooks.model.record import AuditRecord

RecordMaker = Callable[..., AuditRecord]
Opener = Callable[..., AuditWriter]


@pytest.fixture
def log(tmp_path: Path, opened: Opener, record: RecordMaker) -> Path:
    """Forty records in several segments."""
    writer = opened(tmp_path / "audit", segment_bytes=2_000)
    for number in range(1, 41):
        writer.append(record(number=number))
    return tmp_path / "audit"


def seqs(lines: list[bytes]) -> list[int]:
    return [json.loads(line)["seq"] for line in lines]


def test_everything_is_read_in_order_from_the_start(log: Path) -> None:
    assert seqs([line for line, _ in read_from(log, Cursor(0, 0))]) == list(range(1, 41))
    assert len(list(whole_log(log))) > 3


def test_the_last_segments_are_read_alone(log: Path) -> None:
    firsts = [first for _, first, _ in whole_log(log)]
    assert start_of(log, 2) == Cursor(firsts[-2], 0)
    assert seqs([line for line, _ in read_from(log, start_of(log, 2))])[0] == firsts[-2]
    assert start_of(log, 1_000) == Cursor(firsts[0], 0)
    assert start_of(log / "none", 2) == Cursor(0, 0)


def test_reading_goes_on_from_any_cursor(log: Path) -> None:
    cursors = [cursor for _, cursor in read_from(log, Cursor(0, 0))]
    for read, cursor in enumerate(cursors, start=1):
        assert seqs([line for line, _ in read_from(log, cursor)]) == list(range(read + 1, 41))


def test_a_line_being_written_is_not_read_yet(log: Path, opened: Opener) -> None:
    newest = max(log.glob("*.jsonl"))
    with newest.open("ab") as file:
        file.write(b'{"at":"2026')
    lines = list(read_from(log, Cursor(0, 0)))
    assert len(lines) == 40
    assert last_lines(log, 1) == ([lines[-1][0]], lines[-1][1])


@pytest.mark.parametrize("count", [1, 2, 5, 39, 40, 41, 1000])
def test_last_lines_cross_segments(log: Path, count: int) -> None:
    lines, cursor = last_lines(log, count)
    assert seqs(lines) == list(range(1, 41))[-count:]
    assert list(read_from(log, cursor)) == []


def test_last_lines_of_long_records(tmp_path: Path, opened: Opener, record: RecordMaker) -> None:
    writer = opened(tmp_path / "audit")
    for number in range(1, 6):
        writer.append(record(script="word " * 40_000, number=number))
    assert seqs(last_lines(tmp_path / "audit", 3)[0]) == [3, 4, 5]


def test_records_are_found_by_number(log: Path) -> None:
    for seq in range(1, 41):
        line = find_record(log, seq)
        assert line is not None and seqs([line]) == [seq]
    assert find_record(log, 41) is None


def test_no_directory_is_no_log(tmp_path: Path) -> None:
    assert not has_log(tmp_path / "audit")
    assert last_lines(tmp_path / "audit", 5) == ([], Cursor(0, 0))
    assert verify(whole_log(tmp_path / "audit")).records == 0


def test_what_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "audit").touch()
    with pytest.raises(AuditError, match="cannot be read"):
        has_log(tmp_path / "audit")


def test_linked_segment_is_not_read(log: Path) -> None:
    (log / "00000099.jsonl").symlink_to("/etc/hostname")
    with pytest.raises(AuditError, match="cannot be read"):
        list(read_from(log, Cursor(0, 0)))

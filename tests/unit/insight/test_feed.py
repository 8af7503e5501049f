"""The store is what the log says, however it came about."""

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from security_hooks.audit.failure import AuditError
from security_hooks.audit.settings import WriterSettings
from security_hooks.audit.writer import AuditWriter
from security_hooks.insight import feed as feeding
from security_hooks.insight.feed import bring_up_to_date, current_store, feed, opened
from security_hooks.insight.schema import NAMES
from security_hooks.insight.store import Store, StoreError
from security_hooks.model.record import AuditRecord, Json, RecordKind

NOON = 1_795_262_400_000_000_000


def dump(store: Store) -> dict[str, list[Any]]:
    return {name: sorted(store.connection.execute(f"SELECT * FROM {name}"), key=repr) for name in NAMES}


def dump_of(audit_log: Path, path: Path | None = None) -> dict[str, list[Any]]:
    store = current_store(path, audit_log)
    try:
        return dump(store)
    finally:
        store.close()


calls = st.fixed_dictionaries(
    {
        "kind_of_event": st.sampled_from(("pre_tool", "post_tool", "post_tool_failure", "prompt")),
        "session": st.sampled_from("ab"),
        "tool": st.just("Bash"),
        "call_id": st.sampled_from((None, "1", "2")),
        "script": st.sampled_from(("ls", "rm x")),
        "outcome": st.sampled_from((None, "succeeded", "failed")),
        "effects": st.lists(
            st.fixed_dictionaries({"kind": st.just("reads"), "target": st.text(max_size=3)}), max_size=2
        ),
        "findings": st.lists(st.fixed_dictionaries({"rule": st.sampled_from("xyz")}), max_size=2),
    }
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.one_of(calls, st.just("read"), st.just("reopen"), st.just("torn")), max_size=25))
def test_a_store_that_grew_is_the_store_made_at_once(steps: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        audit_log, path = Path(directory) / "audit", Path(directory) / "store"
        writer = AuditWriter(audit_log, WriterSettings(segment_bytes=1_500, reserve_bytes=65_536), clock=lambda: NOON)
        store = opened(path)
        for step in steps:
            if step == "read":
                bring_up_to_date(store, audit_log)
            elif step == "reopen":
                store.close()
                store = opened(path)
            elif step == "torn":
                writer.close()
                with max(audit_log.glob("*.jsonl")).open("ab") as file:
                    file.write(b'{"at":"2026-')
                bring_up_to_date(store, audit_log)
                writer = AuditWriter(
                    audit_log, WriterSettings(segment_bytes=1_500, reserve_bytes=65_536), clock=lambda: NOON
                )
            else:
                writer.append(AuditRecord(RecordKind.DECISION, NOON, step))
        writer.close()
        bring_up_to_date(store, audit_log)
        assert dump(store) == dump_of(audit_log)
        assert store.last() == writer.sequence
        store.close()


def test_a_batch_is_bounded(append: Callable[..., int], audit_log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(7):
        append()
    monkeypatch.setattr(feeding, "MOST_LINES", 3)
    store = opened(None)
    assert list(feed(store, audit_log)) == [3, 3, 1]
    store.close()
    monkeypatch.setattr(feeding, "MOST_BYTES", 1)
    store = opened(None)
    assert list(feed(store, audit_log)) == [1] * 7
    store.close()


def test_a_line_that_is_no_record_is_counted_and_passed_over(append: Callable[..., int], audit_log: Path) -> None:
    append()
    with max(audit_log.glob("*.jsonl")).open("ab") as file:
        file.write(b"nonsense\n")
    append()
    store = current_store(None, audit_log)
    assert store.so_far().unreadable == 1
    assert store.last() == 3  # the writer tells of the change
    store.close()


@pytest.mark.parametrize("change", ["other", "shorter", "rewritten", "gone"])
def test_a_log_that_is_another_is_read_from_its_beginning(
    change: str, append: Callable[..., int], audit_log: Path, tmp_path: Path
) -> None:
    for number in range(4):
        append(script=f"ls {number}")
    path = tmp_path / "store"
    dump_of(audit_log, path)
    segments = sorted(audit_log.glob("*.jsonl"))
    match change:
        case "other":
            segments[-1].write_bytes(segments[-1].read_bytes().replace(b'"hash":"', b'"hash":"0'))
        case "shorter":
            segments[-1].write_bytes(b"".join(segments[-1].read_bytes().splitlines(keepends=True)[:-1]))
        case "rewritten":
            segments[-1].write_bytes(segments[-1].read_bytes().replace(b'"prev":"', b'"prev":"x'))
        case "gone":
            for segment in segments[1:]:
                segment.unlink()
    assert dump_of(audit_log, path) == dump_of(audit_log)


def test_a_damaged_store_is_made_anew(append: Callable[..., int], audit_log: Path, tmp_path: Path) -> None:
    path = tmp_path / "store"
    for number in range(30):
        append(script=f"ls {number}")
    right = dump_of(audit_log, path)
    path.write_bytes(b"not a database at all" * 400)
    assert dump_of(audit_log, path) == right
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    append()
    assert dump_of(audit_log, path) == dump_of(audit_log)


def test_a_store_of_another_version_is_made_anew(append: Callable[..., int], audit_log: Path, tmp_path: Path) -> None:
    path = tmp_path / "store"
    append()
    dump_of(audit_log, path)
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE effects")
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    assert dump_of(audit_log, path) == dump_of(audit_log)


def test_two_that_read_at_once_do_nothing_twice(append: Callable[..., int], audit_log: Path, tmp_path: Path) -> None:
    for number in range(9):
        append(script=f"ls {number}")
    first, second = opened(tmp_path / "store"), opened(tmp_path / "store")
    reading = feed(first, audit_log)
    next(reading)
    append()
    assert bring_up_to_date(second, audit_log) > 0
    append()
    assert sum(reading) + bring_up_to_date(first, audit_log) == 1
    assert dump(first) == dump(second) == dump_of(audit_log)
    first.close()
    second.close()


def test_a_store_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="cannot be used"):
        opened(tmp_path / "file/store")


def test_a_log_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    (tmp_path / "audit").write_text("x")
    store = opened(None)
    with pytest.raises(AuditError):
        bring_up_to_date(store, tmp_path / "audit")
    store.close()


def test_the_store_is_closed_to_others(append: Callable[..., int], audit_log: Path, tmp_path: Path) -> None:
    append()
    store = current_store(tmp_path / "insight/store", audit_log)
    assert (tmp_path / "insight").stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "insight").iterdir()} == {0o600}
    store.close()


READER = """
import sys
from pathlib import Path
from security_hooks.insight import feed
feed.MOST_LINES = 20
store = feed.opened(Path(sys.argv[1]))
print("ready", flush=True)
for _ in feed.feed(store, Path(sys.argv[2])):
    pass
"""


@pytest.mark.slow
@pytest.mark.parametrize("milliseconds", [0, 1, 3, 7, 15, 40])
def test_killed_at_any_moment_it_goes_on_to_the_same_rows(milliseconds: int, tmp_path: Path) -> None:
    audit_log, path = tmp_path / "audit", tmp_path / "store"
    writer = AuditWriter(audit_log, WriterSettings(segment_bytes=100_000, reserve_bytes=65_536), clock=lambda: NOON)
    for number in range(1_500):
        fields: dict[str, Json] = {
            "kind_of_event": "post_tool" if number % 2 else "pre_tool",
            "tool": "Bash",
            "call_id": str(number // 2),
            "effects": [{"kind": "reads", "target": "/x"}],
        }
        writer.append(AuditRecord(RecordKind.DECISION, NOON, fields))
    writer.close()
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", READER, path, audit_log], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(milliseconds / 1000)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
    assert dump_of(audit_log, path) == dump_of(audit_log)

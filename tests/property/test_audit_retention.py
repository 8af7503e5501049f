"""Laws of retention: whatever is compressed, pruned and cut short, the log is whole and loses nothing new."""

import contextlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st

from security_hooks.audit.compress import compress_segment
from security_hooks.audit.encode import timestamp
from security_hooks.audit.keys import own_key
from security_hooks.audit.ledger import keep
from security_hooks.audit.proof import prove
from security_hooks.audit.pruning import announce, closed_segments, plan_for, remove
from security_hooks.audit.reader import Cursor, last_lines, read_from
from security_hooks.audit.retention import Limits
from security_hooks.audit.segment import is_compressed
from security_hooks.audit.settings import WriterSettings
from security_hooks.audit.writer import AuditWriter
from security_hooks.insight.feed import bring_up_to_date
from security_hooks.insight.store import Store
from security_hooks.model.record import AuditRecord, RecordKind

SECOND = 1_000_000_000
STEPS = ("fsync", "rename", "unlink", "write")
ROWS = ("records", "findings", "commands", "effects", "results")


class Crash(BaseException):
    """The machine stops here."""


class Machine:
    """A log that is written, compressed and pruned; `twin` is every line that was ever written."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.log = place / "audit"
        self.twin: list[bytes] = []
        self.now = 0
        self.limit = ""
        own_key(place)
        self.store = Store(place / "store.sqlite")
        self.writer = self.opened()

    def opened(self) -> AuditWriter:
        return AuditWriter(self.log, WriterSettings(segment_bytes=700, reserve_bytes=65_536), lambda: self.now)

    def write(self, count: int) -> None:
        for _ in range(count):
            self.now += SECOND
            fields: Any = {"client": "c", "verdict": "allow", "event": "PreToolUse", "call_id": str(self.now % 7)}
            self.append(AuditRecord(RecordKind.DECISION, self.now, fields))

    def append(self, record: AuditRecord) -> None:
        self.writer.append(record)
        self.twin += last_lines(self.log, 1)[0]

    def compress(self, which: int) -> None:
        plain = [segment.name for segment in closed_segments(self.log) if not is_compressed(segment.name)]
        if plain:
            compress_segment(self.log, plain[which % len(plain)])

    def prune(self, back: int) -> None:
        limits = Limits("person", timestamp(max(self.now - back * SECOND, 0)))
        wanted = plan_for(self.log, limits, {})
        if not wanted.segments:
            return
        assert limits.before is not None
        self.limit = max(self.limit, limits.before)
        said = announce(self.place, wanted, limits, timestamp(self.now))
        self.append(AuditRecord(RecordKind.PRUNE, self.now, said.fields()))
        keep(self.place, said)
        remove(self.log, wanted.segments)

    def restart(self) -> None:
        self.writer.close()
        self.writer = self.opened()

    def lines(self) -> list[bytes]:
        return [line for line, _ in read_from(self.log, Cursor(0, 0))]

    def holds(self) -> None:
        report = prove(self.place)
        assert report.problem is None, report.problem
        lines = self.lines()
        # The same lines as the twin's, but for a beginning that was all older than the limit.
        assert lines == self.twin[len(self.twin) - len(lines) :]
        gone = self.twin[: len(self.twin) - len(lines)]
        assert all(json.loads(line)["at"] < self.limit for line in gone)
        bring_up_to_date(self.store, self.log)
        assert rows(self.store) == rows(rebuilt(self.log))


def rebuilt(log: Path) -> Store:
    store = Store(None)
    bring_up_to_date(store, log)
    return store


def rows(store: Store) -> list[list[Any]]:
    return [store.connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in ROWS]


deeds = st.one_of(
    st.tuples(st.just("write"), st.integers(1, 8)),
    st.tuples(st.just("compress"), st.integers(0, 5)),
    st.tuples(st.just("prune"), st.integers(0, 20)),
    st.tuples(st.just("restart"), st.none()),
)
crashes = st.none() | st.tuples(st.sampled_from(STEPS), st.integers(1, 4))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(deeds, crashes), max_size=12))
def test_whatever_is_compressed_pruned_and_cut_short_the_log_is_whole_and_loses_nothing_new(
    steps: list[tuple[tuple[str, int | None], tuple[str, int] | None]],
) -> None:
    with tempfile.TemporaryDirectory() as place:
        machine = Machine(Path(place))
        machine.write(6)
        for (deed, argument), crash in steps:
            work = getattr(machine, deed)
            # A write that is cut short is the writer's own affair, with tests of its own.
            if crash is None or deed in ("write", "restart"):
                work(*([] if argument is None else [argument]))
            else:
                crashing(work, argument, *crash)
                machine.restart()
            machine.holds()
        machine.store.close()
        machine.writer.close()


def crashing(work: Any, argument: int | None, step: str, time: int) -> None:
    real, count = getattr(os, step), 0

    def ending(*arguments: Any, **named: Any) -> Any:
        nonlocal count
        count += 1
        # What goes into the log itself was written, or it was not.
        if count >= time and not (step == "write" and b'"kind":"prune"' in bytes(arguments[1])):
            raise Crash
        return real(*arguments, **named)

    with mock.patch.object(os, step, ending), contextlib.suppress(Crash):
        work(argument)

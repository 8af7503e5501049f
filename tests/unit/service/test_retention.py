import asyncio
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from security_hooks.audit import segment
from security_hooks.audit.encode import timestamp
from security_hooks.audit.failure import AuditError
from security_hooks.audit.proof import prove
from security_hooks.audit.reader import Cursor, read_from
from security_hooks.audit.retention import Limits
from security_hooks.audit.settings import WriterSettings
from security_hooks.audit.writer import AuditWriter
from security_hooks.insight.cursor import Mark, save_mark
from security_hooks.model.record import AuditRecord, RecordKind
from security_hooks.model.sink import Sink, SinkKind, Start
from security_hooks.policy.config_types import AuditSettings, Switch
from security_hooks.service import retention
from security_hooks.service.peer import Peer
from security_hooks.service.prune_messages import Pruned, PruneRequest
from security_hooks.service.retention import Retention, limits_of, taken_by

NOON = 1_795_262_400_000_000_000
DAY = 86_400_000_000_000
PERSON, AGENT = Peer(1000, 7), Peer(1000, 8)
OFF = AuditSettings(compress=Switch.OFF, reserve_bytes=65_536)


class Daemon:
    """As much of one as writes a log and keeps it within its limits."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.log = state / "audit"
        self.settings = OFF
        self.sinks: tuple[Sink, ...] = ()
        self.error: AuditError | None = None
        self.now = 17.5
        self.writer = AuditWriter(self.log, WriterSettings(segment_bytes=2_000, reserve_bytes=65_536), lambda: NOON)
        self.retention = Retention(
            self.writer,
            state,
            lambda: self.settings,
            lambda: self.sinks,
            self.append,
            {AGENT.pid: "only a person decides this"}.get,
            lambda: self.now,
        )

    def append(self, record: AuditRecord) -> int:
        if self.error is not None:
            raise self.error
        seq = self.writer.append(record)
        self.retention.saw()
        return seq

    def write(self, count: int = 60) -> None:
        for _ in range(count):
            self.append(AuditRecord(RecordKind.DECISION, NOON, {"verdict": "allow"}))

    def lines(self) -> list[bytes]:
        return [line for line, _ in read_from(self.log, Cursor(0, 0))]

    def first(self) -> int:
        return int(json.loads(self.lines()[0])["seq"])

    def ask(self, peer: Peer = PERSON, **fields: object) -> Pruned:
        request = msgspec.json.encode({"log": str(self.log), **fields})
        return msgspec.json.decode(asyncio.run(self.retention.answer(request, peer)), type=Pruned)


@pytest.fixture
def daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    monkeypatch.setattr(retention, "REST_SECONDS", 0.0)
    daemon = Daemon(tmp_path)
    daemon.write()
    yield daemon
    daemon.writer.close()


def plain(daemon: Daemon) -> list[str]:
    return sorted(path.name for path in daemon.log.glob("*.jsonl"))


def test_what_is_closed_is_compressed_and_what_is_open_is_not(daemon: Daemon) -> None:
    before = daemon.lines()
    daemon.settings = AuditSettings(reserve_bytes=65_536)
    asyncio.run(daemon.retention.look())
    assert plain(daemon) == [daemon.writer.segment]
    assert daemon.lines() == before
    daemon.write()
    assert prove(daemon.state).problem is None


def test_switched_off_nothing_is_touched(daemon: Daemon) -> None:
    before = plain(daemon)
    asyncio.run(daemon.retention.look())
    assert plain(daemon) == before
    assert daemon.first() == 1


def test_without_room_nothing_is_compressed_and_it_is_said(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    daemon.settings = AuditSettings()
    before = plain(daemon)
    monkeypatch.setattr(retention, "room_for", lambda *_: False)
    asyncio.run(daemon.retention.look())
    assert plain(daemon) == before
    assert "there is no room to compress" in caplog.text


def test_records_over_the_limit_go_and_the_log_says_so(daemon: Daemon, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    daemon.settings = AuditSettings(compress=Switch.OFF, keep_bytes=8_000)
    asyncio.run(daemon.retention.look())
    assert daemon.first() > 1
    said = json.loads(daemon.lines()[-1])
    assert (said["kind"], said["fields"]["by"], said["fields"]["through"]) == ("prune", "retention", daemon.first() - 1)
    report = prove(daemon.state)
    assert report.problem is None and report.pruned is not None
    assert "were pruned: over 8000 bytes" in caplog.text
    count = len(daemon.lines())
    asyncio.run(daemon.retention.look())
    assert len(daemon.lines()) == count


def test_what_cannot_be_recorded_is_not_removed(daemon: Daemon, caplog: pytest.LogCaptureFixture) -> None:
    daemon.settings = AuditSettings(compress=Switch.OFF, keep_bytes=1)
    daemon.error = AuditError("no space is left")
    asyncio.run(daemon.retention.look())
    assert daemon.first() == 1
    assert "retention of the audit log: no space is left" in caplog.text


def sink(name: str, start: Start = Start.OLDEST) -> Sink:
    return Sink(name, SinkKind.HTTP, "https://siem.example.com/", start=start)


def test_a_sink_that_is_behind_keeps_its_records_until_the_log_is_twice_too_large(daemon: Daemon) -> None:
    daemon.sinks = (sink("siem"),)
    size = sum(path.stat().st_size for path in daemon.log.glob("*.jsonl"))
    daemon.settings = AuditSettings(compress=Switch.OFF, keep_bytes=size - 1)
    asyncio.run(daemon.retention.look())
    assert daemon.first() == 1
    daemon.settings = AuditSettings(compress=Switch.OFF, keep_bytes=size // 4)
    asyncio.run(daemon.retention.look())
    lost = daemon.first() - 1
    assert lost > 0
    assert json.loads(daemon.lines()[-1])["fields"]["undelivered"] == {"siem": lost}
    assert sum(path.stat().st_size for path in daemon.log.glob("*.jsonl")) > size // 4


def test_how_far_a_sink_has_come(tmp_path: Path) -> None:
    sinks = {"a": Start.OLDEST, "b": Start.NOW, "c": Start.OLDEST, "d": Start.NOW}
    save_mark(tmp_path / "insight/sinks/c.json", Mark(41, 100, 55, "ab", 50))
    save_mark(tmp_path / "insight/sinks/d.json", Mark(41, 100))
    assert taken_by(tmp_path, sinks) == {"a": 0, "c": 55, "d": 40}


@pytest.mark.parametrize(
    ("days", "most", "limits"),
    [
        (0, 0, None),
        (2, 0, Limits("retention", timestamp(NOON - 2 * DAY))),
        (0, 100, Limits("retention", None, 100, 200)),
        (36_500, 100, Limits("retention", timestamp(0), 100, 200)),
    ],
)
def test_the_configuration_as_limits(days: int, most: int, limits: Limits | None) -> None:
    assert limits_of(AuditSettings(keep_days=days, keep_bytes=most), NOON) == limits


def test_a_person_prunes_and_is_told_what_went(daemon: Daemon) -> None:
    dry = daemon.ask(before=timestamp(NOON + DAY), dry_run=True)
    assert daemon.first() == 1
    done = daemon.ask(before=timestamp(NOON + DAY))
    assert (done.first, done.through, done.record) == (1, daemon.first() - 1, 61)
    assert (dry.records, dry.segments, dry.size, dry.record) == (done.records, done.segments, done.size, 0)
    assert prove(daemon.state).problem is None


def test_an_agent_prunes_nothing_but_may_ask_what_would_go(daemon: Daemon) -> None:
    assert daemon.ask(AGENT, keep_bytes=0).refused == "only a person decides this"
    assert daemon.first() == 1
    assert daemon.ask(AGENT, keep_bytes=0, dry_run=True).records > 0


def test_of_another_log_or_in_other_words_nothing_is_done(daemon: Daemon, tmp_path: Path) -> None:
    assert daemon.ask(log=str(tmp_path / "other"), keep_bytes=0) == Pruned(elsewhere=str(daemon.log))
    assert "does not understand" in daemon.ask(keep_bites=0).refused
    daemon.error = AuditError("no space is left")
    assert daemon.ask(keep_bytes=0).refused == "no space is left"
    assert daemon.first() == 1


async def test_it_looks_when_the_log_goes_on_in_a_new_file(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "QUIET_SECONDS", 0.0)
    daemon.settings = AuditSettings(reserve_bytes=65_536)
    running = asyncio.ensure_future(daemon.retention.run())
    async with asyncio.timeout(60):
        while plain(daemon) != [daemon.writer.segment]:
            await asyncio.sleep(0.01)
        daemon.write()
        while plain(daemon) != [daemon.writer.segment]:
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.wait({running})
    # The end of the daemon waits for no compression.
    daemon.write()
    await daemon.retention.look()
    assert len(plain(daemon)) > 1
    assert not list(daemon.log.glob(f"*{segment.UNFINISHED}"))


def test_the_request_as_limits() -> None:
    request = PruneRequest("/log", "2026-01-01", None, even_undelivered=True)
    assert request.limits() == Limits("person", "2026-01-01", even_undelivered=True)


def test_trouble_is_reported_until_it_is_over(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    daemon.settings = AuditSettings()
    monkeypatch.setattr(retention, "room_for", lambda *_: False)
    assert daemon.retention.report()["problem"] == ""
    asyncio.run(daemon.retention.look())
    first = daemon.retention.report()
    assert "no room to compress" in str(first["problem"])
    assert str(first["mend"]).startswith(f"df -h {daemon.log}")
    assert first["since"] == 17
    daemon.now = 99.0
    asyncio.run(daemon.retention.look())
    assert daemon.retention.report() == first | {"failures": 2}
    monkeypatch.undo()
    monkeypatch.setattr(retention, "REST_SECONDS", 0.0)
    asyncio.run(daemon.retention.look())
    assert daemon.retention.report() == {"problem": "", "mend": "", "since": 0, "failures": 0}


def test_a_prune_that_fails_is_reported_with_what_to_look_at(daemon: Daemon) -> None:
    daemon.settings = AuditSettings(compress=Switch.OFF, reserve_bytes=65_536, keep_bytes=4_096)
    daemon.error = AuditError("no space")
    asyncio.run(daemon.retention.look())
    told = daemon.retention.report()
    assert (told["problem"], told["failures"]) == ("no space", 1)
    assert str(told["mend"]).startswith("security-hooks audit verify")

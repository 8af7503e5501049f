"""The process, here in ours: what is wanted of it is done side by side, and one thing that fails stops no other."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from security_hooks.insight import main
from security_hooks.insight.frames import next_frame
from security_hooks.insight.main import State
from security_hooks.model.insight import (
    InsightMessage,
    InsightNews,
    InsightQuestion,
    InsightReport,
    InsightSettings,
    SinkReport,
    StoreReport,
)
from security_hooks.model.message import framed
from security_hooks.model.sink import Sink, SinkKind

Until = Callable[[Callable[[], object]], "asyncio.Future[None]"]


class Daemon:
    """The daemon's end."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._number = 0

    def tell(self, message: InsightMessage) -> None:
        self._writer.write(framed(msgspec.msgpack.encode(message)))

    async def ask(self, seconds: float = 30.0) -> InsightReport:
        self._number += 1
        self.tell(InsightQuestion(self._number, seconds))
        body = await next_frame(self._reader)
        assert body is not None
        report = msgspec.msgpack.decode(body, type=InsightReport)
        assert report.number == self._number
        return report

    async def until(self, condition: Callable[[InsightReport], object]) -> InsightReport:
        async with asyncio.timeout(60):
            while True:
                report = await self.ask()
                if condition(report):
                    return report


@pytest.fixture
async def daemon(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Daemon]:
    monkeypatch.setattr(main, "_CALM_SECONDS", 0.0)
    ours, theirs = socket.socketpair()
    serving = asyncio.ensure_future(main._serve(theirs))
    reader, writer = await asyncio.open_unix_connection(sock=ours)
    yield Daemon(reader, writer)
    # The process ends when the daemon does.
    writer.close()
    await writer.wait_closed()
    await asyncio.wait_for(serving, 30)


async def test_news_are_read_by_all_and_what_changes_is_answered(log: Any, daemon: Daemon, tmp_path: Path) -> None:
    log.append(2)
    daemon.tell(InsightSettings(str(log.directory), str(tmp_path), str(tmp_path / "store")))
    await daemon.until(lambda report: report.store == StoreReport(2))
    log.append(3)
    daemon.tell(InsightNews())
    await daemon.until(lambda report: report.store == StoreReport(5))
    assert (await daemon.ask(0.0)).store == StoreReport(5)


async def test_one_thing_that_fails_stops_no_other(log: Any, peer: Any, daemon: Daemon, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    (tmp_path / "secret").chmod(0o600)
    log.append(2)
    good = Sink("good", SinkKind.HTTP, peer.url, str(tmp_path / "secret"), batch_seconds=1)
    bad = Sink("bad", SinkKind.SYSLOG, f"unix://{tmp_path}/none", batch_seconds=1)
    none = str(tmp_path / "secret/none")
    daemon.tell(InsightSettings(str(log.directory), str(tmp_path / "own"), none, (good, bad), f"unix:{none}"))
    report = await daemon.until(
        lambda report: (
            report.store.failures
            and report.metrics.failures
            and len(report.sinks) == 2
            and report.sinks[0].sequence == 2
            and report.sinks[1].failures
        )
    )
    assert "cannot be used" in report.store.problem
    assert "cannot listen" in report.metrics.problem
    assert report.sinks[1].down_since > 0


async def test_a_defect_in_the_store_stops_no_sink_and_is_told(
    log: Any, peer: Any, daemon: Daemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError("of the tests")

    monkeypatch.setattr(main, "keep_store", broken)
    monkeypatch.setattr(main, "serve_metrics", broken)
    (tmp_path / "secret").write_text("s")
    (tmp_path / "secret").chmod(0o600)
    log.append(2)
    sink = Sink("s", SinkKind.HTTP, peer.url, str(tmp_path / "secret"), batch_seconds=1)
    daemon.tell(InsightSettings(str(log.directory), str(tmp_path), "store", (sink,), "127.0.0.1:1"))
    report = await daemon.until(lambda report: report.sinks and report.sinks[0].sequence == 2)
    assert report.store.problem == report.metrics.problem == "defect: of the tests"


async def test_a_daemon_that_goes_without_a_word_is_no_trouble(daemon: Daemon) -> None:
    await asyncio.sleep(0)


def test_what_has_not_changed_is_not_told() -> None:
    state = State()
    state.take(SinkReport("s", SinkKind.HTTP))
    state.take(StoreReport(1))
    seen = state.changes.seen
    state.take(SinkReport("s", SinkKind.HTTP))
    state.take(StoreReport(1))
    assert state.changes.seen == seen
    assert state.answer(7) == InsightReport(7, StoreReport(1), (SinkReport("s", SinkKind.HTTP),))

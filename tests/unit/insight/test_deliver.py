"""Delivery from the log to a peer: nothing lost, nothing waited for by others, and where it goes on."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from security_hooks.insight.backoff import Backoff
from security_hooks.insight.cursor import load_mark
from security_hooks.insight.deliver import Surroundings, keep_delivering, outbox_of
from security_hooks.insight.follow import Changes
from security_hooks.model.insight import SinkReport, SinkState
from security_hooks.model.sink import Sink, SinkKind, Start

Until = Callable[[Callable[[], object]], "asyncio.Future[None]"]
SinkOf = Callable[..., Sink]


class Stage:
    """Sinks that can be started, and killed at any moment."""

    def __init__(self, log: Any, changes: Changes, state: Path) -> None:
        self.reports: list[SinkReport] = []
        self.state = state
        self.around = Surroundings(
            log.directory, state, changes, self.reports.append, outbox_of, lambda: Backoff(lambda: 0.5, 0.001, 0.02)
        )
        self._running: list[asyncio.Future[None]] = []

    def start(self, *sinks: Sink) -> None:
        self._running += [asyncio.ensure_future(keep_delivering(sink, self.around)) for sink in sinks]

    async def kill(self) -> None:
        for running in self._running:
            running.cancel()
        for running in self._running:
            with contextlib.suppress(asyncio.CancelledError):
                await running
        self._running.clear()

    @property
    def last(self) -> SinkReport:
        return self.reports[-1]


@pytest.fixture
async def stage(log: Any, changes: Changes, tmp_path: Path) -> AsyncIterator[Stage]:
    made = Stage(log, changes, tmp_path / "state")
    yield made
    await made.kill()


async def test_what_is_there_and_what_comes_is_delivered_once_and_in_order(
    log: Any, peer: Any, stage: Stage, sink_of: SinkOf, until: Until
) -> None:
    log.segment_records = 40
    log.append(130)
    stage.start(sink_of(peer.url, batch_seconds=1))
    await until(lambda: len(peer.taken) == 130)
    log.append(3)
    await until(lambda: len(peer.taken) == 133)
    assert peer.taken == log.keys()
    assert [len(request.keys()) for request in peer.requests] == [50, 50, 30, 3]
    await until(lambda: stage.last.sequence == 133)
    assert (stage.last.state, stage.last.delivered, stage.last.missed) == (SinkState.DELIVERING, 133, 0)


async def test_it_goes_on_where_it_was(log: Any, peer: Any, stage: Stage, sink_of: SinkOf, until: Until) -> None:
    log.append(100)
    stage.start(sink_of(peer.url))
    await until(lambda: stage.reports and stage.last.sequence == 100)
    await stage.kill()
    log.append(50)
    stage.start(sink_of(peer.url))
    await until(lambda: len(peer.taken) == 150)
    assert peer.taken == log.keys()


async def test_a_sink_that_starts_now_gets_nothing_older(
    log: Any, peer: Any, stage: Stage, sink_of: SinkOf, until: Until
) -> None:
    log.append(100)
    sink = sink_of(peer.url, start=Start.NOW, batch_seconds=1)
    stage.start(sink)
    await until(lambda: load_mark(stage.state / "sinks/s.json") is not None)
    await stage.kill()
    # Also what came while it did not run is newer.
    log.append(2)
    stage.start(sink)
    await until(lambda: peer.taken)
    assert peer.taken == log.keys()[100:]


async def test_a_peer_that_finds_requests_too_large_gets_smaller_ones(
    log: Any, peer: Any, stage: Stage, sink_of: SinkOf, until: Until
) -> None:
    log.append(50)
    peer.script = ["413", "413"]
    stage.start(sink_of(peer.url, batch_seconds=1))
    await until(lambda: len(peer.taken) == 50)
    assert [len(request.keys()) for request in peer.requests] == [50, 25, 12, 24, 14]
    assert peer.taken == log.keys()


async def test_one_sink_that_fails_delays_no_other(
    log: Any, peer: Any, stage: Stage, sink_of: SinkOf, until: Until
) -> None:
    log.append(60)
    gone = sink_of("http://127.0.0.1:9/in", name="gone")
    stage.start(gone, sink_of(peer.url, batch_seconds=1))
    await until(lambda: len(peer.taken) == 60)
    await until(lambda: any(report.name == "gone" and report.failures > 5 for report in stage.reports))
    report = [report for report in stage.reports if report.name == "gone"][-1]
    assert (report.state, report.sequence, report.error) == (SinkState.FAILING, 0, "Connection refused")


async def test_a_log_that_was_begun_anew_is_delivered_from_its_beginning(
    log: Any, peer: Any, stage: Stage, sink_of: SinkOf, until: Until
) -> None:
    log.append(100)
    stage.start(sink_of(peer.url))
    await until(lambda: stage.reports and stage.last.sequence == 100)
    await stage.kill()
    log.segment.unlink()
    log.seq, log.head = 0, "1" * 64
    log.append(150)
    peer.taken.clear()
    stage.start(sink_of(peer.url))
    await until(lambda: len(peer.taken) == 150)
    assert peer.taken == log.keys()


async def test_records_that_are_gone_are_counted_and_the_rest_is_delivered(
    log: Any, peer: Any, stage: Stage, sink_of: SinkOf, until: Until
) -> None:
    log.segment_records = 50
    log.append(50)
    stage.start(sink_of(peer.url))
    await until(lambda: stage.reports and stage.last.sequence == 50)
    await stage.kill()
    log.append(100)
    for name in ("00000001.jsonl", "00000051.jsonl"):
        (log.directory / name).unlink()
    stage.start(sink_of(peer.url))
    await until(lambda: stage.last.sequence == 150)
    assert peer.taken[50:] == log.keys()
    assert stage.last.missed == 50


async def test_a_line_that_is_no_record_is_counted_and_passed(
    log: Any, peer: Any, stage: Stage, sink_of: SinkOf, until: Until
) -> None:
    log.append(2)
    with log.segment.open("ab") as file:
        file.write(b"no record\n")
    log.append(2)
    stage.start(sink_of(peer.url, batch_seconds=1))
    await until(lambda: stage.reports and stage.last.sequence == 4)
    assert len(peer.taken) == 4
    assert (stage.last.unreadable, stage.last.missed) == (1, 0)


async def test_a_spoilt_cursor_delivers_again_rather_than_never(
    log: Any, peer: Any, stage: Stage, sink_of: SinkOf, until: Until
) -> None:
    log.append(50)
    (stage.state / "sinks").mkdir(parents=True)
    (stage.state / "sinks/s.json").write_bytes(b"\0\0")
    stage.start(sink_of(peer.url))
    await until(lambda: len(peer.taken) == 50)


async def test_a_cursor_that_cannot_be_written_is_told_and_stops_nothing(
    log: Any, peer: Any, stage: Stage, sink_of: SinkOf, until: Until
) -> None:
    log.append(100)
    stage.state.write_text("in the way")
    stage.start(sink_of(peer.url))
    await until(lambda: stage.reports and stage.last.sequence == 100)
    assert "cannot be written" in stage.last.warning
    assert peer.taken == log.keys()


async def test_a_defect_in_a_sink_is_told_and_tried_again(
    log: Any, stage: Stage, sink_of: SinkOf, until: Until
) -> None:
    class Broken:
        async def send(self, entries: object) -> int:
            raise ZeroDivisionError("of the tests")

        def close(self) -> None:
            pass

    log.append(50)
    stage.around = Surroundings(
        log.directory, stage.state, stage.around.changes, stage.reports.append, lambda _: Broken(), stage.around.backoff
    )
    stage.start(sink_of("http://127.0.0.1:9/"))
    await until(lambda: any(report.failures > 2 for report in stage.reports))
    assert [report for report in stage.reports if report.failures][-1].error == "defect: of the tests"


def test_a_sink_whose_package_is_missing_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, sink_of: SinkOf
) -> None:
    from security_hooks.insight.sinks.outbox import DeliveryError

    monkeypatch.setitem(__import__("sys").modules, "security_hooks.insight.sinks.otlp", None)
    with pytest.raises(DeliveryError, match=r"pip install 'security-hooks\[otlp\]'"):
        outbox_of(msgspec.structs.replace(sink_of("https://x.example/"), kind=SinkKind.OTLP))

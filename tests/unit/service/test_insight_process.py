"""The process that reads the log, real: started where it is wanted, told of news, killed, stopped, changed."""

import asyncio
import errno
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from security_hooks.audit.settings import WriterSettings
from security_hooks.audit.writer import AuditWriter
from security_hooks.insight.cursor import Mark, load_mark, save_mark
from security_hooks.insight.frames import next_frame
from security_hooks.insight.store import Store
from security_hooks.model.insight import InsightReport, InsightSettings, MetricsReport, SinkReport, StoreReport
from security_hooks.model.message import HEADER, framed
from security_hooks.model.record import AuditRecord, RecordKind
from security_hooks.model.sink import Sink, SinkKind
from security_hooks.service import insight_process
from security_hooks.service.insight_process import InsightProcess

SOON = 30.0


def settings(tmp_path: Path, *sinks: Sink, metrics: str = "", is_kept: bool = False) -> InsightSettings:
    (tmp_path / "audit").mkdir(mode=0o700, exist_ok=True)
    own = tmp_path / "insight"
    return InsightSettings(str(tmp_path / "audit"), str(own), f"{own}/store" if is_kept else "", sinks, metrics)


def sink(tmp_path: Path, name: str = "s", **given: str) -> Sink:
    return Sink(name, SinkKind.SYSLOG, f"unix://{tmp_path}/none", **given)  # type: ignore[arg-type]  # all are strings


@pytest.fixture
async def process(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[InsightProcess]:
    monkeypatch.setattr(insight_process, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(insight_process, "GATHER_SECONDS", 0.01)
    made = InsightProcess({"KEY": "k", "OTHER": "o"}, quiet_seconds=0.0)
    running = asyncio.ensure_future(made.run())
    yield made
    running.cancel()
    await asyncio.wait({running})
    await made.close()


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[AuditWriter]:
    made = AuditWriter(tmp_path / "audit", WriterSettings(reserve_bytes=65_536))
    yield made
    made.close()


async def until(condition: Any) -> None:
    async with asyncio.timeout(SOON):
        while not condition():
            await asyncio.sleep(0.01)


def states(process: InsightProcess) -> list[tuple[str, str]]:
    return [(sink["name"], sink["state"]) for sink in process.report(0)["sinks"]]  # type: ignore[union-attr,call-overload,index,misc]  # plain data


async def test_without_anything_to_do_there_is_no_process(process: InsightProcess, tmp_path: Path) -> None:
    process.use(settings(tmp_path))
    await asyncio.sleep(0)
    assert process.pid is None
    assert process.report(5)["well"] is True


async def test_it_starts_and_tells_how_it_goes(process: InsightProcess, tmp_path: Path) -> None:
    process.use(settings(tmp_path, sink(tmp_path), metrics="unix:" + str(tmp_path / "m.sock")))
    await until(lambda: process._report.metrics.address)
    assert states(process) == [("s", "starting")]
    assert process.report(7)["sinks"][0]["behind"] == 7  # type: ignore[index,call-overload]  # plain data
    assert (tmp_path / "m.sock").exists()
    pid = process.pid
    process.use(settings(tmp_path, sink(tmp_path), metrics="unix:" + str(tmp_path / "m.sock")))
    assert process.pid == pid


async def test_it_is_given_the_variables_that_are_named_and_no_other(process: InsightProcess, tmp_path: Path) -> None:
    named = msgspec.structs.replace(sink(tmp_path), secret_env="KEY")
    process.use(settings(tmp_path, named))
    await until(lambda: process.pid is not None)
    assert Path(f"/proc/{process.pid}/environ").read_bytes() in (b"KEY=k\0", b"")


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
async def test_it_lets_all_others_go_first(process: InsightProcess, tmp_path: Path) -> None:
    process.use(settings(tmp_path, sink(tmp_path)))
    await until(lambda: process._report.number)
    pid = process.pid
    assert pid is not None
    assert os.sched_getscheduler(pid) == os.SCHED_BATCH
    assert os.getpriority(os.PRIO_PROCESS, pid) == min(19, os.getpriority(os.PRIO_PROCESS, 0) + 10)
    # Its session is its own, so where sessions are weighed its niceness says nothing to ours.
    session = Path(f"/proc/{pid}/autogroup")
    if session.exists():
        assert session.read_text().endswith("nice 10\n")


async def test_killed_or_stopped_it_is_replaced(
    process: InsightProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(insight_process, "ANSWER_SECONDS", 6.0)
    process.use(settings(tmp_path, sink(tmp_path)))
    await until(lambda: process._report.number)
    first = process.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await until(lambda: process.pid not in (None, first))
    assert (process.report(0)["restarts"], process.report(0)["problem"]) == (1, "ended")
    second = process.pid
    assert second is not None
    os.kill(second, signal.SIGSTOP)
    await until(lambda: process.pid not in (None, second))


async def test_other_settings_are_another_process(process: InsightProcess, tmp_path: Path) -> None:
    process.use(settings(tmp_path, sink(tmp_path, "a")))
    await until(lambda: process.pid is not None)
    first = process.pid
    process.use(settings(tmp_path, sink(tmp_path, "b")))
    await until(lambda: process.pid not in (None, first))
    assert states(process)[0][0] == "b"
    process.use(settings(tmp_path))
    await until(lambda: process.pid is None)
    assert process.report(0)["restarts"] == 0


async def test_what_is_written_is_read_once_it_is_told(
    process: InsightProcess, writer: AuditWriter, tmp_path: Path
) -> None:
    process.use(settings(tmp_path, is_kept=True))
    for number in range(1, 4):
        writer.append(AuditRecord(RecordKind.START, 0, {}))
        process.wake()
        await until(lambda number=number: process.report(number)["store"]["behind"] == 0)  # type: ignore[index,call-overload]  # plain data
    store = Store(tmp_path / "insight/store")
    assert store.last() == 3
    store.close()
    assert process.report(5) == {
        "well": True,
        "needed": True,
        "pid": process.pid,
        "restarts": 0,
        "failures": 0,
        "problem": "",
        "store": {"enabled": True, "sequence": 3, "behind": 2, "failures": 0, "problem": ""},
        "sinks": [],
        "metrics": {"address": "", "problem": ""},
    }


async def test_switched_off_and_on_with_a_sink_beside_it_no_cursor_is_lost(
    process: InsightProcess, writer: AuditWriter, tmp_path: Path
) -> None:
    cursor = tmp_path / "insight/sinks/s.json"
    save_mark(cursor, Mark(1, 0, 1, "x", 1))
    writer.append(AuditRecord(RecordKind.START, 0, {}))
    for is_kept in (True, False, True):
        process.use(settings(tmp_path, sink(tmp_path), is_kept=is_kept))
        await until(lambda: process._report.sinks)
        assert process.report(1)["sinks"][0]["sequence"] == 1  # type: ignore[index,call-overload]  # plain data
        assert process.report(1)["store"]["enabled"] is is_kept  # type: ignore[index,call-overload]  # plain data
    await until(lambda: process.report(1)["store"]["behind"] == 0)  # type: ignore[index,call-overload]  # plain data
    assert load_mark(cursor) == Mark(1, 0, 1, "x", 1)


async def test_metrics_that_cannot_be_served_are_told(process: InsightProcess, tmp_path: Path) -> None:
    process.use(settings(tmp_path, metrics="unix:" + str(tmp_path / "none/m.sock"), is_kept=True))
    await until(lambda: process._report.metrics.problem)
    assert "No such file" in str(process.report(0)["metrics"])
    await until(lambda: not process.report(0)["well"])


@pytest.mark.parametrize(
    "report",
    [
        InsightReport(1, StoreReport(failures=4, problem="x")),
        InsightReport(1, sinks=(SinkReport("s", SinkKind.SYSLOG, failures=4),)),
        InsightReport(1, metrics=MetricsReport(failures=4, problem="x")),
    ],
    ids=["store", "sink", "metrics"],
)
async def test_many_failures_in_a_row_are_not_well(tmp_path: Path, report: InsightReport) -> None:
    process = InsightProcess({})
    process.use(settings(tmp_path, sink(tmp_path)))
    process._report = report
    assert process.report(0)["well"] is True
    worse = (
        msgspec.structs.replace(report.store, failures=report.store.failures + 1),
        tuple(msgspec.structs.replace(sink, failures=sink.failures + 1) for sink in report.sinks),
        msgspec.structs.replace(report.metrics, failures=report.metrics.failures + 1),
    )
    process._report = InsightReport(2, *worse)
    assert process.report(0)["well"] is False


async def test_one_that_dies_young_again_and_again_is_started_less_and_less_often(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(insight_process, "FIRST_WAIT", 0.01)
    process = InsightProcess({}, chance=lambda: 1.0, quiet_seconds=0.0)
    process.use(settings(tmp_path, is_kept=True))
    monkeypatch.setattr(process._process, "start", _refuse)
    running = asyncio.ensure_future(process.run())
    await until(lambda: process.report(0)["restarts"] == 5)
    assert process.report(0)["well"] is False
    running.cancel()
    await asyncio.wait({running})
    waits = re.findall(r"cannot be started: no room; another starts in (\S+) s", caplog.text)
    assert waits == ["0.0", "0.0", "0.0", "0.1", "0.2"]


async def _refuse() -> None:
    raise OSError(errno.EAGAIN, "no room")


async def test_both_ends_count_alike() -> None:
    sent = framed(b"question")
    reader = asyncio.StreamReader()
    reader.feed_data(sent)
    reader.feed_eof()
    assert len(sent) == HEADER + len(b"question")
    assert await next_frame(reader) == b"question"
    assert await next_frame(reader) is None

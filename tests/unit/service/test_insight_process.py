"""The delivering process, real: started where it is wanted, killed, stopped, changed, and ended with the daemon."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from security_hooks.insight.frames import next_frame
from security_hooks.model.insight import InsightReport, InsightSettings, SinkReport
from security_hooks.model.message import HEADER, framed
from security_hooks.model.sink import Sink, SinkKind
from security_hooks.service import insight_process
from security_hooks.service.insight_process import InsightProcess

SOON = 30.0


def settings(tmp_path: Path, *sinks: Sink, metrics: str = "") -> InsightSettings:
    (tmp_path / "audit").mkdir(exist_ok=True)
    return InsightSettings(str(tmp_path / "audit"), str(tmp_path / "insight"), sinks, metrics)


def sink(tmp_path: Path, name: str = "s", **given: str) -> Sink:
    return Sink(name, SinkKind.SYSLOG, f"unix://{tmp_path}/none", **given)  # type: ignore[arg-type]  # all are strings


@pytest.fixture
async def process(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[InsightProcess]:
    monkeypatch.setattr(insight_process, "FIRST_WAIT", 0.01)
    made = InsightProcess({"KEY": "k", "OTHER": "o"})
    running = asyncio.ensure_future(made.run())
    yield made
    running.cancel()
    await asyncio.wait({running})
    await made.close()


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
    await until(lambda: process.report(0)["metrics"])
    assert states(process) == [("s", "starting")]
    assert process.report(7)["sinks"][0]["lag"] == 7  # type: ignore[index,call-overload]  # plain data
    assert (tmp_path / "m.sock").exists()
    pid = process.pid
    process.use(settings(tmp_path, sink(tmp_path), metrics="unix:" + str(tmp_path / "m.sock")))
    assert process.pid == pid


async def test_it_is_given_the_variables_that_are_named_and_no_other(process: InsightProcess, tmp_path: Path) -> None:
    named = msgspec.structs.replace(sink(tmp_path), secret_env="KEY")
    process.use(settings(tmp_path, named))
    await until(lambda: process.pid is not None)
    assert Path(f"/proc/{process.pid}/environ").read_bytes() in (b"KEY=k\0", b"")


async def test_killed_or_stopped_it_is_replaced(
    process: InsightProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(insight_process, "ANSWER_SECONDS", 6.0)
    process.use(settings(tmp_path, sink(tmp_path)))
    await until(lambda: process._report is not None)
    first = process.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await until(lambda: process.pid not in (None, first))
    assert process.report(0)["restarts"] == 1
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


async def test_metrics_that_cannot_be_served_are_told(process: InsightProcess, tmp_path: Path) -> None:
    process.use(settings(tmp_path, metrics="unix:" + str(tmp_path / "none/m.sock")))
    await until(lambda: process.report(0)["metrics_error"])
    assert "No such file" in str(process.report(0)["metrics_error"])
    assert process.report(0)["well"] is False


async def test_many_failures_in_a_row_are_not_well(process: InsightProcess, tmp_path: Path) -> None:
    process.use(settings(tmp_path, sink(tmp_path)))
    report = SinkReport("s", SinkKind.SYSLOG, failures=4)
    process._report = InsightReport(1, (report,))
    assert process.report(0)["well"] is True
    process._report = InsightReport(1, (msgspec.structs.replace(report, failures=5),))
    assert process.report(0)["well"] is False


async def test_both_ends_count_alike() -> None:
    sent = framed(b"question")
    reader = asyncio.StreamReader()
    reader.feed_data(sent)
    reader.feed_eof()
    assert len(sent) == HEADER + len(b"question")
    assert await next_frame(reader) == b"question"
    assert await next_frame(reader) is None

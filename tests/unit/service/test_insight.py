"""The process that reads the log: real, killed, stopped, switched off; nobody waits for it."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from security_hooks.audit.settings import WriterSettings
from security_hooks.audit.writer import AuditWriter
from security_hooks.insight.store import Store
from security_hooks.model.record import AuditRecord, RecordKind
from security_hooks.service import insight as module
from security_hooks.service.insight import Insight

PATIENCE = 30.0


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[AuditWriter]:
    made = AuditWriter(tmp_path / "audit", WriterSettings(reserve_bytes=65_536))
    yield made
    made.close()


@pytest.fixture
async def insight(tmp_path: Path) -> AsyncIterator[Insight]:
    made = Insight(tmp_path / "audit", tmp_path / "insight/store.sqlite", quiet_seconds=0.0)
    running = asyncio.ensure_future(made.run())
    yield made
    running.cancel()
    await made.close()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.01)


def write(writer: AuditWriter, insight: Insight) -> int:
    sequence = writer.append(AuditRecord(RecordKind.START, 0, {}))
    insight.wake()
    return sequence


def pid_of(insight: Insight) -> int:
    pid = insight.report(0)["pid"]
    assert isinstance(pid, int)
    return pid


async def test_it_reads_what_is_written(insight: Insight, writer: AuditWriter, tmp_path: Path) -> None:
    insight.use(enabled=True)
    for _ in range(3):
        sequence = write(writer, insight)
        await until(lambda: insight.report(sequence)["behind"] == 0)  # noqa: B023 - awaited at once
    store = Store(tmp_path / "insight/store.sqlite")
    assert store.last() == 3
    store.close()
    assert insight.report(5) == {
        "enabled": True,
        "pid": pid_of(insight),
        "restarts": 0,
        "sequence": 3,
        "behind": 2,
        "problem": "",
    }


async def test_killed_it_comes_back_and_goes_on(
    insight: Insight, writer: AuditWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    insight.use(enabled=True)
    write(writer, insight)
    await until(lambda: insight.report(1)["behind"] == 0)
    os.kill(pid_of(insight), signal.SIGKILL)
    await until(lambda: insight.report(1)["restarts"] == 1)
    write(writer, insight)
    await until(lambda: insight.report(2)["behind"] == 0)


async def test_one_that_does_not_answer_is_killed(
    insight: Insight, writer: AuditWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    insight.use(enabled=True)
    write(writer, insight)
    await until(lambda: insight.report(1)["behind"] == 0)
    stopped = pid_of(insight)
    os.kill(stopped, signal.SIGSTOP)
    monkeypatch.setattr(module, "ANSWER_SECONDS", 0.1)
    write(writer, insight)
    await until(lambda: insight.report(2)["pid"] != stopped)
    monkeypatch.setattr(module, "ANSWER_SECONDS", PATIENCE)
    await until(lambda: insight.report(2)["behind"] == 0)


async def test_switched_off_there_is_none(insight: Insight, writer: AuditWriter) -> None:
    insight.use(enabled=False)
    write(writer, insight)
    await asyncio.sleep(0)
    assert insight.report(1)["pid"] is None
    insight.use(enabled=True)
    await until(lambda: insight.report(1)["behind"] == 0)
    insight.use(enabled=False)
    await until(lambda: insight.report(1)["pid"] is None)


async def test_what_goes_wrong_is_told(insight: Insight, writer: AuditWriter, tmp_path: Path) -> None:
    (tmp_path / "insight").write_text("in the way")
    insight.use(enabled=True)
    write(writer, insight)
    await until(lambda: "cannot be used" in str(insight.report(1)["problem"]))
    assert insight.report(1)["behind"] == 1


async def test_one_that_dies_young_again_and_again_is_started_less_and_less_often(insight: Insight) -> None:
    insight._started = time.monotonic()
    assert [insight._pause() for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    insight._started -= module.YOUNG_SECONDS + 1
    assert insight._pause() == 0
    insight._started = time.monotonic()
    assert insight._pause() == 1

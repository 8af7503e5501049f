"""The store is kept up to date, whatever happens to it."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from security_hooks.insight import feed as feeding
from security_hooks.insight.backoff import Backoff
from security_hooks.insight.store import Store
from security_hooks.insight.storing import keep_store
from security_hooks.model.insight import StoreReport

Until = Callable[[Callable[[], object]], "asyncio.Future[None]"]
Kept = Callable[[Path], list[StoreReport]]


@pytest.fixture
async def keep(log: Any) -> AsyncIterator[Kept]:
    """Start keeping the store in a file; gives what is reported."""
    running: list[asyncio.Future[None]] = []

    def start(path: Path) -> list[StoreReport]:
        reports: list[StoreReport] = []
        backoff = Backoff(lambda: 0.5, 0.001, 0.02)
        running.append(asyncio.ensure_future(keep_store(path, log.directory, log.changes, reports.append, backoff)))
        return reports

    yield start
    for task in running:
        task.cancel()
    await asyncio.wait(running)


async def test_all_that_is_there_and_all_that_comes_is_in_it(
    log: Any, keep: Kept, until: Until, tmp_path: Path
) -> None:
    log.append(3)
    reports = keep(tmp_path / "insight/store")
    await until(lambda: reports and reports[-1] == StoreReport(3))
    log.append(2)
    await until(lambda: reports[-1] == StoreReport(5))
    store = Store(tmp_path / "insight/store")
    assert store.last() == 5
    store.close()


async def test_where_it_cannot_be_is_told_and_tried_again(log: Any, keep: Kept, until: Until, tmp_path: Path) -> None:
    (tmp_path / "insight").write_text("in the way")
    log.append(1)
    reports = keep(tmp_path / "insight/store")
    await until(lambda: reports and reports[-1].failures > 2)
    assert "cannot be used" in reports[-1].problem
    (tmp_path / "insight").unlink()
    await until(lambda: reports[-1] == StoreReport(1))


async def test_one_damaged_while_it_is_open_is_made_anew(log: Any, keep: Kept, until: Until, tmp_path: Path) -> None:
    log.append(1)
    path = tmp_path / "store"
    reports = keep(path)
    await until(lambda: reports and reports[-1] == StoreReport(1))
    store = Store(path)
    store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    content = path.read_bytes()
    path.write_bytes(content[:100] + b"\xff" * (len(content) - 100))
    log.append(1)
    await until(lambda: reports[-1] == StoreReport(2))
    assert any(report.problem for report in reports)


async def test_of_a_long_log_it_rests_as_long_as_it_has_read(
    log: Any, keep: Kept, until: Until, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    sleep = asyncio.sleep

    async def rest(seconds: float) -> None:
        slept.append(seconds)
        await sleep(0)

    monkeypatch.setattr(feeding, "MOST_LINES", 2)
    monkeypatch.setattr(time, "thread_time", itertools.count(step=0.25).__next__)
    monkeypatch.setattr(asyncio, "sleep", rest)
    log.append(7)
    reports = keep(tmp_path / "insight/store")
    while not reports or reports[-1].sequence < 7:
        await sleep(0.001)
    assert slept == [0.25] * 4

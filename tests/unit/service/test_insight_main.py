"""What runs in the process, here in ours."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from security_hooks.audit.settings import WriterSettings
from security_hooks.audit.writer import AuditWriter
from security_hooks.model.record import AuditRecord, RecordKind
from security_hooks.service import insight_main
from security_hooks.service.insight_main import StoreKeeper


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[AuditWriter]:
    made = AuditWriter(tmp_path / "audit", WriterSettings(reserve_bytes=65_536))
    made.append(AuditRecord(RecordKind.START, 0, {}))
    yield made
    made.close()


async def standing(keeper: StoreKeeper) -> tuple[int, bool, str]:
    keeper.wake()
    told = await keeper.standing(7)
    assert told.number == 7
    return told.sequence, told.is_current, told.problem


async def test_each_wake_reads_all_that_is_there(writer: AuditWriter, tmp_path: Path) -> None:
    keeper = StoreKeeper(tmp_path / "store", tmp_path / "audit")
    running = asyncio.ensure_future(keeper.run())
    assert await standing(keeper) == (1, True, "")
    writer.append(AuditRecord(RecordKind.STOP, 0, {}))
    assert await standing(keeper) == (2, True, "")
    running.cancel()


async def test_one_that_is_not_up_to_date_in_time_says_so(
    writer: AuditWriter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(insight_main, "ANSWER_SECONDS", 0.0)
    assert await standing(StoreKeeper(tmp_path / "store", tmp_path / "audit")) == (0, False, "")


async def test_a_store_damaged_while_it_is_open_is_made_anew(
    writer: AuditWriter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(insight_main, "AGAIN_SECONDS", 0.0)
    keeper = StoreKeeper(tmp_path / "store", tmp_path / "audit")
    running = asyncio.ensure_future(keeper.run())
    assert await standing(keeper) == (1, True, "")
    assert keeper._store is not None
    keeper._store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = (tmp_path / "store").read_bytes()
    (tmp_path / "store").write_bytes(content[:100] + b"\xff" * (len(content) - 100))
    writer.append(AuditRecord(RecordKind.STOP, 0, {}))
    told = await standing(keeper)
    while told != (2, True, ""):
        await asyncio.sleep(0.01)
        told = await standing(keeper)
    running.cancel()

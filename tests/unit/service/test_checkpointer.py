import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from security_hooks.audit.failure import AuditError
from security_hooks.audit.keys import KEYS, PRIVATE, own_key, public_keys
from security_hooks.audit.ledger import LEDGER, kept
from security_hooks.audit.proof import prove
from security_hooks.audit.reader import last_lines
from security_hooks.audit.settings import WriterSettings
from security_hooks.audit.verify import Report
from security_hooks.audit.writer import AuditWriter
from security_hooks.model.record import AuditRecord, RecordKind
from security_hooks.service import checkpointer
from security_hooks.service.checkpointer import Checkpointer, Often

NOON = 1_795_262_400_000_000_000
SOON = 20.0
NEVER = 3600.0


class Daemon:
    """As much of one as writes a log and has it covered."""

    def __init__(self, state: Path, often: Often, segment_bytes: int = 1 << 20) -> None:
        self.state = state
        settings = WriterSettings(segment_bytes=segment_bytes, reserve_bytes=65_536)
        self.writer = AuditWriter(state / "audit", settings, clock=lambda: NOON)
        self.often = often
        self.checkpointer = Checkpointer(self.writer, state, lambda: self.often, lambda: "cd" * 32, self.append)

    def append(self, record: AuditRecord) -> int:
        seq = self.writer.append(record)
        self.checkpointer.saw(record.kind)
        return seq

    def write(self, count: int = 1) -> None:
        for _ in range(count):
            self.append(AuditRecord(RecordKind.DECISION, NOON, {"verdict": "allow"}))

    def kinds(self) -> list[str]:
        lines, _ = last_lines(self.state / "audit", 1000)
        return [line.partition(b'"kind":"')[2].partition(b'"')[0].decode() for line in lines]

    def covers(self) -> list[int]:
        return [checkpoint.covers for _, checkpoint in kept(self.state / LEDGER)]

    def report(self) -> Report:
        return prove(self.state, pinned=public_keys(self.state))


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Daemon]]:
    monkeypatch.setattr(checkpointer, "AFTER_START_SECONDS", 0.0)
    daemons: list[Daemon] = []

    def make(records: int = 3, seconds: float = NEVER, segment_bytes: int = 1 << 20) -> Daemon:
        daemons.append(Daemon(tmp_path, Often(records, seconds), segment_bytes))
        return daemons[-1]

    yield make
    for daemon in daemons:
        daemon.writer.close()


@asynccontextmanager
async def running(daemon: Daemon) -> AsyncIterator[None]:
    task = asyncio.ensure_future(daemon.checkpointer.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled() or task.exception() is None


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(SOON):
        while not condition():
            await asyncio.sleep(0.001)


async def turns(count: int = 50) -> None:
    """Let everything happen that needs no time."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_the_key_is_made_at_the_start(made: Callable[..., Daemon]) -> None:
    daemon = made()
    async with running(daemon):
        await until((daemon.state / KEYS / PRIVATE).exists)
    assert daemon.covers() == []


async def test_a_checkpoint_comes_after_so_many_records(made: Callable[..., Daemon]) -> None:
    daemon = made(records=3)
    async with running(daemon):
        daemon.write(2)
        await turns()
        assert daemon.covers() == []
        daemon.write()
        await until(lambda: len(daemon.kinds()) == 4)
        daemon.write(3)
        await until(lambda: len(daemon.kinds()) == 8)
    assert daemon.kinds() == ["decision"] * 3 + ["checkpoint"] + ["decision"] * 3 + ["checkpoint"]
    assert daemon.covers() == [3, 7]
    assert daemon.report().problem is None


async def test_a_checkpoint_comes_a_while_after_a_record(made: Callable[..., Daemon]) -> None:
    daemon = made(records=1000, seconds=0.01)
    async with running(daemon):
        daemon.write()
        await until(lambda: daemon.kinds() == ["decision", "checkpoint"])
    assert daemon.covers() == [1]


async def test_its_own_record_asks_for_no_other(made: Callable[..., Daemon]) -> None:
    daemon = made(records=1, seconds=0.0)
    async with running(daemon):
        daemon.write()
        await until(lambda: daemon.kinds() == ["decision", "checkpoint"])
        daemon.write()
        await until(lambda: len(daemon.kinds()) == 4)
    assert daemon.covers() == [1, 3]


async def test_a_checkpoint_comes_with_a_new_segment(made: Callable[..., Daemon]) -> None:
    daemon = made(records=1000, segment_bytes=1000)
    async with running(daemon):
        while daemon.writer.segment == "00000001.jsonl":
            daemon.write()
        written = daemon.writer.sequence
        await until(daemon.covers)
    assert daemon.covers() == [written]
    assert daemon.report().problem is None


async def test_calls_go_on_while_it_is_signed(made: Callable[..., Daemon], monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk takes its time; what is appended meanwhile stands before the checkpoint's record."""
    daemon = made(records=2)
    loop, signing, proceed = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()

    def sync() -> None:
        loop.call_soon_threadsafe(signing.set)
        asyncio.run_coroutine_threadsafe(proceed.wait(), loop).result(SOON)

    monkeypatch.setattr(daemon.writer, "sync", sync)
    async with running(daemon):
        daemon.write(2)
        await asyncio.wait_for(signing.wait(), SOON)
        daemon.write(1)
        proceed.set()
        await until(lambda: len(daemon.kinds()) == 4)
    monkeypatch.undo()
    assert daemon.kinds() == ["decision"] * 3 + ["checkpoint"]
    assert daemon.covers() == [2]
    assert daemon.report().problem is None


def test_the_end_is_covered_beside_the_log(made: Callable[..., Daemon]) -> None:
    daemon = made()
    daemon.write(2)
    daemon.checkpointer.finish()
    assert daemon.kinds() == ["decision"] * 2
    assert daemon.covers() == [2]
    report = daemon.report()
    assert report.proof is not None and report.proof.covered == 2


async def test_checkpoints_go_on_across_restarts(made: Callable[..., Daemon]) -> None:
    for _ in range(2):
        daemon = made(records=2)
        async with running(daemon):
            before = len(daemon.kinds())
            daemon.write(2)
            await until(lambda: len(daemon.kinds()) == before + 3)  # noqa: B023 - awaited within the turn
        daemon.checkpointer.finish()
        daemon.writer.close()
    assert daemon.covers() == [2, 3, 5, 6]
    report = daemon.report()
    assert report.problem is None
    assert report.proof is not None and (report.proof.checkpoints, len(report.proof.signers)) == (4, 1)


async def test_what_fails_is_told_and_tried_again(
    made: Callable[..., Daemon], caplog: pytest.LogCaptureFixture
) -> None:
    daemon = made(records=2, seconds=0.01)
    own_key(daemon.state)
    path = daemon.state / KEYS / PRIVATE
    path.chmod(0o644)
    with caplog.at_level(logging.ERROR):
        async with running(daemon):
            daemon.write(2)
            await until(lambda: "no checkpoint was made" in caplog.text)
            assert daemon.kinds() == ["decision"] * 2
            path.chmod(0o600)
            await until(lambda: daemon.kinds() == ["decision"] * 2 + ["checkpoint"])
    assert f"no key was made: {path} is open to others, who could sign in our name: chmod 600 {path}" in caplog.text


async def test_no_checkpoint_takes_the_last_space_of_a_full_disk(
    made: Callable[..., Daemon], monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon = made(records=2, seconds=0.01)
    asked: list[bool] = []

    def is_full(_: AuditWriter) -> bool:
        asked.append(True)
        return True

    monkeypatch.setattr(AuditWriter, "is_full", property(is_full))
    async with running(daemon):
        daemon.write(2)
        await until(lambda: len(asked) > 2)
        daemon.checkpointer.finish()
        assert daemon.covers() == []
        monkeypatch.undo()
        await until(daemon.covers)


def test_without_the_library_the_log_is_closed_all_the_same(
    made: Callable[..., Daemon], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    daemon = made()
    daemon.write(2)
    monkeypatch.setitem(sys.modules, "security_hooks.audit.keys", None)
    with caplog.at_level(logging.ERROR):
        daemon.checkpointer.finish()
    assert "pip install --force-reinstall cryptography" in caplog.text


async def test_a_log_that_takes_no_record_is_told(
    made: Callable[..., Daemon], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    daemon = made(records=2)

    def refuse(record: AuditRecord) -> int:
        raise AuditError("no space is left")

    daemon.checkpointer = Checkpointer(daemon.writer, daemon.state, lambda: daemon.often, lambda: "", refuse)
    with caplog.at_level(logging.ERROR):
        async with running(daemon):
            daemon.write(2)
            await until(lambda: "no checkpoint was made: no space is left" in caplog.text)

"""The process that reads transcripts: real, killed, stopped; what it is to follow outlives it."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.unit.service.test_transcript_follower import append, use

from security_hooks.service.transcript_messages import Finished, Followed, Seen
from security_hooks.service.transcript_process import TranscriptProcess

PATIENCE = 30.0


class Fixture:
    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.process = TranscriptProcess()
        self.finished: list[Finished] = []

    async def hear(self, seen: Seen) -> None:
        self.finished += seen.uses

    async def follow(self, name: str) -> Path:
        path = self.directory / "sessions" / name
        append(path, b"")
        await self.process.follow((Followed("codex-cli", "s", str(path), str(self.directory), 0.0),))
        return path

    async def until_told(self, call_id: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while call_id not in [item.use.call_id for item in self.finished]:
                await asyncio.sleep(0.01)

    @property
    def pid(self) -> int:
        pid = self.process.report()["pid"]
        assert isinstance(pid, int)
        return pid


@pytest.fixture
async def reading(tmp_path: Path) -> AsyncIterator[Fixture]:
    made = Fixture(tmp_path)
    running = asyncio.ensure_future(made.process.run(made.hear))
    yield made
    running.cancel()
    await made.process.close()


async def test_there_is_none_before_there_is_something_to_follow(reading: Fixture) -> None:
    await reading.process.follow(())
    await asyncio.sleep(0)
    assert reading.process.report() == {"pid": None, "restarts": 0}


async def test_it_tells_of_what_comes(reading: Fixture) -> None:
    path = await reading.follow("a.jsonl")
    append(path, use("1"))
    await reading.until_told("1")
    other = await reading.follow("b.jsonl")
    append(other, use("2"))
    await reading.until_told("2")


async def test_one_that_is_killed_is_started_again_and_loses_nothing(reading: Fixture) -> None:
    path = await reading.follow("a.jsonl")
    append(path, use("1"))
    await reading.until_told("1")
    os.kill(reading.pid, signal.SIGKILL)
    append(path, use("2"))
    await reading.until_told("2")
    assert reading.process.report()["restarts"] == 1


async def test_with_nothing_left_to_follow_it_ends(reading: Fixture) -> None:
    path = await reading.follow("a.jsonl")
    append(path, use("1"))
    await reading.until_told("1")
    await reading.process.leave((("codex-cli", "s"),))
    assert reading.process.report()["pid"] is None

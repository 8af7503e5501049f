import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from security_hooks.audit.failure import AuditError
from security_hooks.policy.config_types import Limits
from security_hooks.service import upkeep
from security_hooks.service.listener import Listener, listen
from security_hooks.service.server import Answers, Server
from security_hooks.service.upkeep import SocketKeeper, Syncer, Watchdog, contained, kept_going

SOON = 20.0


async def test_a_task_that_ends_is_not_started_again() -> None:
    runs: list[int] = []

    async def task() -> None:
        runs.append(1)

    await kept_going("task", task)
    assert runs == [1]


async def test_a_task_that_fails_is_logged_and_started_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(upkeep, "AGAIN_SECONDS", 0.0)
    runs: list[int] = []

    async def task() -> None:
        runs.append(1)
        if len(runs) < 3:
            raise OSError("broken")

    with caplog.at_level(logging.ERROR):
        await kept_going("the watch", task)
    assert len(runs) == 3
    assert "the watch failed: OSError: broken" in caplog.text


async def test_what_fails_once_does_not_reach_the_others() -> None:
    async def failing() -> None:
        raise ValueError

    async def well() -> None:
        await asyncio.sleep(0)

    async with asyncio.TaskGroup() as tasks:
        failed = tasks.create_task(contained("a call", failing()))
        went_well = tasks.create_task(contained("a call", well()))
    assert (failed.result(), went_well.result()) == (False, True)


async def test_a_cancelled_task_takes_its_work_with_it() -> None:
    ended = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    task = asyncio.ensure_future(contained("work", work()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    async with asyncio.timeout(SOON):
        await ended.wait()
    assert task.cancelled()


class FakeLog:
    """A log whose first syncs fail."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.syncs = 0
        self.loop = asyncio.get_running_loop()
        self.synced = asyncio.Event()

    def sync(self) -> None:
        self.syncs += 1
        if self.syncs <= self.failures:
            raise AuditError("the disk is broken")
        self.loop.call_soon_threadsafe(self.synced.set)


async def test_many_appends_are_one_sync() -> None:
    log = FakeLog()
    syncer = Syncer(log, lambda: 0.0)
    for _ in range(10):
        syncer.want()
    running = asyncio.ensure_future(syncer.run())
    async with asyncio.timeout(SOON):
        await log.synced.wait()
    assert log.syncs == 1
    log.synced.clear()
    syncer.want()
    async with asyncio.timeout(SOON):
        await log.synced.wait()
    assert log.syncs == 2
    running.cancel()


async def test_a_sync_that_fails_is_tried_again_without_another_append(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "AGAIN_SECONDS", 0.0)
    log = FakeLog(failures=2)
    syncer = Syncer(log, lambda: 0.0)
    syncer.want()
    running = asyncio.ensure_future(kept_going("audit sync", syncer.run))
    async with asyncio.timeout(SOON):
        await log.synced.wait()
    assert log.syncs == 3
    running.cancel()


class Kept:
    """A socket that is looked after, and what was reported of it."""

    def __init__(self, path: Path) -> None:
        self.reports: list[str] = []
        self.reported = asyncio.Event()
        listener = listen(path, os.getuid())
        answers = Answers(lambda data, _: b"answered", lambda *_: b"", lambda *_: b"")
        self.server = Server(
            answers,
            lambda: Limits(request_bytes=1000, request_seconds=5, concurrent=4),
            os.getuid(),
            asyncio.ensure_future,
        )
        self.server.serve(listener)
        self.keeper = SocketKeeper(listener, self.server, self.report)

    def report(self, text: str) -> None:
        self.reports.append(text)
        self.reported.set()

    @property
    def listener(self) -> Listener:
        return self.keeper.listener

    async def wait_for_report(self) -> None:
        async with asyncio.timeout(SOON):
            await self.reported.wait()
        self.reported.clear()

    async def ask(self) -> bytes:
        reader, writer = await asyncio.open_unix_connection(str(self.listener.path))
        writer.write(b"x")
        writer.write_eof()
        try:
            return await reader.read()
        finally:
            writer.close()


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[Kept]:
    made = Kept(tmp_path / "run/hook.sock")
    running = asyncio.ensure_future(made.keeper.run())
    yield made
    running.cancel()
    await asyncio.wait({running})
    await made.server.drain(0)
    made.listener.close()
    made.listener.release()


def remove(path: Path) -> None:
    path.unlink()


def replace_by_a_file(path: Path) -> None:
    other = path.with_name("other")
    other.write_text("mine")
    other.rename(path)


@pytest.mark.parametrize("harm", [remove, replace_by_a_file])
async def test_a_socket_taken_away_is_made_again_and_served(kept: Kept, harm: Callable[[Path], None]) -> None:
    for _ in range(3):
        harm(kept.listener.path)
        await kept.wait_for_report()
        assert kept.listener.is_in_place()
        assert await kept.ask() == b"answered"
    assert len(kept.reports) == 3


async def test_who_waits_at_the_old_socket_is_answered(kept: Kept) -> None:
    old = kept.listener.path.with_name("old")
    kept.listener.path.rename(old)
    reader, writer = await asyncio.open_unix_connection(str(old))
    await kept.wait_for_report()
    writer.write(b"x")
    writer.write_eof()
    assert await reader.read() == b"answered"
    writer.close()


async def test_a_service_managers_socket_is_left_to_the_manager(kept: Kept) -> None:
    listener = kept.listener
    theirs = Listener(listener.socket, listener.path, listener.identity, None)
    await SocketKeeper(theirs, kept.server, kept.report).run()
    assert kept.reports == []


async def test_the_watchdog_is_told_again_and_again(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.setblocking(False)
        environment = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "3000"}
        telling = asyncio.ensure_future(Watchdog(environment, os.getpid()).run())
        async with asyncio.timeout(SOON):
            for _ in range(3):
                assert await asyncio.get_running_loop().sock_recv(manager, 100) == b"WATCHDOG=1"
        telling.cancel()


async def test_without_a_watchdog_there_is_nothing_to_tell() -> None:
    async with asyncio.timeout(SOON):
        await Watchdog({}, os.getpid()).run()

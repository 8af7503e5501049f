"""Background tasks that outlive their own failures, and those that look after the daemon's files and life."""

import asyncio
import logging
import os
from collections.abc import Callable, Coroutine, Mapping
from typing import Protocol

from security_hooks.audit.failure import AuditError
from security_hooks.service.listener import Listener, rebind
from security_hooks.service.notify import ping, watchdog_seconds
from security_hooks.service.server import Server
from security_hooks.service.watch import Watcher, watched

LOG = logging.getLogger("security-hooks")
AGAIN_SECONDS = 1.0


class Syncing(Protocol):
    """A log whose writes reach the disk with `sync`."""

    def sync(self) -> None:
        """Flush what was appended; may take as long as the disk does."""


async def contained(name: str, work: Coroutine[None, None, None]) -> bool:
    """Run to the end; False, and a line in the log, if it failed. Never raises but when cancelled."""
    running = asyncio.ensure_future(work)
    try:
        await asyncio.wait({running})
    finally:
        running.cancel()
    error = None if running.cancelled() else running.exception()
    if error is not None:
        LOG.error("%s failed: %s: %s", name, type(error).__name__, error, exc_info=error)
    return error is None


async def kept_going(name: str, task: Callable[[], Coroutine[None, None, None]]) -> None:
    """Run a task; when it fails, start it again."""
    while True:
        if await contained(name, task()):
            return
        await asyncio.sleep(AGAIN_SECONDS)


class Syncer:
    """Group fsyncs, off the loop: a call never waits for the disk."""

    def __init__(self, log: Syncing, seconds: Callable[[], float]) -> None:
        self._log = log
        self._seconds = seconds
        self._wanted = asyncio.Event()

    def want(self) -> None:
        """Something was appended."""
        self._wanted.set()

    async def run(self) -> None:
        """Sync a while after each append, once for all that came in between."""
        while True:
            await self._wanted.wait()
            await asyncio.sleep(self._seconds())
            self._wanted.clear()
            try:
                await asyncio.to_thread(self._log.sync)
            except AuditError:
                self._wanted.set()
                raise


class Watchdog:
    """Tells the service manager that the loop turns, so that it ends and restarts a daemon that hangs."""

    def __init__(self, environment: Mapping[str, str], pid: int) -> None:
        self._environment = environment
        self._seconds = watchdog_seconds(environment, pid)

    async def run(self) -> None:
        """Tell it three times in each of its periods; ends at once where no manager asks for it."""
        while self._seconds is not None:
            ping(self._environment)
            await asyncio.sleep(self._seconds / 3)


class SocketKeeper:
    """Makes the socket again when it is taken away or replaced: without it every call on the machine is blocked, and
    whoever sits in its place could answer for us.
    """

    def __init__(self, listener: Listener, server: Server, report: Callable[[str], None]) -> None:
        self.listener = listener
        self._server = server
        self._report = report

    async def run(self) -> None:
        """Watch the socket's path; a socket of the service manager's is the manager's to keep."""
        watcher = Watcher(lambda: watched([str(self.listener.path)], [], []))
        try:
            while self.listener.lock is not None:
                await watcher.arm()
                if self.listener.is_in_place():
                    await watcher.wait()
                else:
                    self._make_again()
        finally:
            watcher.close()

    def _make_again(self) -> None:
        old, self.listener = self.listener, rebind(self.listener, os.getuid())
        self._server.serve(self.listener)
        old.socket.close()
        self._report(f"the socket {old.path} was taken away or replaced, and made again")

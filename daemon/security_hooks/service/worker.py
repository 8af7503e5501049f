"""The daemon's end of the worker process: starts it, asks it, kills it when it does not answer in time.

The worker holds nothing of the daemon's but one socket. Its death or hanging costs a build its time and a call
nothing: calls look at what is published.
"""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from typing import cast

import msgspec

from security_hooks.model.diagnostic import Diagnostic, PolicyError
from security_hooks.service.building import HEADER, MESSAGE_BYTES, BuildAnswer, BuildRequest

DEADLINE = 10.0
TRIES = 2


class Worker:
    """One worker process at a time, started when it is first needed and again when it is gone."""

    def __init__(self, deadline: float = DEADLINE) -> None:
        self._deadline = deadline
        self._turn = asyncio.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._killed: list[subprocess.Popen[bytes]] = []
        self._link: _Link | None = None
        self._number = 0
        self.on_death: Callable[[], None] = lambda: None
        """Called when a worker that had been of use dies of itself, so that another can be warm in time."""

    @property
    def pid(self) -> int | None:
        """The worker's process id while there is one."""
        return None if self._process is None else self._process.pid

    async def ask(self, request: BuildRequest) -> BuildAnswer:
        """The answer to a request; raises PolicyError where no worker gives one in time."""
        async with self._turn:
            for _ in range(TRIES):
                try:
                    async with asyncio.timeout(self._deadline):
                        return await self._exchange(request)
                except (TimeoutError, OSError, EOFError, msgspec.DecodeError):
                    self.stop()
        message = "the policy could not be built: the worker process died or did not answer"
        raise PolicyError((Diagnostic("policy", 0, 0, "no-worker", message, "see the daemon's log"),))

    def stop(self) -> None:
        """End the worker, whatever it is doing; the next request starts another."""
        process, link = self._process, self._link
        self._process = self._link = None
        if link is not None:
            link.close()
        if process is not None:
            process.kill()
            self._killed.append(process)
        # Never waited for: a process that hangs in the kernel would take the loop with it.
        self._killed = [killed for killed in self._killed if killed.poll() is None]

    async def close(self) -> None:
        """End the worker for good, and collect what is left of it within a second."""
        self.stop()
        for process in self._killed:
            with contextlib.suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(process.wait, 1.0)

    async def _exchange(self, request: BuildRequest) -> BuildAnswer:
        link = self._link
        if link is None or link.is_lost:
            self.stop()
            ours, theirs = socket.socketpair()
            with theirs:
                self._process = _start(theirs.fileno())
            loop = asyncio.get_running_loop()
            _, link = await loop.create_unix_connection(lambda: _Link(self._lost), sock=ours)
            self._link = link
        self._number += 1
        return await link.ask(msgspec.structs.replace(request, number=self._number))

    def _lost(self, link: "_Link") -> None:
        if link is self._link and link.has_answered:
            self.on_death()


class _Link(asyncio.Protocol):
    """Frames on the socket. Answers that nobody waits for any more are dropped."""

    def __init__(self, lost: Callable[["_Link"], None]) -> None:
        self._on_lost = lost
        self._buffer = bytearray()
        self._waiting: dict[int, asyncio.Future[BuildAnswer]] = {}
        self._transport: asyncio.Transport | None = None
        self.is_lost = False
        self.has_answered = False

    async def ask(self, request: BuildRequest) -> BuildAnswer:
        """Send a request and wait for its answer; raises EOFError where the worker is gone."""
        if self._transport is None or self.is_lost:
            raise EOFError
        answer: asyncio.Future[BuildAnswer] = asyncio.get_running_loop().create_future()
        self._waiting[request.number] = answer
        try:
            body = msgspec.msgpack.encode(request)
            self._transport.write(len(body).to_bytes(HEADER, "big") + body)
            return await answer
        finally:
            del self._waiting[request.number]

    def close(self) -> None:
        """Close our end."""
        self.is_lost = True
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not every loop's transports derive from asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= HEADER:
            end = HEADER + int.from_bytes(self._buffer[:HEADER], "big")
            if end > MESSAGE_BYTES:
                self.close()
            if len(self._buffer) < end:
                return
            body = bytes(self._buffer[HEADER:end])
            del self._buffer[:end]
            self._answer(body)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol gives it
        was_lost, self.is_lost = self.is_lost, True
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(EOFError())
        if not was_lost:
            self._on_lost(self)

    def _answer(self, body: bytes) -> None:
        try:
            answer = msgspec.msgpack.decode(body, type=BuildAnswer)
        except msgspec.DecodeError:
            self.close()
            return
        self.has_answered = True
        waiting = self._waiting.get(answer.number)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)


def _start(descriptor: int) -> subprocess.Popen[bytes]:
    # Isolated and without an environment: nothing that a project could set reaches the worker.
    return subprocess.Popen(
        [sys.executable, "-I", "-m", "security_hooks.service.worker_main", str(descriptor), str(os.getpid())],
        pass_fds=(descriptor,),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        cwd="/",
        env={},
        start_new_session=True,
    )

"""One worker process at a time: started when it is first needed and again when it is gone, asked, and killed.

A worker holds nothing of the daemon's but one socket, and is never waited for: a process that hangs in the kernel
would take the loop with it.
"""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic

from security_hooks.service.link import Answer, Link


@dataclass(frozen=True, slots=True)
class Program:
    """What a process runs: a module of ours, what it is told before the number of its socket, and its environment."""

    module: str
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


def worker_of(role: str, environment: Mapping[str, str] | None = None) -> Program:
    """A worker of one role (see `worker_main`), with this environment alone: nothing that a project could set reaches
    it.
    """
    return Program("security_hooks.service.worker_main", (role,), environment or {})


class WorkerProcess(Generic[Answer]):
    """A process that answers messages. `lost` is called when one that had answered dies of itself."""

    def __init__(self, program: Program, decode: Callable[[bytes], Answer], lost: Callable[[], None]) -> None:
        self.program = program
        self._decode = decode
        self._on_lost = lost
        self._process: subprocess.Popen[bytes] | None = None
        self._killed: list[subprocess.Popen[bytes]] = []
        self._link: Link[Answer] | None = None
        self.starts = 0

    @property
    def pid(self) -> int | None:
        """The process id while there is one."""
        return None if self._process is None else self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether there is a process that can be asked."""
        return self._link is not None and not self._link.is_lost

    async def start(self) -> None:
        """Start a process, in place of whatever there is; raises OSError."""
        self.stop()
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                self._process = _start(self.program, theirs.fileno())
            except OSError:
                ours.close()
                raise
        self.starts += 1
        loop = asyncio.get_running_loop()
        _, self._link = await loop.create_unix_connection(lambda: Link(self._decode, self._lost), sock=ours)

    async def ask(self, number: int, body: bytes) -> Answer:
        """The answer to a message; raises EOFError where there is no process, or none any more."""
        if self._link is None:
            raise EOFError
        return await self._link.ask(number, body)

    def tell(self, body: bytes) -> None:
        """Send a message that is not answered, where there is a process."""
        if self._link is not None:
            self._link.tell(body)

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        process, link = self._process, self._link
        self._process = self._link = None
        if link is not None:
            link.close()
        if process is not None:
            process.kill()
            self._killed.append(process)
        self._killed = [killed for killed in self._killed if killed.poll() is None]

    async def close(self) -> None:
        """End the process for good, and collect what is left of it within a second."""
        self.stop()
        for process in self._killed:
            with contextlib.suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(process.wait, 1.0)

    def _lost(self, link: Link[Answer]) -> None:
        if link is self._link and link.has_answered:
            self._on_lost()


def _start(program: Program, descriptor: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-I", "-m", program.module, *program.arguments, str(descriptor), str(os.getpid())],
        pass_fds=(descriptor,),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        cwd="/",
        env=program.environment,
        start_new_session=True,
    )

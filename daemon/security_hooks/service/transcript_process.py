"""The daemon's end of the process that reads transcripts: told what to follow, listened to.

One that dies is started again and told all that it is to follow; what it then reads twice, the listener must know.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable

import msgspec

from security_hooks.model.record import Json
from security_hooks.service.transcript_messages import Follow, Followed, Leave, Listen, Message, Seen
from security_hooks.service.worker_process import WorkerProcess, worker_of

LOG = logging.getLogger("security-hooks")
# How long it may have nothing to tell, and how much longer its answer may take.
LISTEN_SECONDS = 30.0
ANSWER_SECONDS = 20.0
# Whoever has something to say does not wait longer for one that hangs.
TOLD_SECONDS = 1.0
YOUNG_SECONDS = 10.0
LONGEST_PAUSE_SECONDS = 30.0
_DECODER: msgspec.msgpack.Decoder[Seen] = msgspec.msgpack.Decoder(Seen)


class TranscriptProcess:
    """One process. `run` keeps it while something is followed, and hands each answer to `hear`."""

    def __init__(self) -> None:
        self._process: WorkerProcess[Seen] = WorkerProcess(worker_of("transcripts"), _DECODER.decode, lambda: None)
        self._followed: dict[tuple[str, str, str], Followed] = {}
        self._wanted = asyncio.Event()
        self._number = 0
        self._started = 0.0
        self._deaths = 0

    def report(self) -> dict[str, Json]:
        """Plain data for `status`."""
        return {"pid": self._process.pid, "restarts": max(0, self._process.starts - 1)}

    async def follow(self, transcripts: tuple[Followed, ...]) -> None:
        """Follow these from now on, and have them read now."""
        if transcripts:
            self._followed |= {(item.client, item.session, item.path): item for item in transcripts}
            self._wanted.set()
            await self._tell(Follow(self._next(), transcripts))

    async def leave(self, sessions: tuple[tuple[str, str], ...]) -> None:
        """Follow nothing of these sessions any more; with nothing left to follow the process ends."""
        self._followed = {key: item for key, item in self._followed.items() if key[:2] not in sessions}
        if not self._followed:
            self._wanted.clear()
            self._process.stop()
        elif sessions:
            await self._tell(Leave(self._next(), sessions))

    async def run(self, hear: Callable[[Seen], Awaitable[None]]) -> None:
        """Keep the process and listen to it; runs until cancelled."""
        while True:
            await self._wanted.wait()
            try:
                if not self._process.is_alive:
                    self._started = time.monotonic()
                    await self._process.start()
                    await self._ask(Follow(self._next(), tuple(self._followed.values())))
                seen = await self._ask(Listen(self._next(), LISTEN_SECONDS))
            except (TimeoutError, OSError, EOFError) as error:
                if self._wanted.is_set():
                    LOG.warning("the process that reads transcripts is gone: %s", type(error).__name__)
                    self._process.stop()
                    await asyncio.sleep(self._pause())
                continue
            await hear(seen)

    async def close(self) -> None:
        """End the process for good."""
        await self._process.close()

    async def _tell(self, message: Message) -> None:
        """Say it where there is a process; another one is told everything when it starts."""
        if self._process.is_alive:
            with contextlib.suppress(TimeoutError, EOFError):
                await self._ask(message, TOLD_SECONDS)

    async def _ask(self, message: Message, seconds: float = LISTEN_SECONDS + ANSWER_SECONDS) -> Seen:
        async with asyncio.timeout(seconds):
            return await self._process.ask(message.number, msgspec.msgpack.encode(message))

    def _pause(self) -> float:
        """How long to wait before the next start: none after a long life."""
        if time.monotonic() - self._started > YOUNG_SECONDS:
            self._deaths = 0
            return 0.0
        self._deaths += 1
        return min(LONGEST_PAUSE_SECONDS, 2.0 ** (self._deaths - 1) / 4)

    def _next(self) -> int:
        self._number += 1
        return self._number

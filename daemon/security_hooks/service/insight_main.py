"""The process that reads the log beside the daemon: a loop with a task for each thing that is made of the log.

Started by `worker_main` in the role `insight`. It hears from the daemon that there is more to read, and answers how
far it is. Nothing waits for it; it may be killed at any time, and a defect in it is its end, not the daemon's.
"""

import asyncio
import socket
from collections.abc import Callable, Coroutine
from pathlib import Path

import msgspec

from security_hooks.audit.failure import AuditError
from security_hooks.insight.feed import feed, opened
from security_hooks.insight.frames import next_frame
from security_hooks.insight.store import Store, StoreError, forget
from security_hooks.model.message import framed
from security_hooks.service.insight_messages import Follow, Message, Standing

# An answer tells of the store as it is then, up to date or not.
ANSWER_SECONDS = 1.0
AGAIN_SECONDS = 5.0
_DECODER: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Message)

Task = Callable[[], Coroutine[None, None, None]]


def run(daemon: socket.socket) -> int:
    """Serve until the daemon closes its end."""
    asyncio.run(_serve(daemon))
    return 0


async def _serve(daemon: socket.socket) -> None:
    reader, writer = await asyncio.open_unix_connection(sock=daemon)
    message = await _next(reader)
    if not isinstance(message, Follow):
        return
    keeper = StoreKeeper(Path(message.store), Path(message.log))
    # One for each thing that is made of the log; none of them ends.
    tasks: tuple[Task, ...] = (keeper.run,)
    running = [asyncio.ensure_future(task()) for task in tasks]
    answering = asyncio.ensure_future(_answer(message, reader, writer, keeper))
    done, _ = await asyncio.wait({answering, *running}, return_when=asyncio.FIRST_COMPLETED)
    for task in running:
        task.cancel()
    writer.close()
    for ended in done:
        ended.result()


async def _answer(
    message: Message | None, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, keeper: "StoreKeeper"
) -> None:
    """Answer each message with how far the store is, until there are no more."""
    while message is not None:
        keeper.wake()
        answer = msgspec.msgpack.encode(await keeper.standing(message.number))
        writer.write(framed(answer))
        await writer.drain()
        message = await _next(reader)


async def _next(reader: asyncio.StreamReader) -> Message | None:
    body = await next_frame(reader)
    return None if body is None else _DECODER.decode(body)


class StoreKeeper:
    """Keeps the store up to date: all that there is whenever it is woken, a batch at a time."""

    def __init__(self, path: Path, log: Path) -> None:
        self._path = path
        self._log = log
        self._store: Store | None = None
        self._news = asyncio.Event()
        self._current = asyncio.Event()
        self._problem = ""

    def wake(self) -> None:
        """There is more to read."""
        self._current.clear()
        self._news.set()

    async def run(self) -> None:
        """Read on at each wake; what fails is tried again."""
        try:
            while True:
                await self._news.wait()
                self._news.clear()
                await self._try()
        finally:
            if self._store is not None:
                self._store.close()

    async def standing(self, number: int) -> Standing:
        """How far the store is, once it is up to date or a while has passed."""
        try:
            await asyncio.wait_for(self._current.wait(), ANSWER_SECONDS)
            is_current = not self._problem
        except TimeoutError:
            is_current = False
        return Standing(number, self._last(), is_current, self._problem)

    async def _try(self) -> None:
        try:
            await self._read()
        except (StoreError, AuditError) as error:
            self._problem = str(error)
            self._give_up(error)
            self._current.set()
            await asyncio.sleep(AGAIN_SECONDS)
            self._news.set()

    async def _read(self) -> None:
        store = self._store = self._store or opened(self._path)
        for _ in feed(store, self._log):
            await asyncio.sleep(0)
        self._problem = ""
        if not self._news.is_set():
            self._current.set()

    def _last(self) -> int:
        try:
            return 0 if self._store is None else self._store.last()
        except StoreError as error:
            self._problem = str(error)
            return 0

    def _give_up(self, error: StoreError | AuditError) -> None:
        if isinstance(error, StoreError) and self._store is not None:
            self._store.close()
            self._store = None
            if error.is_damaged:
                forget(self._path)

"""The daemon's end of the socket to a worker process: messages, length first, and answers by number."""

import asyncio
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar, cast

import msgspec

from security_hooks.model.message import HEADER
from security_hooks.service.building import MESSAGE_BYTES


class Numbered(Protocol):
    """What every answer has: the number of what it answers."""

    @property
    def number(self) -> int: ...  # noqa: D102 - said above


Answer = TypeVar("Answer", bound=Numbered)


class Link(asyncio.Protocol, Generic[Answer]):
    """Frames on the socket. Answers that nobody waits for any more are dropped; `decode` raises DecodeError for what is
    none, and that ends the link.
    """

    def __init__(self, decode: Callable[[bytes], Answer], lost: Callable[["Link[Answer]"], None]) -> None:
        self._decode = decode
        self._on_lost = lost
        self._buffer = bytearray()
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self._transport: asyncio.Transport | None = None
        self.is_lost = False
        self.has_answered = False

    async def ask(self, number: int, body: bytes) -> Answer:
        """Send a message and wait for the answer of that number; raises EOFError where the worker is gone."""
        if self._transport is None or self.is_lost:
            raise EOFError
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            self.tell(body)
            return await answer
        finally:
            del self._waiting[number]

    def tell(self, body: bytes) -> None:
        """Send a message that is not answered; one that is gone does not hear it."""
        if self._transport is not None and not self.is_lost:
            self._transport.write(len(body).to_bytes(HEADER, "big"))
            self._transport.write(body)

    def close(self) -> None:
        """Close our end."""
        self.is_lost = True
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; called by the loop, like the two that follow."""
        # Not every loop's transports derive from asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take what came, and hand on what is whole."""
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
        """Tell everybody who waits."""
        was_lost, self.is_lost = self.is_lost, True
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(EOFError())
        if not was_lost:
            self._on_lost(self)

    def _answer(self, body: bytes) -> None:
        try:
            answer = self._decode(body)
        except msgspec.DecodeError:
            self.close()
            return
        self.has_answered = True
        waiting = self._waiting.get(answer.number)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)

"""Connections to answers: accepts shims, reads each request to its end under caps of size and time, writes the reply.

Works on plain non-blocking sockets with the loop's reader callbacks and not on transports: the shim has mostly
sent everything before we accept, so a call is read, judged and answered in one turn of the loop without ever being
registered with it. Must never wait on one peer, and never serve a peer of another uid.
"""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Protocol

import msgspec

from security_hooks.service.listener import Listener
from security_hooks.service.peer import Peer, peer_of

# Below malloc's threshold for mapping pages anew: a larger buffer costs page faults for every call.
CHUNK = 1 << 16
# Of one peer in one turn of the loop: who sends without end must not keep it from the others.
CHUNKS_A_TURN = 4
ACCEPTS_A_TURN = 1
# Descriptors run out for a moment only if calls end; until then the rest waits in the backlog.
PAUSE_WITHOUT_DESCRIPTORS = 0.05


class ServerLimits(Protocol):
    """Caps: bytes of one request, seconds for it to arrive, requests served at once (more wait in the backlog)."""

    @property
    def request_bytes(self) -> int: ...  # noqa: D102 - said above

    @property
    def request_seconds(self) -> float: ...  # noqa: D102

    @property
    def concurrent(self) -> int: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Answers:
    """Whom the server asks about a whole request, one over the size cap (its first bytes), one not whole in time.

    An empty answer closes the connection without a reply, which the shim takes for a denial.
    """

    whole: Callable[[bytes, Peer], bytes | Awaitable[bytes]]
    too_large: Callable[[bytes, Peer], bytes]
    too_slow: Callable[[bytes, Peer], bytes]


class _Connection(msgspec.Struct, eq=False):
    """One peer, and what it has sent so far. `timer` is set while we wait for more."""

    sock: socket.SocketType
    peer: Peer
    chunks: list[bytes] = []
    size: int = 0
    timer: asyncio.TimerHandle | None = None


class Server:
    """Serves one listener until `drain`. `spawn` runs the coroutine of a call whose answer must wait."""

    def __init__(
        self,
        answers: Answers,
        limits: Callable[[], ServerLimits],
        uid: int,
        spawn: Callable[[Coroutine[None, None, None]], object],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._answers = answers
        self._limits = limits
        self._uid = uid
        self._spawn = spawn
        self._listener: Listener | None = None
        self._accepting = False
        self._stopping = False
        self._open: set[_Connection] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self.refused_peers = 0

    @property
    def open_connections(self) -> int:
        """Calls read or judged at this moment."""
        return len(self._open)

    def serve(self, listener: Listener) -> None:
        """Start accepting from `listener`, in place of the one before."""
        # Who waits at a socket that was taken away is answered, too.
        while self._accepting and self._accept():
            pass
        self._pause()
        self._listener = listener
        self._resume()

    async def drain(self, seconds: float) -> None:
        """Stop accepting and answer all that is in flight, the backlog too where no service manager keeps it."""
        deadline = self._loop.time() + seconds
        if self._listener is not None and self._listener.lock is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(deadline):
                    await self._empty_backlog()
        await self._end_by(deadline)

    async def finish(self, seconds: float) -> None:
        """Stop accepting and answer all that is in flight; the backlog is left to whoever serves the socket next."""
        await self._end_by(self._loop.time() + seconds)

    async def _end_by(self, deadline: float) -> None:
        self._stop_accepting()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(deadline):
                await self._idle.wait()
        for connection in tuple(self._open):
            self._close(connection)

    async def _empty_backlog(self) -> None:
        while True:
            while self._accepting and self._accept():
                pass
            if self._accepting or self._idle.is_set():
                return
            # Full: the others are accepted as these end.
            await self._idle.wait()

    def _stop_accepting(self) -> None:
        self._stopping = True
        self._pause()

    def _pause(self) -> None:
        if self._accepting and self._listener is not None:
            self._loop.remove_reader(self._listener.socket.fileno())
            self._accepting = False

    def _resume(self) -> None:
        if self._listener is not None and not self._accepting and not self._stopping:
            self._loop.add_reader(self._listener.socket.fileno(), self._accept)
            self._accepting = True

    def _accept(self) -> bool:
        """Serve some of those who wait; False once nobody waits or we are full."""
        if self._listener is None:
            return False
        limits = self._limits()
        for _ in range(ACCEPTS_A_TURN):
            if len(self._open) >= limits.concurrent:
                self._pause()
                return False
            try:
                # The plain C type: `accept` wraps it and looks up enums, for longer than the rest of accepting takes.
                descriptor, _ = self._listener.socket._accept()  # type: ignore[attr-defined]  # noqa: SLF001 - not in typeshed
            except (BlockingIOError, ConnectionAbortedError):
                return False
            except OSError:
                self._pause()
                self._loop.call_later(PAUSE_WITHOUT_DESCRIPTORS, self._resume)
                return False
            self._begin(socket.SocketType(socket.AF_UNIX, socket.SOCK_STREAM, 0, descriptor), limits)
        return True

    def _begin(self, sock: socket.SocketType, limits: ServerLimits) -> None:
        peer = peer_of(sock)
        # Root is heard, too: what it may ask is for whoever answers to say.
        if peer is None or peer.uid not in (self._uid, 0):
            self.refused_peers += 1
            sock.close()
            return
        connection = _Connection(sock, peer)
        self._open.add(connection)
        self._idle.clear()
        if not self._read(connection):
            connection.timer = self._loop.call_later(limits.request_seconds, self._expire, connection)
            self._loop.add_reader(sock.fileno(), self._read, connection)

    def _read(self, connection: _Connection) -> bool:
        """Take what is there; False while there is more to come."""
        cap = self._limits().request_bytes
        for _ in range(CHUNKS_A_TURN):
            try:
                chunk = connection.sock.recv(CHUNK, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return False
            except OSError:
                self._close(connection)
                return True
            if not chunk:
                self._finish(connection, cap)
                return True
            connection.size += len(chunk)
            if connection.size <= cap or not connection.chunks:
                connection.chunks.append(chunk)
            else:
                # The rest is read and dropped, so that the peer gets its answer instead of a reset; the start
                # stays, since the header in it names the client.
                del connection.chunks[1:]
        return False

    def _finish(self, connection: _Connection, cap: int) -> None:
        if not connection.size:
            # Who asked nothing, as whoever only looks if we are there, is told nothing.
            self._close(connection)
            return
        self._stop_waiting(connection)
        request = connection.chunks[0] if len(connection.chunks) == 1 else b"".join(connection.chunks)
        connection.chunks.clear()
        self._answer(connection, request, self._answers.whole if connection.size <= cap else self._answers.too_large)

    async def _reply_later(self, connection: _Connection, answer: Awaitable[bytes]) -> None:
        try:
            self._reply(connection, await answer)
        finally:
            self._close(connection)

    def _expire(self, connection: _Connection) -> None:
        self._stop_waiting(connection)
        self._answer(connection, b"".join(connection.chunks), self._answers.too_slow)

    def _answer(
        self, connection: _Connection, request: bytes, ask: Callable[[bytes, Peer], bytes | Awaitable[bytes]]
    ) -> None:
        try:
            answer = ask(request, connection.peer)
            if isinstance(answer, bytes):
                self._reply(connection, answer)
            else:
                self._spawn(self._reply_later(connection, answer))
        except BaseException:
            self._close(connection)
            raise

    def _reply(self, connection: _Connection, reply: bytes) -> None:
        """A reply that the socket does not take whole is no reply, and the shim denies."""
        if reply and connection in self._open:
            with contextlib.suppress(OSError):
                connection.sock.send(reply, socket.MSG_DONTWAIT)
        self._close(connection)

    def _stop_waiting(self, connection: _Connection) -> None:
        if connection.timer is not None:
            connection.timer.cancel()
            connection.timer = None
            self._loop.remove_reader(connection.sock.fileno())

    def _close(self, connection: _Connection) -> None:
        if connection not in self._open:
            return
        self._stop_waiting(connection)
        self._open.discard(connection)
        connection.sock.close()
        if not self._open:
            self._idle.set()
        self._resume()

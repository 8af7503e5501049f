import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from security_hooks.service import listener
from security_hooks.service.peer import Peer
from security_hooks.service.server import Answers, Server, ServerLimits


@dataclass(frozen=True)
class Caps:
    request_bytes: int
    request_seconds: float
    concurrent: int


LIMITS = Caps(request_bytes=1000, request_seconds=0.2, concurrent=4)


class Running:
    """A server on a private socket that answers with what `whole` makes of a request."""

    def __init__(self, path: Path, limits: ServerLimits = LIMITS, uid: int | None = None) -> None:
        self.whole: Callable[[bytes, Peer], bytes | Awaitable[bytes]] = lambda data, _: b"whole:" + data
        self.tasks: list[asyncio.Task[None]] = []
        self.listener = listener.listen(path, os.getuid())
        self.server = Server(
            Answers(
                lambda data, peer: self.whole(data, peer),
                lambda data, _: b"large:" + data[:4],
                lambda data, _: b"slow:" + data,
            ),
            lambda: limits,
            os.getuid() if uid is None else uid,
            lambda coroutine: self.tasks.append(asyncio.ensure_future(coroutine)),
        )
        self.server.serve(self.listener)

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_unix_connection(str(self.listener.path))

    async def ask(self, *chunks: bytes) -> bytes:
        reader, writer = await self.connect()
        try:
            for chunk in chunks:
                writer.write(chunk)
                await writer.drain()
                await asyncio.sleep(0)
            writer.write_eof()
            return await reader.read()
        except ConnectionResetError:
            return b"reset"
        finally:
            writer.close()


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    made = Running(tmp_path / "hook.sock")
    yield made
    await made.server.drain(0)
    made.listener.close()
    made.listener.release()


async def test_a_request_is_answered_when_it_is_whole(running: Running) -> None:
    assert await running.ask(b"a", b"b", b"c") == b"whole:abc"


async def test_a_request_over_the_cap_is_read_to_its_end_and_answered(running: Running) -> None:
    assert await running.ask(b"head", b"x" * 200_000) == b"large:head"


async def test_a_request_that_never_ends_is_answered_when_its_time_is_up(running: Running) -> None:
    reader, writer = await running.connect()
    writer.write(b"half")
    assert await reader.read() == b"slow:half"
    writer.close()


async def test_silent_peers_delay_nobody(running: Running) -> None:
    silent = [await running.connect() for _ in range(LIMITS.concurrent - 1)]
    assert await running.ask(b"a") == b"whole:a"
    for _, writer in silent:
        writer.close()


async def test_calls_beyond_the_number_served_at_once_wait_and_are_answered(running: Running) -> None:
    answers = await asyncio.gather(*(running.ask(b"%d" % i) for i in range(40)))
    assert answers == [b"whole:%d" % i for i in range(40)]


async def test_a_full_server_answers_again_once_the_silent_peers_time_is_up(running: Running) -> None:
    silent = [await running.connect() for _ in range(LIMITS.concurrent)]
    assert await running.ask(b"a") == b"whole:a"
    for _, writer in silent:
        writer.close()


async def test_an_answer_that_must_wait_delays_nobody(running: Running) -> None:
    released = asyncio.Event()

    async def later() -> bytes:
        await released.wait()
        return b"later"

    running.whole = lambda data, _: later() if data == b"slow" else b"at once"
    waiting = asyncio.ensure_future(running.ask(b"slow"))
    assert await running.ask(b"quick") == b"at once"
    released.set()
    assert await waiting == b"later"


async def test_an_empty_answer_closes_without_a_reply(running: Running) -> None:
    running.whole = lambda *_: b""
    assert await running.ask(b"a") == b""


@pytest.mark.parametrize(("peer", "answer", "refused"), [(1000, b"whole:a", 0), (0, b"whole:a", 0), (1001, b"", 1)])
async def test_a_peer_of_another_uid_is_not_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, peer: int, answer: bytes, refused: int
) -> None:
    """Root's is: what root may ask is for whoever answers to say."""
    monkeypatch.setattr("security_hooks.service.server.peer_of", lambda _: Peer(peer, 7))
    running = Running(tmp_path / "hook.sock", uid=1000)
    assert await running.ask(b"a") in {answer, *({b"reset"} if refused else ())}
    assert running.server.refused_peers == refused
    await running.server.drain(0)
    running.listener.close()
    running.listener.release()


async def test_draining_answers_what_is_in_flight_and_what_waits(running: Running) -> None:
    reader, writer = await running.connect()
    writer.write(b"in flight")
    await asyncio.sleep(0)
    waiting = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    waiting.connect(str(running.listener.path))
    waiting.sendall(b"waits")
    waiting.shutdown(socket.SHUT_WR)
    draining = asyncio.ensure_future(running.server.drain(5))
    await asyncio.sleep(0)
    writer.write_eof()
    await draining
    assert await reader.read() == b"whole:in flight"
    assert waiting.recv(100) == b"whole:waits"
    waiting.close()
    writer.close()


async def test_draining_gives_up_on_a_peer_that_never_ends(running: Running) -> None:
    reader, writer = await running.connect()
    writer.write(b"half")
    await asyncio.sleep(0)
    await running.server.drain(0.01)
    assert await reader.read() == b""
    assert running.server.open_connections == 0
    writer.close()


async def test_a_peer_that_leaves_before_its_answer_is_forgotten(running: Running) -> None:
    for _ in range(3):
        _, writer = await running.connect()
        writer.write(b"half")
        writer.transport.abort()
    assert await running.ask(b"a") == b"whole:a"
    await running.server.drain(5)
    assert running.server.open_connections == 0


async def test_a_defect_in_answering_closes_the_connection(running: Running) -> None:
    def raising(data: bytes, peer: Peer) -> bytes:
        raise RuntimeError("defect")

    raised: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: raised.append(context["exception"]))
    running.whole = raising
    assert await running.ask(b"a") == b""
    running.whole = lambda *_: b"well"
    assert await running.ask(b"a") == b"well"
    assert raised


async def test_a_peer_that_sends_without_end_is_read_a_little_at_a_time(running: Running) -> None:
    flood = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    flood.setblocking(False)
    flood.connect(str(running.listener.path))
    loop = asyncio.get_running_loop()

    async def send() -> None:
        while True:
            await loop.sock_sendall(flood, bytes(1 << 20))

    sending = asyncio.ensure_future(send())
    assert [await running.ask(b"a") for _ in range(20)] == [b"whole:a"] * 20
    with pytest.raises(OSError):
        await sending
    flood.close()


async def test_who_asks_nothing_is_told_nothing(running: Running) -> None:
    asked: list[bytes] = []

    def noting(data: bytes, peer: Peer) -> bytes:
        asked.append(data)
        return b"answer"

    running.whole = noting
    assert await running.ask() == b""
    assert await running.ask(b"a") == b"answer"
    assert asked == [b"a"]


async def test_a_defect_in_refusing_closes_the_connection_too(running: Running) -> None:
    def raising(data: bytes, peer: Peer) -> bytes:
        raise RuntimeError("defect")

    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    running.server._answers = Answers(raising, raising, raising)
    assert await running.ask(b"x" * 2000) == b""
    reader, writer = await running.connect()
    writer.write(b"half")
    assert await reader.read() == b""
    writer.close()
    assert running.server.open_connections == 0


async def test_draining_answers_more_than_are_served_at_once(running: Running) -> None:
    waiting = []
    for i in range(3 * LIMITS.concurrent):
        peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        peer.connect(str(running.listener.path))
        if i >= LIMITS.concurrent:
            peer.sendall(b"%d" % i)
            peer.shutdown(socket.SHUT_WR)
        waiting.append(peer)
    # The first ones fill the server, and say what they want only while it drains.
    draining = asyncio.ensure_future(running.server.drain(5))
    await asyncio.sleep(0)
    for i, peer in enumerate(waiting[: LIMITS.concurrent]):
        peer.sendall(b"%d" % i)
        peer.shutdown(socket.SHUT_WR)
    await draining
    assert [peer.recv(100) for peer in waiting] == [b"whole:%d" % i for i in range(3 * LIMITS.concurrent)]
    for peer in waiting:
        peer.close()


async def test_who_waits_at_the_socket_before_is_answered(running: Running) -> None:
    waiting = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    waiting.connect(str(running.listener.path))
    waiting.sendall(b"waits")
    waiting.shutdown(socket.SHUT_WR)
    old, running.listener = running.listener, listener.rebind(running.listener, os.getuid())
    running.server.serve(running.listener)
    old.socket.close()
    assert waiting.recv(100) == b"whole:waits"
    assert await running.ask(b"a") == b"whole:a"
    waiting.close()


async def test_finishing_answers_what_is_in_flight_and_leaves_the_backlog(running: Running) -> None:
    release = asyncio.Event()

    async def later(data: bytes) -> bytes:
        await release.wait()
        return b"late:" + data

    running.whole = lambda data, _: later(data)
    in_flight = asyncio.ensure_future(running.ask(b"a"))
    while not running.server.open_connections:
        await asyncio.sleep(0)
    finishing = asyncio.ensure_future(running.server.finish(20))
    await asyncio.sleep(0)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as waiting:
        waiting.connect(str(running.listener.path))
        release.set()
        await finishing
        assert await in_flight == b"late:a"
        # Whoever serves the socket next finds it there.
        accepted, _ = running.listener.socket.accept()
        accepted.close()

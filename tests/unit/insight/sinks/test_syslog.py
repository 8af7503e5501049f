"""Streams that break, and datagrams to a socket that comes and goes."""

import asyncio
import re
import socket
from pathlib import Path
from typing import Any

import pytest

from security_hooks.insight.cursor import BEGINNING
from security_hooks.insight.follow import Entry, read_after
from security_hooks.insight.sinks.outbox import DeliveryError
from security_hooks.insight.sinks.syslog import SyslogDatagrams, SyslogStream, syslog_outbox
from security_hooks.model.sink import Sink, SinkKind


def sink(url: str) -> Sink:
    return Sink("s", SinkKind.SYSLOG, url, timeout_seconds=1)


def entries_of(log: Any, count: int) -> tuple[Entry, ...]:
    log.append(count)
    return read_after(log.directory, BEGINNING, 1000).entries[-count:]


def numbers_in(data: bytes) -> list[int]:
    """The record numbers of octet-counted messages; fails where the counts are wrong."""
    found = []
    while data:
        length, _, rest = data.partition(b" ")
        message, data = rest[: int(length)], rest[int(length) :]
        assert message.startswith(b"<")
        number = re.search(rb'sequenceId="(\d+)"', message)
        assert number is not None
        found.append(int(number[1]))
    return found


class Server:
    """Takes all it is sent, until it is told to hang up."""

    def __init__(self) -> None:
        self.got = b""
        self.writers: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        try:
            while data := await reader.read(65_536):
                self.got += data
        except OSError:
            pass
        finally:
            writer.close()

    async def wait_for(self, count: int) -> list[int]:
        async with asyncio.timeout(30):
            while self.got.count(b"sequenceId") < count:
                await asyncio.sleep(0.005)
        return numbers_in(self.got)


async def test_a_stream_counts_octets_and_after_a_break_sends_its_last_again(log: Any) -> None:
    server = Server()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    outbox = SyslogStream(sink(f"tcp://127.0.0.1:{listening.sockets[0].getsockname()[1]}"), "host")
    await outbox.send(entries_of(log, 3))
    assert await server.wait_for(3) == [1, 2, 3]
    await outbox.send(entries_of(log, 2))
    assert await server.wait_for(5) == [1, 2, 3, 4, 5]
    server.writers[0].transport.abort()
    assert outbox._streams is not None
    reader, writer = outbox._streams
    async with asyncio.timeout(30):
        while not (reader.at_eof() or writer.is_closing()):
            await asyncio.sleep(0.005)
    await outbox.send(entries_of(log, 1))
    # 4 and 5 may have been lost with the connection, as far as we know.
    assert await server.wait_for(8) == [1, 2, 3, 4, 5, 4, 5, 6]
    outbox.close()
    listening.close()
    await listening.wait_closed()


async def test_a_peer_that_reads_nothing_is_given_up_in_time(log: Any) -> None:
    blocking = socket.create_server(("127.0.0.1", 0))
    outbox = SyslogStream(sink(f"tcp://127.0.0.1:{blocking.getsockname()[1]}"), "host")
    log.append(400, script="x" * 7000)
    entries = read_after(log.directory, BEGINNING, 400).entries

    async def send_on() -> None:
        while True:
            await outbox.send(entries)

    with pytest.raises(DeliveryError, match="nothing was taken within 1 s"):
        await send_on()
    outbox.close()
    blocking.close()


async def test_a_peer_that_is_not_there_is_an_error(log: Any, tmp_path: Path) -> None:
    for url, message in (("tcp://127.0.0.1:9", "refused|failed"), (f"unix://{tmp_path}/none", "No such file")):
        with pytest.raises(DeliveryError, match=message):
            await syslog_outbox(sink(url)).send(entries_of(log, 1))


async def test_each_datagram_is_a_message(log: Any, tmp_path: Path) -> None:
    path = tmp_path / "log"
    server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    server.bind(str(path))
    outbox = syslog_outbox(sink(f"unix://{path}"))
    assert isinstance(outbox, SyslogDatagrams)
    await outbox.send(entries_of(log, 2))
    assert [b'sequenceId="%d"' % number in server.recv(65_536) for number in (1, 2)] == [True, True]
    server.close()
    with pytest.raises(DeliveryError):
        await outbox.send(entries_of(log, 1))
    path.unlink()
    server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    server.bind(str(path))
    await outbox.send(entries_of(log, 1))
    assert b'sequenceId="4"' in server.recv(65_536)
    server.close()
    outbox.close()

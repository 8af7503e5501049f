"""Connections that are kept, closed by the peer, and of peers that nobody vouches for."""

import asyncio
import ssl
from pathlib import Path
from typing import Any

import pytest

from security_hooks.insight.sinks.connection import Connection, _seconds_of
from security_hooks.insight.sinks.outbox import DeliveryError


async def test_one_connection_serves_many_requests(peer: Any) -> None:
    connection = Connection(peer.url, 5.0)
    for _ in range(3):
        await connection.post({}, b"", 0.0)
    assert len(peer._writers) == 1
    connection.close()


async def test_a_kept_connection_that_the_peer_closed_is_no_failure(peer: Any) -> None:
    connection = Connection(peer.url, 5.0)
    await connection.post({}, b"", 0.0)
    await peer.stop()
    await peer.start()
    assert (await connection.post({}, b"", 0.0)).status == 200
    connection.close()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("", 0.0), ("120", 120.0), ("Sat, 21 Nov 2026 12:00:30 GMT", 30.0), ("-5", 0.0), ("soon", 0.0), ("\u0663", 0.0)],
)
def test_how_long_a_peer_wants_us_to_wait(text: str, seconds: float) -> None:
    assert _seconds_of(text, 1_795_262_400.0) == seconds


async def test_a_peer_is_verified(certificate: tuple[Path, Path]) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
            await reader.read()
        except (OSError, EOFError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    for host, file, message in [
        ("127.0.0.1", "", "its certificate is not accepted: self.signed certificate"),
        ("localhost", str(certificate[0]), "its certificate is not accepted: .*[Hh]ostname"),
        ("127.0.0.1", "/nonexistent", "/nonexistent cannot be used"),
    ]:
        refused = Connection(f"https://{host}:{port}/", 5.0, file)
        with pytest.raises(DeliveryError, match=message):
            await refused.post({}, b"", 0.0)
        refused.close()
    trusted = Connection(f"https://127.0.0.1:{port}/", 5.0, str(certificate[0]))
    assert (await trusted.post({}, b"", 0.0)).status == 204
    trusted.close()
    server.close()
    await server.wait_closed()

"""Records to a syslog server: RFC 5424 over a Unix datagram socket, over TCP with octet counting, or over TLS.

Syslog has no acknowledgement: a peer that dies may have taken what it never wrote down. So what was sent last before
a connection broke is sent again on the next.
"""

import asyncio
import contextlib
import socket
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from security_hooks.insight.follow import Entry
from security_hooks.insight.sinks.connection import failed, trusting
from security_hooks.insight.sinks.outbox import DeliveryError
from security_hooks.insight.sinks.syslog_message import message_of
from security_hooks.model.sink import Sink


class SyslogStream:
    """One sink of kind `syslog` over TCP or TLS."""

    def __init__(self, sink: Sink, host: str) -> None:
        self._sink = sink
        self._name = host
        parts = urlsplit(sink.url)
        self._host, self._port = parts.hostname, parts.port
        self._is_tls = parts.scheme == "tls"
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._last = b""
        self._is_doubtful = False

    async def send(self, entries: Sequence[Entry]) -> int:
        """Return when the system has taken all of it and the peer has not hung up."""
        messages = (message_of(entry, self._sink.facility, self._name, self._sink.message_bytes) for entry in entries)
        data = b"".join(b"%d %b" % (len(message), message) for message in messages)
        try:
            async with asyncio.timeout(self._sink.timeout_seconds):
                reader, writer = await self._connected()
                if self._is_doubtful:
                    writer.write(self._last)
                writer.write(data)
                await writer.drain()
        except TimeoutError:
            self._drop()
            raise DeliveryError(f"nothing was taken within {self._sink.timeout_seconds} s") from None
        except asyncio.CancelledError:
            self._drop()
            raise
        except OSError as error:
            self._drop()
            raise failed(error) from error
        if reader.at_eof():
            self._drop()
            raise DeliveryError("the peer hung up")
        self._last, self._is_doubtful = data, False
        return 0

    def close(self) -> None:
        """Let go of the peer, after what the system still holds for it."""
        if self._streams is not None:
            self._streams[1].close()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        # The loop has two turns to hear that the peer hung up: what is written after that is lost without a word.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        if self._streams is not None and (self._streams[0].at_eof() or self._streams[1].is_closing()):
            self._drop()
        if self._streams is None:
            context = trusting(self._sink.ca_file) if self._is_tls else None
            self._streams = await asyncio.open_connection(self._host, self._port, ssl=context)
            # Draining then waits until the system has all of it.
            self._streams[1].transport.set_write_buffer_limits(0)
        return self._streams

    def _drop(self) -> None:
        if self._streams is not None:
            self._streams[1].transport.abort()
        self._streams = None
        self._is_doubtful = bool(self._last)


class SyslogDatagrams:
    """One sink of kind `syslog` over a Unix socket, such as `/dev/log`: each message a datagram."""

    def __init__(self, sink: Sink, host: str) -> None:
        self._sink = sink
        self._name = host
        self._path = unquote(urlsplit(sink.url).path)
        self._socket: socket.socket | None = None

    async def send(self, entries: Sequence[Entry]) -> int:
        """Return when each message stands in the peer's queue."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._sink.timeout_seconds):
                if self._socket is None:
                    self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                    self._socket.setblocking(False)
                    await loop.sock_connect(self._socket, self._path)
                for entry in entries:
                    message = message_of(entry, self._sink.facility, self._name, self._sink.message_bytes)
                    await loop.sock_sendall(self._socket, message)
        except TimeoutError:
            self.close()
            raise DeliveryError(f"nothing was taken within {self._sink.timeout_seconds} s") from None
        except OSError as error:
            self.close()
            raise failed(error) from error
        return 0

    def close(self) -> None:
        """Let go of the peer."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
        self._socket = None


def syslog_outbox(sink: Sink) -> SyslogStream | SyslogDatagrams:
    """The sink that the URL asks for."""
    host = socket.gethostname()
    return SyslogDatagrams(sink, host) if sink.url.startswith("unix:") else SyslogStream(sink, host)

"""Peers for three sinks, on ports of their own: one that takes batches over HTTP, a collector, a syslog server.

Prints one JSON object, the URL of each, and takes all that comes until stdin closes. They stand for machines elsewhere,
so they do as little as they can, where nobody else wants the processor.
"""

import asyncio
import contextlib
import json
import os
import sys

# To a collector's client an empty message says that all was taken.
_TAKEN = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
_LARGEST = 1 << 23


async def main() -> None:
    """Serve until stdin closes."""
    if sys.platform == "linux":
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    web = await asyncio.start_server(_take_posts, "127.0.0.1", 0, limit=_LARGEST)
    syslog = await asyncio.start_server(_take_all, "127.0.0.1", 0)
    web_port, syslog_port = (server.sockets[0].getsockname()[1] for server in (web, syslog))
    url = f"http://127.0.0.1:{web_port}"
    print(json.dumps({"http": url, "otlp": f"{url}/v1/logs", "syslog": f"tcp://127.0.0.1:{syslog_port}"}), flush=True)
    await asyncio.to_thread(sys.stdin.read)


async def _take_posts(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            await reader.readexactly(int(lengths[0].partition(b":")[2]))
            writer.write(_TAKEN)
    except (asyncio.IncompleteReadError, ConnectionResetError):
        writer.close()


async def _take_all(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionResetError):
        while await reader.read(1 << 16):
            pass
    writer.close()


if __name__ == "__main__":
    asyncio.run(main())

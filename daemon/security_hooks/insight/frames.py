"""The end of a process of ours at the daemon's socket: messages whole, or none any more."""

import asyncio

from security_hooks.model.message import HEADER


async def next_frame(reader: asyncio.StreamReader) -> bytes | None:
    """The body of the next message; None once the daemon is gone."""
    try:
        return await reader.readexactly(int.from_bytes(await reader.readexactly(HEADER), "big"))
    except (EOFError, OSError):
        return None

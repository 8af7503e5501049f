"""The process that reads transcripts beside the daemon: hears what to follow, answers with what there is.

Started by `worker_main` in the role `transcripts`, with the first session that has one. Nothing waits for it; it may be
killed at any time, and a defect in it is its end, not the daemon's.
"""

import asyncio
import contextlib
import socket

import msgspec

from security_hooks.insight.frames import next_frame
from security_hooks.model.message import framed
from security_hooks.service.transcript_follower import Follower
from security_hooks.service.transcript_messages import Follow, Leave, Listen, Message, Seen

_DECODER: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Message)


def run(daemon: socket.socket) -> int:
    """Serve until the daemon closes its end."""
    asyncio.run(_serve(daemon))
    return 0


async def _serve(daemon: socket.socket) -> None:
    reader, writer = await asyncio.open_unix_connection(sock=daemon)
    follower = Follower()
    waiting: asyncio.Queue[Listen] = asyncio.Queue()
    tasks = [
        asyncio.ensure_future(work)
        for work in (_hear(reader, writer, follower, waiting), follower.run(), _tell(writer, follower, waiting))
    ]
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    writer.close()
    for ended in done:
        ended.result()


async def _hear(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, follower: Follower, waiting: "asyncio.Queue[Listen]"
) -> None:
    """Take message after message, until there are no more."""
    while (body := await next_frame(reader)) is not None:
        message = _DECODER.decode(body)
        match message:
            case Follow(_, transcripts):
                for followed in transcripts:
                    follower.follow(followed)
            case Leave(_, sessions):
                for session in sessions:
                    follower.leave(*session)
            case Listen():
                waiting.put_nowait(message)
                continue
        _send(writer, Seen(message.number))


async def _tell(writer: asyncio.StreamWriter, follower: Follower, waiting: "asyncio.Queue[Listen]") -> None:
    """Answer each listener in turn."""
    while True:
        listener = await waiting.get()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(follower.news.wait(), listener.seconds)
        _send(writer, Seen(listener.number, *follower.told()))
        await writer.drain()


def _send(writer: asyncio.StreamWriter, seen: Seen) -> None:
    writer.write(framed(msgspec.msgpack.encode(seen)))

"""The worker process: builds policies for the daemon, one request after the other, until the daemon is gone.

Started with an inherited socket and the daemon's process id as its only arguments. It can be killed at any time.
"""

import ctypes
import os
import signal
import socket
import sys

import msgspec

from security_hooks.catalogue.load import shipped
from security_hooks.service.builder import Builder
from security_hooks.service.building import HEADER, BuildRequest

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> int:
    """Serve the socket given by number until its other end closes."""
    descriptor, parent = map(int, arguments)
    _die_with(parent)
    # A Ctrl-C is for the daemon, which then closes the socket.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with socket.socket(fileno=descriptor) as daemon:
        builder = Builder(shipped())
        while (body := _receive(daemon)) is not None:
            answer = builder.answer(msgspec.msgpack.decode(body, type=BuildRequest))
            encoded = msgspec.msgpack.encode(answer)
            daemon.sendall(len(encoded).to_bytes(HEADER, "big") + encoded)
            builder.save()
    return 0


def _receive(daemon: socket.socket) -> bytes | None:
    header = _exactly(daemon, HEADER)
    return None if header is None else _exactly(daemon, int.from_bytes(header, "big"))


def _exactly(daemon: socket.socket, size: int) -> bytes | None:
    data = bytearray()
    while len(data) < size:
        piece = daemon.recv(size - len(data))
        if not piece:
            return None
        data += piece
    return bytes(data)


def _die_with(parent: int) -> None:
    """Stopped or stuck, a worker must not outlive its daemon; elsewhere than on Linux it ends when it next reads."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

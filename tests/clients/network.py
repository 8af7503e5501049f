"""Where the suite stands in the network: alone with a loopback of its own, or behind proxies that lead nowhere."""

import fcntl
import socket
import struct
from pathlib import Path

_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x1


def only_loopback() -> bool:
    """Whether this process has no network but loopback, which is then up."""
    if [name for _, name in socket.if_nameindex()] != ["lo"] or _routes():
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sH14s", b"lo", 0, b"")
        flags = struct.unpack("16sH14s", fcntl.ioctl(control, _GET_FLAGS, request))[1]
        if not flags & _UP:
            fcntl.ioctl(control, _SET_FLAGS, struct.pack("16sH14s", b"lo", flags | _UP, b""))
    return True


def _routes() -> list[str]:
    return Path("/proc/net/route").read_text().splitlines()[1:]

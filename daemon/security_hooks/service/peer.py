"""Who is at the other end of a connection."""

import socket
import struct
import sys

import msgspec

_CREDENTIALS = struct.Struct("iII")


class Peer(msgspec.Struct, frozen=True, gc=False):
    """The process that connected; `pid` is 0 where the system does not tell."""

    uid: int
    pid: int


def peer_of(connection: socket.SocketType) -> Peer | None:
    """The credentials that the kernel recorded at `connect`; None where it does not tell."""
    try:
        if sys.platform == "darwin":
            # LOCAL_PEERCRED (0x001) at SOL_LOCAL (0): struct xucred begins with a version and the uid.
            _, uid = struct.unpack_from("II", connection.getsockopt(0, 0x001, 76))
            return Peer(uid, 0)
        pid, uid, _ = _CREDENTIALS.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    except OSError:
        return None
    return Peer(uid, pid)

"""Who is at the other end of a connection."""

import os
import socket
import struct
import sys
from functools import lru_cache

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


def sees_our_files(peer: Peer) -> bool:
    """Whether a path leads the peer where it leads us: same mount namespace, same root. False where nobody can tell."""
    return sys.platform != "linux" or _view(str(peer.pid)) == _our_view()


_View = tuple[tuple[int, int], tuple[int, int]]


@lru_cache(maxsize=1)
def _our_view() -> "_View | str":
    # Ours never changes. Without /proc, no peer's view is the same.
    return _view("self") or "unknown"


def _view(process: str) -> _View | None:
    """The mount namespace and the root of a process; None where it is gone or not ours to look at."""
    try:
        root = os.stat(f"/proc/{process}/root")  # noqa: PTH116 - on the path of every call
        mounts = os.stat(f"/proc/{process}/ns/mnt")  # noqa: PTH116
    except OSError:
        return None
    return (mounts.st_dev, mounts.st_ino), (root.st_dev, root.st_ino)

"""Which mounts may keep whoever looks at them waiting: network and FUSE file systems.

Read once from `/proc/self/mountinfo` and again when the kernel says that it changed; no call reads it. Elsewhere than
on Linux the places where such mounts are made stand in for them.
"""

import asyncio
import os
import re
import select
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from security_hooks.service.world import is_elsewhere

_TABLE = Path("/proc/self/mountinfo")
_TYPES = frozenset(
    {
        "9p",
        "afs",
        "autofs",
        "beegfs",
        "ceph",
        "cifs",
        "coda",
        "gfs2",
        "glusterfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "ocfs2",
        "orangefs",
        "smb3",
        "smbfs",
        "virtiofs",
    }
)
_ELSEWHERE = frozenset({"/Network", "/Volumes", "/net"})
_ESCAPE = re.compile(r"\\([0-7]{3})")


def slow_mounts(table: str) -> frozenset[str]:
    """The mount points of slow file systems in a mountinfo(5) table. Never `/`: where that hangs, so do we."""
    found = set()
    for line in table.splitlines():
        fields = line.split(" ")
        kind = fields[fields.index("-", 6) + 1] if "-" in fields[6:-1] else ""
        if kind in _TYPES or kind.startswith("fuse"):
            found.add(_ESCAPE.sub(lambda escape: chr(int(escape[1], 8)), fields[4]))
    return frozenset(found - {"/"})


def read_slow_mounts() -> frozenset[str]:
    """The slow mounts of this moment."""
    if sys.platform != "linux":
        return _ELSEWHERE
    try:
        return slow_mounts(os.fsdecode(_TABLE.read_bytes()))
    except OSError:
        # Without /proc nothing is known of any mount.
        return frozenset()


class Mounts:
    """The slow mounts, kept up to date by the loop. `slow` is another object whenever the table changed."""

    def __init__(self, read: Callable[[], frozenset[str]] = read_slow_mounts) -> None:
        self._read = read
        self.slow = read()

    def is_slow(self, path: str) -> bool:
        """Whether the way to this path leads over one of these, or further than the loop may look."""
        return bool(self.slow) and is_elsewhere(path, self.slow)

    async def watch(self) -> None:
        """Keep `slow` up to date; runs until cancelled, and does nothing where the system tells of no changes."""
        table = _open_table()
        if table is None:
            return
        loop = asyncio.get_running_loop()
        # The table always counts as readable; that it changed is told as "priority", which loops do not wait for.
        with table, select.epoll() as changes:
            changes.register(table.fileno(), select.EPOLLPRI)

            def look() -> None:
                changes.poll(0)
                self.slow = self._read()

            loop.add_reader(changes.fileno(), look)
            try:
                # uvloop registers at its next turn, and registering asks for changes as a look does: what changed
                # before that is told to nobody.
                await asyncio.sleep(0)
                look()
                await asyncio.Event().wait()
            finally:
                loop.remove_reader(changes.fileno())


def _open_table() -> BinaryIO | None:
    try:
        return _TABLE.open("rb") if sys.platform == "linux" else None
    except OSError:
        return None

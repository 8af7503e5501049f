"""Which mounts are slow, and that a change of mounts is noticed."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from security_hooks.service.mounts import Mounts, read_slow_mounts, slow_mounts

TABLE = """\
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
28 27 0:25 / /mnt/share rw,nosuid shared:5 master:1 - nfs4 server:/export rw
29 27 0:26 / /mnt/with\\040blank rw,relatime - cifs //server/share rw
30 27 0:27 / /run/user/1000/gvfs rw,nosuid - fuse.gvfsd-fuse gvfsd-fuse rw
31 27 0:28 / /media/stick rw,relatime - fuseblk /dev/sdb1 rw
32 27 0:29 / /tmp rw,nosuid - tmpfs tmpfs rw
33 27 0:30 / /home rw - autofs systemd-1 rw
"""


def test_network_and_fuse_mounts_are_slow() -> None:
    assert slow_mounts(TABLE) == {
        "/mnt/share",
        "/mnt/with blank",
        "/run/user/1000/gvfs",
        "/media/stick",
        "/home",
    }


def test_the_root_is_never_slow() -> None:
    assert slow_mounts("27 1 0:5 / / rw - nfs server:/ rw\n") == frozenset()


@pytest.mark.parametrize("table", ["", "\n", "nonsense", "1 2 3 4 5 6 7", "1 2 3 4 5 6 -", "a b c d e f - "])
def test_a_table_that_is_none_names_no_mount(table: str) -> None:
    assert slow_mounts(table) == frozenset()


def test_the_mounts_of_this_machine_can_be_read() -> None:
    assert "/" not in read_slow_mounts()


WATCHING = """
import asyncio, subprocess, sys
from security_hooks.service.mounts import Mounts

async def main():
    reads = []
    mounts = Mounts(lambda: reads.append(1) or frozenset())
    watching = asyncio.ensure_future(mounts.watch())
    # One when it is made, one when the watch has begun.
    while len(reads) < 2:
        await asyncio.sleep(0)
    before = len(reads)
    process = await asyncio.create_subprocess_exec("mount", "-t", "tmpfs", "none", sys.argv[1])
    assert await process.wait() == 0
    async with asyncio.timeout(20):
        while len(reads) == before:
            await asyncio.sleep(0.01)
    after = len(reads)
    # The news is told once, and then it is quiet.
    await asyncio.sleep(0.05)
    assert len(reads) - after < 3, reads
    watching.cancel()
    print("noticed")

if sys.argv[2] == "uvloop":
    import uvloop
    uvloop.run(main())
else:
    asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs mount namespaces")
@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_a_new_mount_is_noticed(tmp_path: Path, loop: str) -> None:
    namespace = ["unshare", "--user", "--map-root-user", "--mount"]
    if subprocess.run([*namespace, "true"], check=False, capture_output=True).returncode:
        pytest.skip("no namespaces here")
    command = [*namespace, sys.executable, "-c", WATCHING, str(tmp_path), loop]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "noticed\n", done.stderr


async def test_the_watch_ends_when_it_is_told_to() -> None:
    watching = asyncio.ensure_future(Mounts().watch())
    await asyncio.sleep(0)
    watching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watching


def test_the_way_to_a_path_may_be_slow() -> None:
    mounts = Mounts(lambda: frozenset({"/tmp"}))
    assert mounts.is_slow("/tmp/none")
    assert not mounts.is_slow("/usr")
    assert not Mounts(frozenset).is_slow("/tmp/none")

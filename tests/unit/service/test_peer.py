import os
import shutil
import socket
import subprocess
import sys

import pytest

from security_hooks.service.peer import Peer, peer_of, sees_our_files


def test_the_peer_is_the_process_that_connected() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    with ours, theirs:
        assert peer_of(ours) == Peer(os.getuid(), os.getpid())


def test_a_socket_without_credentials_has_no_peer() -> None:
    closed = socket.socket(socket.AF_UNIX)
    closed.close()
    assert peer_of(closed) is None


@pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's")
def test_a_child_sees_the_files_that_we_see() -> None:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as child:
        assert sees_our_files(Peer(os.getuid(), child.pid))


@pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's")
@pytest.mark.parametrize("pid", [0, 1 << 30], ids=["in a process namespace beside ours", "gone"])
def test_of_a_peer_that_cannot_be_looked_at_nothing_is_known(pid: int) -> None:
    assert not sees_our_files(Peer(os.getuid(), pid))


APART = {
    "mounts": (["unshare", "-m"], ""),
    "root": ([], "import os; os.chroot('/dev'); "),
}


@pytest.mark.parametrize("how", APART)
def test_a_peer_with_other_mounts_or_another_root_sees_other_files(how: str) -> None:
    before, code = APART[how]
    words = [*before, sys.executable, "-c", code + "import sys; print('there', flush=True); sys.stdin.read()"]
    if before and shutil.which(before[0]) is None:
        pytest.skip("there is no `unshare`")
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.stdout is not None
        if not child.stdout.readline():
            pytest.skip("this user may change neither mounts nor root")
        assert not sees_our_files(Peer(os.getuid(), child.pid))

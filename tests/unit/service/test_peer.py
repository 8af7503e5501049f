import os
import socket

from security_hooks.service.peer import Peer, peer_of


def test_the_peer_is_the_process_that_connected() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    with ours, theirs:
        assert peer_of(ours) == Peer(os.getuid(), os.getpid())


def test_a_socket_without_credentials_has_no_peer() -> None:
    closed = socket.socket(socket.AF_UNIX)
    closed.close()
    assert peer_of(closed) is None

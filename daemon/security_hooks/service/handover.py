"""Restarting in place: the daemon becomes the program that is installed now, and keeps its socket.

The process stays, and with it the listening socket and its lock; whoever connects meanwhile waits in the backlog, so
that no call is lost. Handed on are descriptors 3 and 4, in the way of `sd_listen_fds(3)`.
"""

import fcntl
import os
import re
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from security_hooks.service.listener import Listener

_NAMES = re.compile(r"security-hooks-([0-9]+)-([0-9]+):security-hooks-lock")
FIRST = 3
# Where neither of the two can be in the way of the other.
_ASIDE = 16


@dataclass(frozen=True, slots=True)
class Kept:
    """What an earlier image of this process has left to us: its own socket, and the lock that goes with it.

    `identity` is what stood at the socket's path when we made it.
    """

    socket: socket.socket
    identity: tuple[int, int]
    lock: int


def kept_socket(environment: Mapping[str, str], pid: int) -> Kept | None:
    """The socket that we served before we were restarted; None where it came from a manager, or there was none."""
    named = _NAMES.fullmatch(environment.get("LISTEN_FDNAMES", ""))
    if environment.get("LISTEN_PID") != str(pid) or named is None:
        return None
    for descriptor in (FIRST, FIRST + 1):
        os.set_inheritable(descriptor, False)
    return Kept(socket.socket(fileno=FIRST), (int(named[1]), int(named[2])), FIRST + 1)


def next_environment(environment: Mapping[str, str], pid: int, listener: Listener) -> dict[str, str]:
    """What the image that follows must know."""
    told = dict(environment) | {"LISTEN_PID": str(pid), "LISTEN_FDS": "1"}
    if listener.lock is not None:
        device, inode = listener.identity
        told |= {"LISTEN_FDS": "2", "LISTEN_FDNAMES": f"security-hooks-{device}-{inode}:security-hooks-lock"}
    return told


def become_next(listener: Listener, environment: Mapping[str, str], words: Sequence[str]) -> NoReturn:
    """Replace this process image. `words` follow the interpreter, as in `sys.orig_argv`. Raises OSError."""
    kept = [listener.socket.fileno(), *(() if listener.lock is None else (listener.lock,))]
    aside = [fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _ASIDE) for descriptor in kept]
    for number, descriptor in enumerate(aside, FIRST):
        os.dup2(descriptor, number)
    # A second request to restart, before we listen to it again, must not end us.
    signal.signal(signal.SIGUSR2, signal.SIG_IGN)
    told = next_environment(environment, os.getpid(), listener)
    os.execve(sys.executable, [sys.executable, *words[1:]], told)  # noqa: S606 - our own program, no shell

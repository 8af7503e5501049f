"""A worker process: answers the daemon's messages, one after the other, until the daemon is gone.

Started with its role, an inherited socket and the daemon's process id as its only arguments: `build` builds policies,
`judge` judges calls that must not hold the loop, `insight` reads the log, `transcripts` what clients write down, both
unasked. It can be killed at any time.
"""

import contextlib
import ctypes
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from security_hooks.model.message import HEADER, framed

_PR_SET_PDEATHSIG = 1
_MOST_MEMORY = 2 << 30
# The loop comes first where cores are few.
_PATIENT = 5
# Nobody waits for what is made of the log.
_MOST_PATIENT = 10
_READING_MEMORY = 1 << 30

# Yields the answer to one message; what is left to do once it is sent is done when it is asked for another.
Answering = Callable[[bytes], Iterator[bytes]]


def main(arguments: list[str]) -> int:
    """Serve the socket given by number until its other end closes."""
    role, (descriptor, parent) = arguments[0], map(int, arguments[1:])
    _die_with(parent)
    # A Ctrl-C is for the daemon, which then closes the socket.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with socket.socket(fileno=descriptor) as daemon:
        if role == "insight":
            _reading(daemon)
            # A thread may wait for a name server for a while yet; nobody needs what it would say.
            os._exit(0)
        if role == "transcripts":
            return _following(daemon)
        answering = _judging() if role == "judge" else _building()
        while (body := _receive(daemon)) is not None:
            for answer in answering(body):
                daemon.sendall(framed(answer))
    return 0


def _building() -> Answering:
    # Each role loads only what is its own: the parser of rules alone is a quarter of a process.
    from security_hooks.catalogue.load import shipped
    from security_hooks.service.builder import answering

    return answering(shipped())


def _reading(daemon: socket.socket) -> None:
    from security_hooks.insight.main import run

    _bound(_MOST_PATIENT, _READING_MEMORY)
    _stand_back(_MOST_PATIENT)
    run(daemon)


def _following(daemon: socket.socket) -> int:
    from security_hooks.service.transcript_main import run

    _bound(_PATIENT, _READING_MEMORY)
    return run(daemon)


def _judging() -> Answering:
    from security_hooks.catalogue.load import shipped
    from security_hooks.service.isolated_judge import answering

    _bound(_PATIENT, _MOST_MEMORY)
    # Loaded before it is needed: a policy that comes with the first call must not wait for it.
    shipped()
    return answering()


def _bound(patience: int, memory: int) -> None:
    """Let others go first, and take no more memory than this: what does is a defect of ours."""
    os.nice(patience)
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


def _stand_back(patience: int) -> None:
    """Let others go first where niceness alone does not: it weighs processes within one session, and we have our own.

    What Linux does not grant us is left as it is.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            # Waking up, such a process takes no processor from who is at work.
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
        with contextlib.suppress(OSError):
            # sched(7), "The autogroup feature".
            Path("/proc/self/autogroup").write_text(str(patience))


def _receive(daemon: socket.socket) -> bytes | None:
    header = _exactly(daemon, HEADER)
    return None if header is None else _exactly(daemon, int.from_bytes(header, "big"))


def _exactly(daemon: socket.socket, size: int) -> bytes | None:
    data = bytearray(size)
    view = memoryview(data)
    at = 0
    while at < size:
        got = daemon.recv_into(view[at:])
        if not got:
            return None
        at += got
    return bytes(data)


def _die_with(parent: int) -> None:
    """Stopped or stuck, a worker must not outlive its daemon; elsewhere than on Linux it ends when it next reads."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Readiness, status and signs of life for systemd (`sd_notify(3)`): datagrams to the socket that the manager names."""

import os
import socket
from collections.abc import Mapping

SECONDS = 0.5


def notify(environment: Mapping[str, str], *assignments: str) -> bool:
    """Send `READY=1`, `STATUS=...` and the like; False where there is no manager to tell or it does not listen."""
    # A manager that does not read must not hold the loop.
    return _send(environment, "\n".join(assignments), SECONDS)


def ping(environment: Mapping[str, str]) -> bool:
    """Tell the watchdog that we live. Never waits: where the manager does not read, the next one comes soon."""
    return _send(environment, "WATCHDOG=1", 0)


def watchdog_seconds(environment: Mapping[str, str], pid: int) -> float | None:
    """After how long a silence the manager takes us for dead (`sd_watchdog_enabled(3)`); None where it does not."""
    period = environment.get("WATCHDOG_USEC", "")
    if environment.get("WATCHDOG_PID", str(pid)) != str(pid) or not period.isdecimal() or not int(period):
        return None
    return int(period) / 1_000_000


def _send(environment: Mapping[str, str], text: str, seconds: float) -> bool:
    address = environment.get("NOTIFY_SOCKET", "")
    if address[:1] not in {"/", "@"}:
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            sender.settimeout(seconds)
            sender.connect(address)
            sender.sendall(text.encode())
    except OSError:
        return False
    return True


def inherited_sockets(environment: Mapping[str, str], pid: int) -> tuple[socket.socket, ...]:
    """The listening sockets that the manager passes (`sd_listen_fds(3)`), from descriptor 3 on."""
    if environment.get("LISTEN_PID") != str(pid):
        return ()
    count = environment.get("LISTEN_FDS", "0")
    sockets = []
    for descriptor in range(3, 3 + (int(count) if count.isdecimal() else 0)):
        os.set_inheritable(descriptor, False)
        sockets.append(socket.socket(fileno=descriptor))
    return tuple(sockets)

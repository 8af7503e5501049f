"""Telling a running daemon to end or to restart: it is known by what it says of itself on its socket."""

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from security_hooks.model.failure import StartupError
from security_hooks.model.record import Json


def tell(report: Mapping[str, Json], number: signal.Signals) -> None:
    """Send the daemon behind a status report a signal; raises StartupError where that is not safe or not possible."""
    pid = report.get("pid")
    if not isinstance(pid, int) or pid <= 1 or "since" not in report or not _is_daemon(pid):
        raise StartupError(f"the daemon says it is process {pid}, which it is not from here; restart it where it runs")
    try:
        os.kill(pid, number)
    except OSError as error:
        raise StartupError(f"the daemon, process {pid}, cannot be sent a signal: {error.strerror}") from error


def _is_daemon(pid: int) -> bool:
    """Whether this number means the same process here as to the daemon: it need not, in a container."""
    if sys.platform != "linux":
        return True
    try:
        return b"serve" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False

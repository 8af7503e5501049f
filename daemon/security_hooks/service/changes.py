"""The system's news of changes in directories, as callbacks on the loop: inotify on Linux, `watchfiles` elsewhere.

On Linux not `watchfiles`, because it cannot be told what not to report: it asks for every opening of a file, and so
wakes a thread whenever any program on the machine starts (each opens `/etc/ld.so.cache`, and `/etc` must be watched for
a `/etc/security-hooks` made later). That cost a fifth of the time of a call, and it polls.
"""

import asyncio
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

_STEP_MS = 10
_POLL_MS = 50

Report = Callable[[frozenset[str] | None], None]


@dataclass(frozen=True, slots=True)
class Directories:
    """What to watch. In `holding`, a subset, the contents of files matter; in the others names that come and go."""

    all: frozenset[str]
    holding: frozenset[str]


class Changes(Protocol):
    """Reports the paths of changes, or None where it lost count, until closed."""

    def close(self) -> None:
        """Report nothing any more."""


OpenChanges = Callable[[Directories, Report], Changes]


def open_changes(directories: Directories, report: Report) -> Changes:
    """Watch from now on; call it on the loop, which is where `report` is called. Raises OSError, FileNotFoundError
    where a directory is gone.
    """
    if sys.platform == "linux":
        from security_hooks.service.inotify import InotifyChanges

        return InotifyChanges(directories, report)
    return WatchfilesChanges(directories, report)


class WatchfilesChanges:
    """Changes by `watchfiles`, from a thread of its own."""

    def __init__(self, directories: Directories, report: Report) -> None:
        # The wrapper around it takes its settings from the environment; this does not.
        from watchfiles._rust_notify import RustNotify

        self._loop = asyncio.get_running_loop()
        self._report = report
        self._stop = threading.Event()
        self._notifier = RustNotify(sorted(directories.all), False, False, _POLL_MS, False, True)
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Report nothing any more."""
        self._stop.set()
        self._thread.join()
        self._notifier.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            changes = self._notifier.watch(_STEP_MS, _STEP_MS, 0, self._stop)
            if isinstance(changes, set) and not self._stop.is_set():
                self._loop.call_soon_threadsafe(self._report, frozenset(path for _, path in changes))

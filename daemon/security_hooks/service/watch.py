"""Tells when a file changes that policy is made of: whatever way it is saved, linked, moved in or made later.

Directories are watched, not files, because files are replaced by renaming others over them. Each link on the way
to a source is followed by watching the directory that holds it, and each ancestor is watched for being renamed
or for what is made below it later. The kernel's events come through `watchfiles`; what it reports is only a sign
that something may have changed, never what.
"""

import asyncio
import os
import stat
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

QUIET = 0.020
LONGEST = 0.300
_STEP_MS = 10
_QUIET_STEP_MS = 5
_POLL_MS = 50
_LINKS = 40
_TREE = 256
_TRIES = 10


@dataclass(frozen=True, slots=True)
class Watched:
    """Directories to watch, and the names below them that matter: some, every rule file of some directories, or
    everything in some directories.
    """

    directories: frozenset[str]
    names: frozenset[str]
    rules: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()

    def concerns(self, path: str) -> bool:
        """Whether an event on this path may change the sources."""
        if path in self.names:
            return True
        directory = path.rpartition("/")[0]
        return directory in self.whole or (path.endswith(".rules") and directory in self.rules)


class _Notifier(Protocol):
    def watch(
        self, debounce_ms: int, step_ms: int, timeout_ms: int, stop_event: threading.Event | None
    ) -> set[tuple[int, str]] | str: ...

    def close(self) -> None: ...


def watched(files: Iterable[str], rule_directories: Iterable[str], trees: Iterable[str]) -> Watched:
    """What to watch for these files, the rule files in these directories and all of these trees, as the disk is now."""
    directories: set[str] = set()
    names: set[str] = set()
    rules: set[str] = set()
    whole: set[str] = set()
    for file in files:
        _trace(file, directories, names)
    for directory in rule_directories:
        real = _trace(directory, directories, names)
        for entry in _entries(real):
            if entry.name.endswith(".rules") and entry.is_symlink():
                _trace(entry.path, directories, names)
        rules |= {real} if real is not None else set()
    pending = list(trees)
    while pending and len(whole) < _TREE:
        real = _trace(pending.pop(), directories, names)
        if real is None or real in whole:
            continue
        whole.add(real)
        pending += [entry.path for entry in _entries(real) if entry.is_symlink() or entry.is_dir()]
    return Watched(frozenset(directories | rules | whole), frozenset(names), frozenset(rules), frozenset(whole))


def _entries(directory: str | None) -> list[os.DirEntry[str]]:
    if directory is None:
        return []
    try:
        with os.scandir(directory) as entries:
            return list(entries)
    except OSError:
        return []


def _trace(path: str, directories: set[str], names: set[str]) -> str | None:
    """Walk a path link by link, noting every directory passed and every name looked up; its real path if it exists."""
    rest = [part for part in path.split("/") if part not in ("", ".")][::-1]
    here = ""
    links = 0
    while rest:
        part = rest.pop()
        if part == "..":
            here = here.rpartition("/")[0]
            continue
        if here:
            directories.add(here)
        found = f"{here}/{part}"
        names.add(found)
        try:
            target = str(Path(found).readlink()) if stat.S_ISLNK(os.lstat(found).st_mode) else None
        except OSError:
            return None
        if target is None:
            here = found
            continue
        links += 1
        if links > _LINKS:
            return None
        rest += [part for part in target.split("/") if part not in ("", ".")][::-1]
        here = "" if target.startswith("/") else here
    return here or "/"


class Watcher:
    """Waits for changes of what `look` says is to be watched; `look` is asked again at each arming."""

    def __init__(self, look: Callable[[], Watched]) -> None:
        self._look = look
        self._watched = Watched(frozenset(), frozenset())
        self._notifier: _Notifier | None = None
        self._wake = threading.Event()

    async def arm(self) -> None:
        """Watch what is to be watched now. What changes after this returns is seen by the next `wait`."""
        await asyncio.to_thread(self._arm)

    async def wait(self, longest: float | None = None) -> None:
        """Return after a change that was followed by a moment of quiet, after `wake`, or when time is up."""
        notifier = self._notifier
        if notifier is None:
            raise RuntimeError("not armed")
        until = None if longest is None else time.monotonic() + longest
        try:
            await asyncio.to_thread(self._wait, notifier, until)
        finally:
            # The thread of a wait that was cancelled must not outlive it.
            self._wake.set()
        self._wake.clear()

    def wake(self) -> None:
        """End the wait that is going on, or the next."""
        self._wake.set()

    def close(self) -> None:
        """Stop watching."""
        self._wake.set()
        if self._notifier is not None:
            self._notifier.close()
            self._notifier = None

    def _arm(self) -> None:
        for _ in range(_TRIES):
            seen = self._look()
            if seen == self._watched and self._notifier is not None:
                return
            try:
                notifier = _notifier(sorted(seen.directories))
            except FileNotFoundError:
                continue
            old, self._notifier, self._watched = self._notifier, notifier, seen
            if old is not None:
                old.close()
        raise OSError("the directories of the policy change faster than they can be watched")

    def _wait(self, notifier: _Notifier, until: float | None) -> None:
        while True:
            left = 0 if until is None else max(1, round((until - time.monotonic()) * 1000))
            changes = notifier.watch(_STEP_MS, _STEP_MS, left, self._wake)
            if isinstance(changes, str):
                return
            if self._matter(changes):
                break
            if until is not None and time.monotonic() >= until:
                return
        latest = time.monotonic() + LONGEST
        quiet_from = time.monotonic()
        while time.monotonic() < min(latest, quiet_from + QUIET):
            changes = notifier.watch(_QUIET_STEP_MS, _QUIET_STEP_MS, _QUIET_STEP_MS, self._wake)
            if changes == "stop":
                return
            if not isinstance(changes, str) and self._matter(changes):
                quiet_from = time.monotonic()

    def _matter(self, changes: set[tuple[int, str]]) -> bool:
        return any(self._watched.concerns(path) for _, path in changes)


def _notifier(directories: list[str]) -> _Notifier:
    # Imported when the daemon is ready: nothing before needs it. The wrapper around it takes its settings from
    # the environment; this does not.
    from watchfiles._rust_notify import RustNotify

    try:
        return RustNotify(directories, False, False, _POLL_MS, False, True)
    except FileNotFoundError:
        raise
    except OSError:
        # Out of kernel watches: looking again and again is better than not seeing.
        return RustNotify(directories, False, True, _POLL_MS, False, True)

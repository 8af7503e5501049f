"""Tells when a file changes that policy is made of: whatever way it is saved, linked, moved in or made later.

Directories are watched, not files, because files are replaced by renaming others over them. Each link on the way
to a source is followed by watching the directory that holds it, and each ancestor is watched for being renamed
or for what is made below it later. What the system reports (`changes.py`) is only a sign that something may have
changed, never what.
"""

import asyncio
import contextlib
import os
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from security_hooks.service.changes import Changes, Directories, OpenChanges, open_changes

# Rule files and files of the catalogue.
_OURS = (".rules", ".toml")
QUIET = 0.020
LONGEST = 0.300
_LINKS = 40
_TREE = 256
_TRIES = 10


@dataclass(frozen=True, slots=True)
class Watched:
    """Directories to watch, and the names below them that matter: some, every file of ours (by its ending) of some
    directories, or everything in some directories. `files` are those of the directories that hold files which matter;
    in the others only names that come and go do.
    """

    directories: frozenset[str]
    names: frozenset[str]
    rules: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()

    def concerns(self, path: str) -> bool:
        """Whether an event on this path may change the sources."""
        if path in self.names:
            return True
        directory = path.rpartition("/")[0]
        return directory in self.whole or (path.endswith(_OURS) and directory in self.rules)


def watched(files: Iterable[str], rule_directories: Iterable[str], trees: Iterable[str]) -> Watched:
    """What to watch for these files, those of ours in these directories and all of these trees, as the disk is now."""
    directories: set[str] = set()
    names: set[str] = set()
    rules: set[str] = set()
    whole: set[str] = set()
    holding: set[str] = set()
    for file in files:
        _note_holder(_trace(file, directories, names), holding)
    for directory in rule_directories:
        real = _trace(directory, directories, names)
        for entry in _entries(real):
            if entry.name.endswith(_OURS) and entry.is_symlink():
                _note_holder(_trace(entry.path, directories, names), holding)
        rules |= {real} if real is not None else set()
    pending = list(trees)
    while pending and len(whole) < _TREE:
        real = _trace(pending.pop(), directories, names)
        if real is None or real in whole:
            continue
        whole.add(real)
        pending += [entry.path for entry in _entries(real) if entry.is_symlink() or entry.is_dir()]
    holding |= rules | whole
    return Watched(
        frozenset(directories | rules | whole), frozenset(names), frozenset(rules), frozenset(whole), frozenset(holding)
    )


def _note_holder(real: str | None, holding: set[str]) -> None:
    if real is not None:
        holding.add(real.rpartition("/")[0] or "/")


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

    def __init__(self, look: Callable[[], Watched], opened: OpenChanges = open_changes) -> None:
        self._look = look
        self._open = opened
        self._watched = Watched(frozenset(), frozenset())
        self._changes: Changes | None = None
        self._changed = asyncio.Event()
        self._changed_at = 0.0
        self._woken = False

    async def arm(self) -> None:
        """Watch what is to be watched now. What changes after this returns is seen by the next `wait`."""
        for _ in range(_TRIES):
            seen = await asyncio.to_thread(self._look)
            if seen == self._watched and self._changes is not None:
                return
            try:
                changes = self._open(Directories(seen.directories, seen.files), self._report)
            except FileNotFoundError:
                continue
            # Both report for a moment, so that nothing is lost in between.
            old, self._changes, self._watched = self._changes, changes, seen
            if old is not None:
                old.close()
        raise OSError("the directories of the policy change faster than they can be watched")

    async def wait(self, seconds: float | None = None) -> None:
        """Return after a change that was followed by a moment of quiet, after `wake`, or when time is up."""
        if self._changes is None:
            raise RuntimeError("not armed")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        now = asyncio.get_running_loop().time
        latest = now() + LONGEST
        # What is waited for is that nothing happens.
        while not self._woken and (left := min(latest, self._changed_at + QUIET) - now()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(left)
        self._changed.clear()
        self._woken = False

    def wake(self) -> None:
        """End the wait that is going on, or the next."""
        self._woken = True
        self._changed.set()

    def close(self) -> None:
        """Stop watching."""
        if self._changes is not None:
            self._changes.close()
            self._changes = None

    def _report(self, paths: frozenset[str] | None) -> None:
        if paths is None or any(self._watched.concerns(path) for path in paths):
            self._changed_at = asyncio.get_running_loop().time()
            self._changed.set()

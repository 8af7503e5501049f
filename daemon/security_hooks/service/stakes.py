"""What a discard would throw away, found on the disk: what git would lose, by git's own files and the disk's word.

For the process that can be killed. Bounded in files, bytes and time; beyond that, and where something is not
understood, what was found is given with a word about what is missing.
"""

import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from security_hooks.dsl.globs import Globs, globs
from security_hooks.model.work import Discard, Loss, Shape, Stake, Stakes, State
from security_hooks.service.repository import Committed, Repository, find_root, read_text
from security_hooks.worktree.ignore import Level, is_ignored, read_level
from security_hooks.worktree.index import Entry, Index, UnreadableError

MOST_STAKES = 1_000
MOST_READ = 16 << 20
MOST_FILE = 4 << 20
_GITLINK = 0o160000
_UINT = 0xFFFFFFFF
_OFTEN = 64
_NANO = 1_000_000_000
_UNTRACKED = (Loss.UNTRACKED, Loss.IGNORED, Loss.FILES)


class _EnoughError(Exception):
    """A bound was reached; caught in `find_stakes`."""


def find_stakes(
    discard: Discard,
    home: str,
    made_again: Sequence[str] = (),
    seconds: float = 0.1,
    clock: Callable[[], float] = time.monotonic,
) -> Stakes:
    """What this throws away. Files named in `made_again`, or in such directories, are nobody's work."""
    search = _Search(home, globs(tuple(made_again)), clock, clock() + seconds)
    try:
        for root, paths in _by_work_tree(discard):
            search.look(Repository(root), discard, paths)
    except _EnoughError as error:
        search.missing = str(error)
    except UnreadableError as error:
        search.missing = str(error)
    except (OSError, OverflowError):
        search.missing = "the disk does not tell"
    return Stakes(tuple(search.stakes.values()), search.missing, search.notes)


def blob_name(data: bytes) -> bytes:
    """What git calls this content."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).digest()


def shape_of(status: os.stat_result) -> Shape:
    """The shape of a file, by what the disk says of it."""
    return Shape(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def _by_work_tree(discard: Discard) -> Iterator[tuple[str, list[str]]]:
    """The work trees that the roots lie in, and where in them; links on the way are followed, the last name is not."""
    found: dict[str, list[str]] = {}
    for path in discard.roots:
        head, _, tail = path.rstrip("/").rpartition("/")
        real = os.path.realpath(path) if discard.is_whole else f"{os.path.realpath(head or '/').rstrip('/')}/{tail}"
        # What stands in a work tree, not the work tree itself, is deleted as a file of another.
        root = find_root(real if discard.loss is not Loss.FILES or discard.is_deep else real.rpartition("/")[0])
        if root is None:
            continue
        inside = "" if discard.is_whole else real[len(root) :].strip("/")
        if inside != ".git" and not inside.startswith(".git/"):
            found.setdefault(root, []).append(inside)
    yield from found.items()


@dataclass(slots=True)
class _Search:
    home: str
    made_again: Globs
    clock: Callable[[], float]
    latest: float
    stakes: dict[str, Stake] = field(default_factory=dict)
    notes: tuple[tuple[str, int], ...] = ()
    missing: str = ""
    _read: int = 0
    _steps: int = 0

    def look(self, repository: Repository, discard: Discard, inside: list[str]) -> None:
        """Look for what is at stake below these paths of a work tree."""
        if discard.loss is Loss.STASH:
            self.notes += repository.stash()
            return
        index, written = repository.index()
        places = [os.fsencode(path) for path in inside]
        if index.is_merging:
            self.missing = "a merge is under way"
        committed = repository.committed(index) if discard.loss is Loss.STAGED else None
        if discard.loss not in (Loss.UNTRACKED, Loss.IGNORED):
            for name, entry in _below(index, places):
                self._tracked(repository.root, name, entry, written, committed)
        if committed is not None:
            for name in committed.files.keys() - index.entries.keys():
                if _is_below(name, places):
                    self._forgotten(repository.root, name, committed.files[name])
        if discard.loss in _UNTRACKED:
            walk = _Walk(self, repository, index, is_all=discard.loss is Loss.IGNORED)
            for path in inside:
                walk.look(path, is_deep=discard.is_deep, is_clean=discard.loss is not Loss.FILES)

    def spend(self) -> None:
        """Count one file; raises where the time is over."""
        self._steps += 1
        if self._steps % _OFTEN == 0 and self.clock() > self.latest:
            raise _EnoughError("there is too much to look at")

    def add(self, stake: Stake) -> None:
        """Keep one; raises where there are too many."""
        if len(self.stakes) >= MOST_STAKES:
            raise _EnoughError("there are too many files")
        self.stakes[stake.path] = stake

    def _tracked(self, root: str, name: bytes, entry: Entry, written: int, committed: Committed | None) -> None:
        self.spend()
        path = f"{root}/{os.fsdecode(name)}"
        kept = entry.blob if committed is None else committed.blob(name, entry.blob)
        if entry.mode == _GITLINK:
            self.missing = self.missing or "it has submodules"
            return
        status = _status(path)
        is_there = status is not None and not stat.S_ISDIR(status.st_mode)
        if status is None or not is_there:
            if kept != entry.blob:
                self.add(Stake(path, None, kept, staged=entry.blob))
            return
        is_racy = entry.written >= written
        is_same = _is_same(entry, status) and not is_racy
        if not is_same and self._blob(path, status) == entry.blob:
            is_same = True
        if is_same and kept == entry.blob:
            return
        indexed = None if is_racy or kept != entry.blob else State(entry.size, entry.written, entry.inode)
        staged = None if is_same or kept == entry.blob else entry.blob
        self.add(Stake(path, shape_of(status), kept, indexed, staged))

    def _forgotten(self, root: str, name: bytes, kept: bytes) -> None:
        """A file of the last commit that the index does not hold; one that stands there would be overwritten."""
        self.spend()
        path = f"{root}/{os.fsdecode(name)}"
        status = _status(path)
        if status is not None and not stat.S_ISDIR(status.st_mode) and self._blob(path, status) != kept:
            self.add(Stake(path, shape_of(status), kept))

    def _blob(self, path: str, status: os.stat_result) -> bytes | None:
        """Git's name for what stands there; None where that is too much to read, which then counts as changed."""
        if stat.S_ISLNK(status.st_mode):
            return blob_name(os.fsencode(os.readlink(path)))  # noqa: PTH115 - paths are words here, many of them
        if not stat.S_ISREG(status.st_mode) or status.st_size > MOST_FILE or self._read + status.st_size > MOST_READ:
            return None
        self._read += status.st_size
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            return blob_name(file.read(MOST_FILE + 1) or b"")


class _Walk:
    """Files that git does not know, below one work tree."""

    def __init__(self, search: _Search, repository: Repository, index: Index, *, is_all: bool) -> None:
        self._search = search
        self._root = repository.root
        self._known = index.entries
        self._is_all = is_all
        own = f"{search.home}/.config/git/ignore"
        levels = [read_level(read_text(own) or ""), read_level(repository.exclude())]
        self._first = tuple(level for level in levels if level.lines)

    def look(self, inside: str, *, is_deep: bool, is_clean: bool) -> None:
        """Look at one path of the work tree, and at all that lies below it if it is deep."""
        levels = self._first
        here = ""
        parts = inside.split("/") if inside else []
        for part in parts[:-1]:
            levels = self._with(levels, here)
            here = f"{here}/{part}".strip("/")
            if self._is_left_out(levels, here, is_directory=True):
                return
        levels = self._with(levels, here)
        if not parts:
            self._below("", levels, is_clean=is_clean)
            return
        status = _status(f"{self._root}/{inside}")
        if status is not None and stat.S_ISDIR(status.st_mode):
            if is_deep and not self._is_left_out(levels, inside, is_directory=True):
                self._below(inside, self._with(levels, inside), is_clean=is_clean)
        elif status is not None:
            self._file(inside, levels, status)

    def _below(self, directory: str, levels: tuple[Level, ...], *, is_clean: bool) -> None:
        waiting = [(directory, levels)]
        while waiting:
            directory, levels = waiting.pop()
            with os.scandir(f"{self._root}/{directory}") as entries:
                found = sorted(entries, key=lambda entry: entry.name)
            for entry in found:
                self._search.spend()
                path = f"{directory}/{entry.name}".strip("/")
                if entry.name == ".git":
                    if directory and not is_clean:
                        self._search.missing = "another repository lies in it"
                    continue
                if not entry.is_dir(follow_symlinks=False):
                    self._file(path, levels, entry.stat(follow_symlinks=False))
                elif is_clean and os.path.lexists(f"{self._root}/{path}/.git"):
                    # Git leaves another repository alone.
                    continue
                elif not self._is_left_out(levels, path, is_directory=True):
                    waiting.append((path, self._with(levels, path)))

    def _file(self, path: str, levels: tuple[Level, ...], status: os.stat_result) -> None:
        if os.fsencode(path) not in self._known and not self._is_left_out(levels, path, is_directory=False):
            self._search.add(Stake(f"{self._root}/{path}", shape_of(status)))

    def _is_left_out(self, levels: tuple[Level, ...], path: str, *, is_directory: bool) -> bool:
        if self._search.made_again.match(path.rpartition("/")[2]):
            return True
        return not self._is_all and is_ignored(levels, path, is_directory=is_directory)

    def _with(self, levels: tuple[Level, ...], directory: str) -> tuple[Level, ...]:
        place = f"{self._root}/{directory}".rstrip("/")
        text = read_text(f"{place}/.gitignore")
        return (*levels, read_level(text, directory)) if text else levels


def _below(index: Index, places: list[bytes]) -> Iterator[tuple[bytes, Entry]]:
    """The files of the index that these places are or hold."""
    if b"" in places:
        yield from index.entries.items()
        return
    known = [(place, index.entries[place]) for place in places if place in index.entries]
    starts = tuple(place + b"/" for place in places if place not in index.entries)
    below = ((name, entry) for name, entry in index.entries.items() if starts and name.startswith(starts))
    yield from chain(known, below)


def _is_below(name: bytes, places: list[bytes]) -> bool:
    return any(not place or name == place or name.startswith(place + b"/") for place in places)


def _is_same(entry: Entry, status: os.stat_result) -> bool:
    """Whether git would take the file for unchanged without reading it; where its record is coarser, it is read."""
    return (
        entry.written == status.st_mtime_ns
        and entry.changed == status.st_ctime_ns
        and entry.size == status.st_size & _UINT
        and entry.inode == status.st_ino & _UINT
        and stat.S_IFMT(entry.mode) == stat.S_IFMT(status.st_mode)
    )


def _status(path: str) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None

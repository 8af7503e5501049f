"""A git repository on the disk, read and never run: no program, hook, filter or setting of it takes effect.

For the process that can be killed: a repository may lie on a disk that does not answer. Raises UnreadableError where
something is not understood, OSError where the disk says no.
"""

import mmap
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from security_hooks.model.work import State
from security_hooks.worktree.index import Index, UnreadableError, read_index
from security_hooks.worktree.objects import (
    MOST_BYTES,
    Found,
    entries_of,
    find_in_pack,
    read_loose,
    read_packed,
    tree_of,
)

MOST_INDEX = 64 << 20
MOST_TREES = 4_000
_MOST_TEXT = 1 << 20
_MOST_STORES = 8
_DEPTH = 64
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
_TREE = 0o040000


def find_root(path: str) -> str | None:
    """The work tree that a path lies in or is, links followed; None outside of one."""
    here = path
    for _ in range(_DEPTH):
        if os.path.lexists(f"{here}/.git"):
            return here or "/"
        if not here or here == "/":
            break
        here = here.rpartition("/")[0]
    return None


class Repository:
    """One work tree and what git keeps of it."""

    def __init__(self, root: str) -> None:
        self.root = root
        self._own = _git_dir(root)
        shared = read_text(f"{self._own}/commondir")
        self._shared = os.path.normpath(f"{self._own}/{shared.strip()}") if shared is not None else self._own
        if shared is not None and shared.strip().startswith("/"):
            self._shared = shared.strip()
        self._stores = _stores(f"{self._shared}/objects")
        self._depth = 0
        self._maps: dict[str, mmap.mmap] = {}

    def index(self) -> tuple[Index, int]:
        """The index, empty where there is none, and when it was written (Unix time in nanoseconds)."""
        path = f"{self._own}/index"
        try:
            written = os.stat(path).st_mtime_ns  # noqa: PTH116 - as above
        except FileNotFoundError:
            return Index(), 0
        data = _bytes(path, MOST_INDEX)
        if data is None:
            raise UnreadableError("the index is too large")
        return read_index(data), written

    def committed(self, index: Index) -> "Committed":
        """What the last commit holds, where the index does not say that it holds the same."""
        name = self._head()
        files: dict[bytes, bytes] = {}
        same: set[bytes] = set()
        if name is None:
            return Committed(files, same)
        trees = [(b"", tree_of(self._content(name, b"commit")))]
        for _ in range(MOST_TREES):
            if not trees:
                return Committed(files, same)
            directory, tree = trees.pop()
            if index.trees.get(directory) == tree:
                same.add(directory)
                continue
            for entry, mode, blob in entries_of(self._content(tree, b"tree")):
                path = directory + b"/" + entry if directory else entry
                if mode == _TREE:
                    trees.append((path, blob))
                else:
                    files[path] = blob
        raise UnreadableError("the last commit is too large")

    def exclude(self) -> str:
        """The lines of the repository's own list of ignored files."""
        return read_text(f"{self._shared}/info/exclude") or ""

    def stash(self) -> tuple[tuple[str, int], ...]:
        """The entries of the stash, the latest first: how git words them, and when they were made."""
        text = read_text(f"{self._shared}/logs/refs/stash") or ""
        entries: list[tuple[str, int]] = []
        for line in reversed(text.splitlines()):
            said, _, words = line.partition("\t")
            moment = said.rpartition("> ")[2].partition(" ")[0]
            if moment.isdecimal():
                entries.append((words, int(moment)))
        return tuple(entries)

    def _head(self) -> bytes | None:
        """The last commit; None where there is none yet."""
        if os.path.isdir(f"{self._shared}/reftable"):  # noqa: PTH112 - as above
            raise UnreadableError("the names of its commits are kept in a format of their own")
        name = "HEAD"
        for _ in range(_DEPTH):
            text = read_text(f"{self._own}/{name}") or read_text(f"{self._shared}/{name}")
            if text is None:
                return _packed(read_text(f"{self._shared}/packed-refs") or "", name)
            if not text.startswith("ref: "):
                return _name(text)
            name = text[5:].strip()
            if ".." in name or name.startswith("/"):
                break
        raise UnreadableError("the last commit cannot be found")

    def _content(self, name: bytes, kind: bytes) -> bytes:
        found, content = self._object(name)
        if found != kind:
            raise UnreadableError("the last commit cannot be read")
        return content

    def _object(self, name: bytes) -> Found:
        word = name.hex()
        self._depth += 1
        try:
            if self._depth > _DEPTH:
                raise UnreadableError("an object cannot be read")
            for store in self._stores:
                data = _bytes(f"{store}/{word[:2]}/{word[2:]}", MOST_BYTES)
                if data is not None:
                    return read_loose(data)
            for store in self._stores:
                for stem in _packs(store):
                    offset = find_in_pack(self._mapped(f"{stem}.idx"), name)
                    if offset is not None:
                        return read_packed(self._mapped(f"{stem}.pack"), offset, self._object)
        finally:
            self._depth -= 1
        raise UnreadableError("a commit or tree is not on this disk")

    def _mapped(self, path: str) -> mmap.mmap:
        found = self._maps.get(path)
        if found is None:
            with Path(path).open("rb") as file:
                found = self._maps[path] = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return found


@dataclass(frozen=True, slots=True)
class Committed:
    """Files of the last commit by their paths, but for those below `same`, which are as the index holds them."""

    files: dict[bytes, bytes]
    same: set[bytes]

    def blob(self, path: bytes, indexed: bytes | None) -> bytes | None:
        """What the commit holds of a file of which the index holds `indexed`."""
        if self.same:
            directory = path
            while directory:
                directory = directory.rpartition(b"/")[0]
                if directory in self.same:
                    return indexed
        return self.files.get(path)


def state_of(status: os.stat_result, blob: bytes | None = None) -> State:
    """The state of a file, by what the disk says of it."""
    return State(status.st_size, status.st_mtime_ns, status.st_ino, blob)


def _git_dir(root: str) -> str:
    path = f"{root}/.git"
    if os.path.isdir(path):  # noqa: PTH112 - as above
        return path
    text = read_text(path) or ""
    if not text.startswith("gitdir: "):
        raise UnreadableError("its `.git` is none")
    named = text[8:].strip()
    return named if named.startswith("/") else os.path.normpath(f"{root}/{named}")


def _stores(first: str) -> tuple[str, ...]:
    """Where objects are: in the repository and where it borrows from."""
    stores = [first]
    for store in stores:
        for line in (read_text(f"{store}/info/alternates") or "").splitlines():
            if line and not line.startswith("#") and len(stores) < _MOST_STORES:
                stores.append(line if line.startswith("/") else os.path.normpath(f"{store}/{line}"))
    return tuple(stores)


def _packs(store: str) -> tuple[str, ...]:
    try:
        names = os.listdir(f"{store}/pack")  # noqa: PTH208 - as above
    except FileNotFoundError:
        return ()
    return tuple(f"{store}/pack/{name.removesuffix('.idx')}" for name in sorted(names) if name.endswith(".idx"))


def _packed(text: str, name: str) -> bytes | None:
    for line in text.splitlines():
        word, _, named = line.partition(" ")
        if named == name:
            return _name(word)
    return None


def _name(text: str) -> bytes:
    word = text.strip()
    if len(word) != 40:
        raise UnreadableError("the last commit has a name of another kind")
    return bytes.fromhex(word)


def read_text(path: str) -> str | None:
    """The text of a small regular file, links followed; None where there is none such."""
    data = _bytes(path, _MOST_TEXT)
    return None if data is None else data.decode("utf-8", "surrogateescape")


def _bytes(path: str, most: int) -> bytes | None:
    """The content of a regular file; None where there is none such, or more than `most`."""
    try:
        descriptor = os.open(path, _FLAGS)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > most:
            return None
        return file.read(most + 1)

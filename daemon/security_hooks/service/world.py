"""The real file system, as far as one call may look at it.

Follows paths link by link, so that nothing on a slow mount is ever touched on the loop and nothing in `/proc`, `/sys`
or `/dev` is ever opened; counts what it does; remembers every name it looked at, so that a script that was read with
its help can be remembered as long as they stay as they were. Never raises and changes nothing.
"""

import os
import stat
from posixpath import normpath

import msgspec

from security_hooks.model.world import Entry

# How long ago a file must have changed for its times to tell the next change: clocks of file systems are coarse.
SETTLED_NS = 100_000_000
_LINKS = 40
_LONGEST = 4096
_PROCESSES = "/proc"
_NEVER_READ = ("/proc/", "/sys/", "/dev/")
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NOCTTY

Signature = tuple[int, ...] | None


class Reach(msgspec.Struct, frozen=True):
    """How much one call may look at: names, bytes of all files and of one directory's names."""

    lookups: int
    bytes: int
    names: int


ON_THE_LOOP = Reach(lookups=256, bytes=65_536, names=1_000)
APART = Reach(lookups=20_000, bytes=16 << 20, names=100_000)


class Look(msgspec.Struct, frozen=True, gc=False):
    """One name looked at and what was seen of it; `closely` where its content was."""

    path: str
    closely: bool
    signature: Signature


class _Found(msgspec.Struct, frozen=True, gc=False):
    entry: Entry
    real: str | None
    status: os.stat_result | None = None


_UNKNOWN = _Found(Entry.UNKNOWN, None)
_KINDS = {stat.S_IFREG: Entry.FILE, stat.S_IFDIR: Entry.DIRECTORY}


class UnseenWorld:
    """The disk of a peer whose paths lead elsewhere than ours: nothing is looked at, nothing can be said."""

    left_out = False

    def kind(self, path: str) -> Entry:  # noqa: ARG002 - the protocol's
        """As the protocol says."""
        return Entry.UNKNOWN

    def real(self, path: str) -> str | None:  # noqa: ARG002 - the protocol's
        """As the protocol says."""
        return None

    def read(self, path: str, most: int) -> bytes | None:  # noqa: ARG002 - the protocol's
        """As the protocol says."""
        return None

    def names(self, path: str, most: int) -> tuple[str, ...] | None:  # noqa: ARG002 - the protocol's
        """As the protocol says."""
        return None


class LocalWorld:
    """The disk for one call. `slow` are mount points that are not looked at.

    `left_out` is set once something was not looked at because it lies on such a mount or beyond the reach: somebody
    who may wait, and has a longer reach, would see more.
    """

    __slots__ = ("_bytes", "_found", "_left", "_looks", "_reach", "_statuses", "left_out", "slow")

    def __init__(self, slow: frozenset[str] = frozenset(), reach: Reach = APART) -> None:
        self.slow = slow
        self._reach = reach
        self._left = reach.lookups
        self._bytes = reach.bytes
        self._found: dict[str, _Found] = {}
        self._statuses: dict[str, os.stat_result | None] = {}
        self._looks: dict[tuple[str, bool], Look] = {}
        self.left_out = False

    @property
    def looks(self) -> tuple[Look, ...]:
        """Every name looked at so far."""
        return tuple(self._looks.values())

    def kind(self, path: str) -> Entry:
        """As the protocol says."""
        return self._follow(path).entry

    def real(self, path: str) -> str | None:
        """As the protocol says. None too for what lies in `/proc`, where links mean another thing to each process."""
        return self._follow(path).real

    def read(self, path: str, most: int) -> bytes | None:
        """As the protocol says."""
        found = self._follow(path)
        real, status = found.real, found.status
        if found.entry is not Entry.FILE or real is None or status is None or real.startswith(_NEVER_READ):
            return None
        self._note(real, status, closely=True)
        if status.st_size > most:
            return None
        if status.st_size > self._bytes:
            self.left_out = True
            return None
        data = _content(real, status, most)
        if data is None:
            return None
        self._bytes -= len(data)
        return data

    def names(self, path: str, most: int) -> tuple[str, ...] | None:
        """As the protocol says. None too where a name is no text."""
        found = self._follow(path)
        real, status = found.real, found.status
        if found.entry is not Entry.DIRECTORY or real is None or status is None:
            return None
        if f"{real}/".startswith(_NEVER_READ) or not self._spend():
            return None
        self._note(real, status, closely=True)
        names: list[str] = []
        reach = min(most, self._reach.names)
        try:
            with os.scandir(real) as entries:
                for entry in entries:
                    if len(names) == reach:
                        self.left_out |= most > reach
                        return None
                    names.append(entry.name)
        except OSError:
            return None
        return tuple(sorted(names)) if all(map(_is_text, names)) else None

    def _follow(self, path: str) -> _Found:
        found = self._found.get(path)
        if found is None:
            is_path = path.startswith("/") and len(path) < _LONGEST and "\0" not in path and _is_text(path)
            found = self._found[path] = self._walk(path) if is_path else _UNKNOWN
        return found

    def _walk(self, path: str) -> _Found:
        rest = [part for part in path.split("/") if part and part != "."][::-1]
        here = ""
        status: os.stat_result | None = None
        links = 0
        while rest:
            part = rest.pop()
            if part == "..":
                here = here.rpartition("/")[0]
                status = None
                continue
            name = f"{here}/{part}"
            if name == _PROCESSES:
                return _UNKNOWN
            if name in self.slow:
                self.left_out = True
                return _UNKNOWN
            try:
                status = self._status(name)
            except OSError:
                return _UNKNOWN
            if status is None:
                return _Found(Entry.MISSING, normpath("/".join([name, *rest[::-1]])))
            if not stat.S_ISLNK(status.st_mode):
                if rest and not stat.S_ISDIR(status.st_mode):
                    return _Found(Entry.MISSING, normpath("/".join([name, *rest[::-1]])))
                here = name
                continue
            links += 1
            target = _target(name)
            if links > _LINKS or target is None:
                return _UNKNOWN
            rest += [part for part in target.split("/") if part and part != "."][::-1]
            here = "" if target.startswith("/") else here
            # Where it leads to `.` nothing more is looked at, and a link is not what stands there.
            status = None
        if status is None:
            try:
                status = self._status(here or "/")
            except OSError:
                return _UNKNOWN
        if status is None:
            return _Found(Entry.MISSING, here or "/")
        return _Found(_KINDS.get(stat.S_IFMT(status.st_mode), Entry.OTHER), here or "/", status)

    def _status(self, path: str) -> os.stat_result | None:
        """What stands there, links not followed; None where nothing does. Raises OSError where that cannot be said."""
        if path in self._statuses:
            return self._statuses[path]
        if not self._spend():
            raise PermissionError
        try:
            status = os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            status = None
        self._statuses[path] = status
        self._note(path, status, closely=False)
        return status

    def _spend(self) -> bool:
        self._left -= 1
        if self._left < 0:
            self.left_out = True
            return False
        return True

    def _note(self, path: str, status: os.stat_result | None, *, closely: bool) -> None:
        self._looks[path, closely] = Look(path, closely, _signature(status, closely=closely))


def is_elsewhere(path: str, slow: frozenset[str]) -> bool:
    """Whether the way to this path leads over a slow mount, or further than the loop may look."""
    if not slow:
        return False
    world = LocalWorld(slow, ON_THE_LOOP)
    world.kind(path)
    return world.left_out


def still_holds(looks: tuple[Look, ...]) -> bool:
    """Whether every name is still what it was when it was looked at."""
    for look in looks:
        try:
            status = os.lstat(look.path)
        except (FileNotFoundError, NotADirectoryError):
            status = None
        except OSError:
            return False
        if _signature(status, closely=look.closely) != look.signature:
            return False
    return True


def is_settled(looks: tuple[Look, ...], now: int) -> bool:
    """Whether another change of these would show in their signatures; `now` is Unix time in nanoseconds."""
    return all(look.signature is None or look.signature[-1] < now - SETTLED_NS for look in looks)


def _signature(status: os.stat_result | None, *, closely: bool) -> Signature:
    """What must stay the same; the last number is a time, 0 where none matters."""
    if status is None:
        return None
    kind = stat.S_IFMT(status.st_mode)
    if closely:
        return (kind, status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    if kind == stat.S_IFLNK:
        return (kind, status.st_dev, status.st_ino, status.st_ctime_ns)
    return (kind, 0)


def _target(link: str) -> str | None:
    try:
        target = os.readlink(link)  # noqa: PTH115 - a fraction of the price
    except OSError:
        return None
    return target if _is_text(target) else None


def _is_text(name: str) -> bool:
    """Whether a name can be told to others; what is not UTF-8 reads as lone surrogates."""
    return name.isascii() or not any("\ud800" <= char <= "\udfff" for char in name)


def _content(path: str, seen: os.stat_result, most: int) -> bytes | None:
    """The bytes of the very file that was seen; None where it is another by now, or grew."""
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError:
        return None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or (status.st_dev, status.st_ino) != (seen.st_dev, seen.st_ino):
            return None
        data = b""
        while len(data) <= most and (piece := os.read(descriptor, most + 1 - len(data))):
            data += piece
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return data if len(data) <= most else None

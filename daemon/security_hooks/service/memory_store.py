"""What is remembered of sessions, on the disk: loaded at the start, saved a while after each change and at the end.

A file that cannot be read, or is not ours, is as if there were none: what it held is forgotten, which is said, and the
file is kept beside. The loop encodes a little at a time; a thread writes. Framed parts under one digest, so that
neither ever holds all of it in one piece.
"""

import asyncio
import hashlib
import logging
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from struct import Struct
from typing import Protocol

import msgspec

LOG = logging.getLogger("security-hooks")
# The most that a kill can make us forget, but for the time that saving takes.
PAUSE_SECONDS = 5.0
# How long the loop is held at a time, and how long it is let go for calls in between.
SLICE_SECONDS = 0.000_3
REST_SECONDS = 0.001
MOST_BYTES = 64 << 20
_DIGEST = hashlib.sha256().digest_size
_FRAME = Struct(">BI")

Part = tuple[str, bytes]


class Keeper(Protocol):
    """Somebody who remembers. `now` is Unix time in seconds."""

    def dump(self, now: int) -> Iterator[bytes]:
        """All that has not expired, in parts. Each is made when it is asked for, within a millisecond; what changes
        meanwhile may be in it or not.
        """

    def restore(self, parts: Iterable[bytes], now: int) -> None:
        """Take up what was dumped; raises msgspec.DecodeError or msgspec.ValidationError for anything else."""


class MemoryStore:
    """The file at `path`, with what each of the keepers holds under its name. `note` is told what went wrong."""

    def __init__(
        self,
        path: Path,
        keepers: Mapping[str, Keeper],
        note: Callable[[str], None] = lambda _: None,
        clock: Callable[[], float] = time.time,
        pause: float = PAUSE_SECONDS,
        most: int = MOST_BYTES,
    ) -> None:
        self._path = path
        self._keepers = keepers
        self._note = note
        self._clock = clock
        self._pause = pause
        self._most = most
        self._wanted = asyncio.Event()
        self._is_failing = False

    def load(self) -> tuple[str, ...]:
        """Give the keepers what was saved, each what it can read of it; what is forgotten, in a line each."""
        problems = []
        saved: dict[str, list[bytes]] = {}
        try:
            for name, part in _parts(_read(self._path)):
                saved.setdefault(name, []).append(part)
        except (OSError, ValueError) as error:
            problems.append(f"what was remembered of sessions is forgotten: {error}")
            saved.clear()
            self._put_aside()
        now = int(self._clock())
        for name, keeper in self._keepers.items():
            try:
                keeper.restore(saved.get(name, ()), now)
            except (msgspec.DecodeError, msgspec.ValidationError) as error:
                problems.append(f"what was remembered of {name} is forgotten: {error}")
        for problem in problems:
            LOG.warning("%s", problem)
        return tuple(problems)

    def want(self) -> None:
        """Something changed."""
        self._wanted.set()

    async def run(self) -> None:
        """Save a while after each change."""
        while True:
            await self._wanted.wait()
            await asyncio.sleep(self._pause)
            self._wanted.clear()
            parts = []
            until = time.perf_counter() + SLICE_SECONDS
            for part in self._dumped():
                parts.append(part)
                if time.perf_counter() > until:
                    await asyncio.sleep(REST_SECONDS)
                    until = time.perf_counter() + SLICE_SECONDS
            self._tell(await asyncio.to_thread(_write, self._path, parts))

    def save(self) -> None:
        """Save now."""
        self._tell(_write(self._path, self._dumped()))

    def _dumped(self) -> Iterator[Part]:
        now = int(self._clock())
        left = self._most - _DIGEST
        for name, keeper in self._keepers.items():
            for part in keeper.dump(now):
                left -= _FRAME.size + len(name) + len(part)
                if left < 0:
                    # A larger file would not be taken up; keepers give what matters most first.
                    return
                yield name, part

    def _tell(self, problem: str) -> None:
        """What is remembered in this process stands; a restart forgets it. Said once."""
        if problem and not self._is_failing:
            LOG.error("%s", problem)
            self._note(problem)
        self._is_failing = bool(problem)

    def _put_aside(self) -> None:
        try:
            self._path.replace(self._path.with_suffix(".damaged"))
        except OSError as error:
            LOG.warning("%s stays where it is: %s", self._path, error)


def _read(path: Path) -> memoryview:
    """What stands in the file, checked. Raises OSError; ValueError where it is damaged."""
    try:
        # Whatever stands there must not keep the daemon from starting.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return memoryview(b"")
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError(f"{path} is no file")
        data = memoryview(file.read(MOST_BYTES + 1))
    body = data[_DIGEST:]
    if len(data) > MOST_BYTES or hashlib.sha256(body).digest() != data[:_DIGEST]:
        raise ValueError(f"{path} is damaged")
    return body


def _parts(body: memoryview) -> Iterator[Part]:
    """The parts of a file. Raises ValueError."""
    at = 0
    while at < len(body):
        named, size = _FRAME.unpack_from(body[at : at + _FRAME.size].tobytes().ljust(_FRAME.size, b"\0"))
        start = at + _FRAME.size + named
        name, part = bytes(body[at + _FRAME.size : start]), bytes(body[start : start + size])
        if len(name) < named or len(part) < size:
            raise ValueError("its last part is not whole")
        yield name.decode(), part
        at = start + size


def _write(path: Path, parts: Iterable[Part]) -> str:
    """Put these into the file, whole or not at all; what hinders it, in a line."""
    beside = path.with_suffix(".new")
    digest = hashlib.sha256()
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(bytes(_DIGEST))
            for name, part in parts:
                for piece in (_FRAME.pack(len(name), len(part)) + name.encode("ascii"), part):
                    digest.update(piece)
                    file.write(piece)
            file.seek(0)
            file.write(digest.digest())
        beside.replace(path)
    except OSError as error:
        return f"what is remembered of sessions cannot be saved: {error}"
    return ""

"""What is remembered of sessions, on the disk: loaded at the start, saved a while after each change and at the end.

A file that cannot be read, or is not ours, is as if there were none: what it held is forgotten, which is said. Saving
happens in a thread, from bytes that were made on the loop.
"""

import asyncio
import hashlib
import logging
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import msgspec

LOG = logging.getLogger("security-hooks")
# The most that a kill can make us forget.
PAUSE_SECONDS = 5.0
MOST_BYTES = 64 << 20
_DIGEST = hashlib.sha256().digest_size


class Keeper(Protocol):
    """Somebody who remembers. `now` is Unix time in seconds."""

    def dump(self, now: int) -> bytes:
        """All that has not expired, as bytes."""

    def restore(self, data: bytes, now: int) -> None:
        """Take up what was dumped; raises msgspec.DecodeError or msgspec.ValidationError for anything else."""


class MemoryStore:
    """The file at `path`, with what each of the keepers holds under its name."""

    def __init__(
        self,
        path: Path,
        keepers: Mapping[str, Keeper],
        clock: Callable[[], float] = time.time,
        pause: float = PAUSE_SECONDS,
    ) -> None:
        self._path = path
        self._keepers = keepers
        self._clock = clock
        self._pause = pause
        self._wanted = asyncio.Event()

    def load(self) -> None:
        """Give the keepers what was saved, each what it can read of it."""
        saved = self._read()
        now = int(self._clock())
        for name, keeper in self._keepers.items():
            data = saved.get(name)
            if data is None:
                continue
            try:
                keeper.restore(data, now)
            except (msgspec.DecodeError, msgspec.ValidationError) as error:
                LOG.warning("what was remembered of %s is forgotten: %s", name, error)

    def want(self) -> None:
        """Something changed."""
        self._wanted.set()

    async def run(self) -> None:
        """Save a while after each change."""
        while True:
            await self._wanted.wait()
            await asyncio.sleep(self._pause)
            self._wanted.clear()
            body = self._body()
            await asyncio.to_thread(self._write, body)

    def save(self) -> None:
        """Save now."""
        self._write(self._body())

    def _body(self) -> bytes:
        now = int(self._clock())
        return msgspec.msgpack.encode({name: keeper.dump(now) for name, keeper in self._keepers.items()})

    def _read(self) -> dict[str, bytes]:
        try:
            with self._path.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
        except FileNotFoundError:
            return {}
        except OSError as error:
            LOG.warning("what was remembered is forgotten: %s", error)
            return {}
        digest, body = data[:_DIGEST], data[_DIGEST:]
        try:
            if hashlib.sha256(body).digest() == digest:
                return msgspec.msgpack.decode(body, type=dict[str, bytes])
        except (msgspec.DecodeError, msgspec.ValidationError):
            pass
        LOG.warning("what was remembered is forgotten: %s is damaged", self._path)
        return {}

    def _write(self, body: bytes) -> None:
        beside = self._path.with_suffix(".new")
        try:
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(hashlib.sha256(body).digest() + body)
            beside.replace(self._path)
        except OSError as error:
            # What is remembered in this process stands; a restart forgets it.
            LOG.error("what is remembered cannot be saved: %s", error)

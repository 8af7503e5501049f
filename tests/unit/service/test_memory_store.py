import asyncio
import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec
import pytest

from security_hooks.service.memory_store import SLICE_SECONDS, MemoryStore


class Notes:
    def __init__(self, text: str = "") -> None:
        self.text = text

    def dump(self, now: int) -> Iterator[bytes]:
        for letter in self.text:
            yield msgspec.msgpack.encode(letter)

    def restore(self, parts: Iterable[bytes], now: int) -> None:
        found = [msgspec.msgpack.decode(part, type=str) for part in parts]
        self.text = "".join(found) or self.text


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    MemoryStore(tmp_path / "m", {"a": Notes("one"), "b": Notes("two")}).save()
    first, second = Notes(), Notes("as it was")
    MemoryStore(tmp_path / "m", {"a": first, "new": second}).load()
    assert (first.text, second.text) == ("one", "as it was")
    assert (tmp_path / "m").stat().st_mode & 0o777 == 0o600


def saved(place: Path) -> bytes:
    MemoryStore(place / "m", {"a": Notes("one"), "b": Notes("two")}).save()
    return (place / "m").read_bytes()


def signed(body: bytes) -> bytes:
    return hashlib.sha256(body).digest() + body


@pytest.mark.parametrize(
    "damaged",
    [
        lambda _: b"",
        lambda _: b"short",
        lambda _: bytes(64),
        lambda data: data[:-1],
        lambda data: data[:40] + b"?" + data[41:],
        lambda data: signed(data[32:-1]),
        lambda data: signed(data[32:] + b"\x09"),
        lambda data: signed(b"\x01\0\0\0\x01\xff\xa1"),
    ],
)
def test_a_damaged_file_is_forgotten_said_and_kept(
    tmp_path: Path, damaged: Callable[[bytes], bytes], caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "m").write_bytes(damaged(saved(tmp_path)))
    notes = Notes("empty")
    (problem,) = MemoryStore(tmp_path / "m", {"a": notes}).load()
    assert notes.text == "empty"
    assert "what was remembered of sessions is forgotten" in problem
    assert problem in caplog.text
    assert not (tmp_path / "m").exists()
    assert (tmp_path / "m.damaged").exists()


def test_what_is_no_file_does_not_keep_the_daemon_from_starting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "m")
    (problem,) = MemoryStore(tmp_path / "m", {}).load()
    assert "is no file" in problem
    (tmp_path / "d").mkdir()
    (problem,) = MemoryStore(tmp_path / "d", {}).load()
    assert "forgotten" in problem


def test_a_file_that_was_never_there_is_no_problem(tmp_path: Path) -> None:
    assert MemoryStore(tmp_path / "m", {"a": Notes()}).load() == ()


def test_a_keeper_that_cannot_read_takes_nothing_from_the_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Other(Notes):
        def dump(self, now: int) -> Iterator[bytes]:
            yield b"\xc1"

    MemoryStore(tmp_path / "m", {"a": Other(), "b": Notes("two")}).save()
    first, second = Notes("kept"), Notes()
    (problem,) = MemoryStore(tmp_path / "m", {"a": first, "b": second}).load()
    assert problem.startswith("what was remembered of a is forgotten")
    assert (first.text, second.text) == ("kept", "two")
    assert "of a is forgotten" in caplog.text


def test_that_nothing_can_be_saved_is_said_once_until_it_can(tmp_path: Path) -> None:
    said: list[str] = []
    place = tmp_path / "missing"
    store = MemoryStore(place / "m", {"a": Notes("x")}, said.append)
    store.save()
    store.save()
    assert len(said) == 1
    assert "cannot be saved" in said[0]
    place.mkdir()
    store.save()
    assert (place / "m").exists()
    (place / "m.new").mkdir()
    store.save()
    assert len(said) == 2


def test_never_more_is_saved_than_is_taken_up(tmp_path: Path) -> None:
    MemoryStore(tmp_path / "m", {"a": Notes("first"), "b": Notes("x" * 100)}, most=120).save()
    assert (tmp_path / "m").stat().st_size <= 120
    first, second = Notes(), Notes()
    assert MemoryStore(tmp_path / "m", {"a": first, "b": second}).load() == ()
    assert first.text == "first"
    assert 0 < len(second.text) < 100


async def test_a_change_is_saved_a_while_later(tmp_path: Path) -> None:
    store = MemoryStore(tmp_path / "m", {"a": Notes("x")}, pause=0.001)
    task = asyncio.ensure_future(store.run())
    store.want()
    while not (tmp_path / "m").exists():
        await asyncio.sleep(0.001)
    task.cancel()


async def test_the_loop_has_its_turns_while_much_is_saved(tmp_path: Path) -> None:
    turns = 0

    class Slow(Notes):
        def dump(self, now: int) -> Iterator[bytes]:
            for _ in range(20):
                until = time.perf_counter() + SLICE_SECONDS
                while time.perf_counter() < until:
                    pass
                seen.append(turns)
                yield b"\xa1x"

    seen: list[int] = []
    store = MemoryStore(tmp_path / "m", {"a": Slow()}, pause=0.0)
    task = asyncio.ensure_future(store.run())
    store.want()
    while not (tmp_path / "m").exists():
        turns += 1
        await asyncio.sleep(0)
    task.cancel()
    # After each part somebody else had a turn.
    assert sorted(set(seen)) == seen
    notes = Notes()
    assert MemoryStore(tmp_path / "m", {"a": notes}).load() == ()
    assert notes.text == "x" * 20

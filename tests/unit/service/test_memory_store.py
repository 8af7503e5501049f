import asyncio
import logging
from pathlib import Path

import msgspec
import pytest

from security_hooks.service.memory_store import MemoryStore


class Notes:
    def __init__(self, text: str = "") -> None:
        self.text = text

    def dump(self, now: int) -> bytes:
        return msgspec.msgpack.encode(self.text)

    def restore(self, data: bytes, now: int) -> None:
        self.text = msgspec.msgpack.decode(data, type=str)


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    MemoryStore(tmp_path / "m", {"a": Notes("one"), "b": Notes("two")}).save()
    first, second = Notes(), Notes("as it was")
    MemoryStore(tmp_path / "m", {"a": first, "new": second}).load()
    assert (first.text, second.text) == ("one", "as it was")
    assert (tmp_path / "m").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("damage", [b"", b"short", bytes(64)])
def test_a_damaged_file_is_forgotten_and_said(tmp_path: Path, damage: bytes, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "m").write_bytes(damage)
    notes = Notes("empty")
    MemoryStore(tmp_path / "m", {"a": notes}).load()
    assert notes.text == "empty"
    assert "is damaged" in caplog.text


def test_a_keeper_that_cannot_read_takes_nothing_from_the_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Other(Notes):
        def dump(self, now: int) -> bytes:
            return b"\xc1"

    MemoryStore(tmp_path / "m", {"a": Other(), "b": Notes("two")}).save()
    first, second = Notes("kept"), Notes()
    MemoryStore(tmp_path / "m", {"a": first, "b": second}).load()
    assert (first.text, second.text) == ("kept", "two")
    assert "of a is forgotten" in caplog.text


def test_a_directory_that_cannot_be_written_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        MemoryStore(tmp_path / "missing" / "m", {"a": Notes()}).save()
    assert "cannot be saved" in caplog.text


async def test_a_change_is_saved_a_while_later(tmp_path: Path) -> None:
    store = MemoryStore(tmp_path / "m", {"a": Notes("x")}, pause=0.001)
    task = asyncio.ensure_future(store.run())
    store.want()
    while not (tmp_path / "m").exists():
        await asyncio.sleep(0.001)
    task.cancel()

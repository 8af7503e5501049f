import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from security_hooks.audit.chain import START, raw_hash, seal
from security_hooks.audit.recovery import Found, recover
from security_hooks.model.record import Json

AT = "2026-11-21T12:00:00.000000000Z"
FIRST, HASH = seal(START, 1, AT, "decision", b"{}")
SECOND, HASH_2 = seal(HASH, 2, AT, "decision", b'{"x":"%b"}' % (b"y" * 200_000))


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[int]:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    path.chmod(0o600)
    return path


def test_no_log_starts_the_chain(directory: int) -> None:
    assert recover(directory) == Found(START, 0, None)


def test_whole_log_goes_on_where_it_ended(tmp_path: Path, directory: int) -> None:
    write(tmp_path / "00000001.jsonl", FIRST + SECOND)
    assert recover(directory) == Found(HASH_2, 2, "00000001.jsonl")


@pytest.mark.parametrize("torn", [SECOND[:-1], SECOND[:100], b"{", SECOND[:100] + b"\0" * 50, b"\0" * 4096])
def test_torn_line_is_cut_off_and_named(tmp_path: Path, directory: int, torn: bytes) -> None:
    path = write(tmp_path / "00000001.jsonl", FIRST + torn)
    note: dict[str, Json] = {"problem": "torn_line", "segment": "00000001.jsonl", "bytes": len(torn)}
    assert recover(directory) == Found(HASH, 1, "00000001.jsonl", (note,))
    assert path.read_bytes() == FIRST


def test_segment_that_holds_only_a_torn_line_is_dropped(tmp_path: Path, directory: int) -> None:
    write(tmp_path / "00000001.jsonl", FIRST)
    path = write(tmp_path / "00000002.jsonl", SECOND[:50])
    found = recover(directory)
    assert (found.head, found.seq, found.segment, len(found.notes)) == (HASH, 1, "00000001.jsonl", 1)
    assert not path.exists()


def test_empty_segment_is_dropped(tmp_path: Path, directory: int) -> None:
    write(tmp_path / "00000001.jsonl", FIRST)
    write(tmp_path / "00000002.jsonl", b"")
    assert recover(directory) == Found(HASH, 1, "00000001.jsonl")


@pytest.mark.parametrize("last", [SECOND.replace(b'"x"', b'"z"'), b"hello\n", SECOND[:-1] + b"x", b"\n"])
def test_broken_end_stays_and_the_chain_links_to_its_bytes(tmp_path: Path, directory: int, last: bytes) -> None:
    path = write(tmp_path / "00000001.jsonl", FIRST + last)
    digest = raw_hash(last.removesuffix(b"\n"))
    note: dict[str, Json] = {"problem": "broken_tail", "segment": "00000001.jsonl", "line_sha256": digest}
    assert recover(directory) == Found(digest, 2, None, (note,))
    assert path.read_bytes() == FIRST + last


def test_linked_segment_is_refused(tmp_path: Path, directory: int) -> None:
    write(tmp_path / "target", FIRST)
    (tmp_path / "00000001.jsonl").symlink_to(tmp_path / "target")
    with pytest.raises(OSError):
        recover(directory)

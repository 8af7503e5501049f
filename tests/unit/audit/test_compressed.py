import io
from pathlib import Path

import pytest

from security_hooks.audit.compressed import FRAME_BYTES, LOST, CompressedSegment, compressed

CONTENT = b"".join(b'{"number":%d}\n' % number for number in range(200_000))


def segment(content: bytes = CONTENT, size: int = FRAME_BYTES) -> bytes:
    return b"".join(compressed(content[start : start + size] for start in range(0, len(content), size)))


def opened(data: bytes) -> io.BufferedReader:
    return io.BufferedReader(CompressedSegment(io.BytesIO(data)))


def test_it_reads_as_what_it_was_and_is_smaller() -> None:
    data = segment()
    assert opened(data).read() == CONTENT
    assert list(opened(data)) == CONTENT.splitlines(keepends=True)
    assert len(data) < len(CONTENT) / 4


@pytest.mark.parametrize("offset", [0, 1, FRAME_BYTES - 1, FRAME_BYTES, 2 * FRAME_BYTES + 7, len(CONTENT) - 1])
def test_any_offset_is_what_it_was(offset: int) -> None:
    file = opened(segment())
    assert file.seek(offset) == offset
    assert file.readline() == io.BytesIO(CONTENT[offset:]).readline()
    assert file.seek(0, io.SEEK_END) == len(CONTENT)
    assert file.read() == b""


def test_a_frame_that_is_spoilt_is_one_line_of_nothing_and_the_rest_is_read() -> None:
    data = bytearray(segment(size=1000))
    data[len(data) // 3] ^= 0xFF
    read = opened(bytes(data)).read()
    assert len(read) == len(CONTENT)
    lost = read.count(LOST)
    assert 0 < lost <= 999
    assert read.startswith(CONTENT[: read.index(LOST)]) and read.endswith(CONTENT[read.rindex(LOST) + 2 :])


@pytest.mark.parametrize("cut", [1, 20, 2000])
def test_without_its_table_all_of_it_is_lost(cut: int) -> None:
    assert opened(segment()[:-cut]).read() == LOST + b"\n"
    assert opened(b"").read() == LOST + b"\n"


def test_a_frame_that_claims_more_than_the_table_takes_no_room() -> None:
    huge = segment(b"x" * 5000, 5000)
    small = segment(b"y" * 10, 10)
    # The table of the small one behind the frame of the large one.
    frame = huge[: huge.index(b"\x5e\x2a\x4d\x18")]
    table = bytearray(small[small.index(b"\x5e\x2a\x4d\x18") :])
    table[8:12] = len(frame).to_bytes(4, "little")
    assert opened(frame + bytes(table)).read() == LOST * 9 + b"\n"


def test_zstd_reads_it_too(tmp_path: Path) -> None:
    import zstandard

    with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(segment()), read_across_frames=True) as plain:
        assert plain.read() == CONTENT

"""The form of a compressed segment, and reading it at any place as if it were not compressed. Pure.

The form is zstd's seekable one: frames that each stand for themselves and carry a checksum, then a table of their sizes
in a frame that `zstd -d` passes over. An offset in the segment stays what it was. A frame that cannot be decompressed
reads as NUL bytes and a newline, as many as it stood for: no record holds a NUL, so `verify` knows it, and any other
reader meets a line that is no record and goes on behind it.
"""

import io
import struct
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import zstandard

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

FRAME_BYTES = 1 << 20
# A frame that claims more is none of ours, and no room is made for it.
LARGEST_FRAME = 1 << 24
LEVEL = 6
LOST = b"\0"
# https://github.com/facebook/zstd/blob/dev/contrib/seekable_format/zstd_seekable_compression_format.md
_HEAD = struct.Struct("<II")
_ENTRY = struct.Struct("<II")
_FOOT = struct.Struct("<IBI")
_SKIPPABLE = 0x184D2A5E
_SEEKABLE = 0x8F92EAB1


def compressed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """A segment's content, in chunks that become a frame each, to its compressed form, a frame and at last the table.

    Each frame was decompressed again before it is given; raises OSError where that is not what went in.
    """
    compressor = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True, write_content_size=True)
    entries: list[bytes] = []
    for chunk in chunks:
        try:
            frame = compressor.compress(chunk)
        except zstandard.ZstdError as error:
            raise OSError(str(error)) from error
        if _decompressed(frame, len(chunk)) != chunk:
            raise OSError("what was compressed does not give back what went in")
        entries.append(_ENTRY.pack(len(frame), len(chunk)))
        yield frame
    table = b"".join(entries) + _FOOT.pack(len(entries), 0, _SEEKABLE)
    yield _HEAD.pack(_SKIPPABLE, len(table)) + table


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where a frame stands in the file, and what part of the segment it is."""

    position: int
    length: int
    start: int
    size: int


class CompressedSegment(io.RawIOBase):
    """A compressed segment as a file to read and seek in; closes the file that it is given. Raises OSError."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        # Without its table nothing of the segment is known, not even how long it was.
        self._frames = _table_of(file) or [_Frame(0, 0, 0, 2)]
        self._starts = [frame.start for frame in self._frames]
        self._at = 0
        self._held = -1
        self._content = b""

    @property
    def size(self) -> int:
        """How long the segment is when it is not compressed."""
        last = self._frames[-1]
        return last.start + last.size

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to an offset of the segment as it was before it was compressed."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """Where reading goes on."""
        return self._at

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill the buffer with what there is of one frame; 0 at the end."""
        if self._at >= self.size:
            return 0
        index = bisect_right(self._starts, self._at) - 1
        if index != self._held:
            self._held, self._content = index, self._read(self._frames[index])
        view = memoryview(buffer).cast("B")
        begin = self._at - self._starts[index]
        piece = memoryview(self._content)[begin : begin + len(view)]
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
        super().close()

    def _read(self, frame: _Frame) -> bytes:
        self._file.seek(frame.position)
        content = _decompressed(self._file.read(frame.length), frame.size)
        return LOST * (frame.size - 1) + b"\n" if content is None else content


def _decompressed(frame: bytes, size: int) -> bytes | None:
    try:
        # Asked first, since room is made for what a frame says of itself.
        if zstandard.frame_content_size(frame) != size:
            return None
        content = zstandard.ZstdDecompressor().decompress(frame, max_output_size=size)
    except zstandard.ZstdError:
        return None
    return content if len(content) == size else None


def _table_of(file: BinaryIO) -> list[_Frame]:
    """The frames of a file; none where there is no table, or not one of this file."""
    end = file.seek(0, io.SEEK_END)
    if end < _HEAD.size + _FOOT.size:
        return []
    file.seek(end - _FOOT.size)
    count, flags, magic = _FOOT.unpack(file.read(_FOOT.size))
    length = count * _ENTRY.size + _FOOT.size
    if magic != _SEEKABLE or flags or end < _HEAD.size + length:
        return []
    file.seek(end - length - _HEAD.size)
    if _HEAD.unpack(file.read(_HEAD.size)) != (_SKIPPABLE, length):
        return []
    frames: list[_Frame] = []
    position = start = 0
    for compressed_size, size in _ENTRY.iter_unpack(file.read(length - _FOOT.size)):
        if not 0 < size <= LARGEST_FRAME:
            return []
        frames.append(_Frame(position, compressed_size, start, size))
        position += compressed_size
        start += size
    return frames if position == end - length - _HEAD.size else []

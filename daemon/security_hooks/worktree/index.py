"""The bytes of git's index to its entries: versions 2 to 4, with the trees that it remembers.

What is not understood whole is not read at all: an index that is split or sparse, or that was cut or changed.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from struct import Struct
from struct import error as struct_error

import msgspec

_HEADER = Struct(">4sII")
_ENTRY = Struct(">10I20sH")
_SUM = 20
_EXTENDED = 0x4000
_STAGE = 0x3000
_NAME = 0x0FFF
_NANO = 1_000_000_000
MOST_ENTRIES = 200_000


class UnreadableError(ValueError):
    """Why something of git's is not understood; caught by whoever looks for what is at stake."""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One file as git last saw it: times in nanoseconds, `size` and `inode` modulo 2**32."""

    written: int
    changed: int
    inode: int
    mode: int
    size: int
    blob: bytes


@dataclass(frozen=True, slots=True)
class Index:
    """The files by their paths in the work tree, and the trees known to be what the index holds, by directory (`b""`
    is the root). `is_merging`: some files have no single version.
    """

    entries: Mapping[bytes, Entry] = field(default_factory=dict)
    trees: Mapping[bytes, bytes] = field(default_factory=dict)
    is_merging: bool = False


def read_index(data: bytes) -> Index:
    """The index in these bytes; raises UnreadableError."""
    try:
        return _read(data)
    except (struct_error, ValueError, IndexError) as error:
        raise UnreadableError("the index is damaged") from error


def _read(data: bytes) -> Index:
    signature, version, count = _HEADER.unpack_from(data)
    if signature != b"DIRC" or version not in (2, 3, 4):
        raise UnreadableError("the index has a format of its own")
    if count > MOST_ENTRIES:
        raise UnreadableError("the index is too large")
    ending = data[-_SUM:]
    # Zeros where git was told not to spend the time.
    if ending != bytes(_SUM) and hashlib.sha1(data[:-_SUM], usedforsecurity=False).digest() != ending:
        raise UnreadableError("the index is damaged")
    entries: dict[bytes, Entry] = {}
    at, end, name, is_merging = _HEADER.size, len(data) - _SUM, b"", False
    unpack, size = _ENTRY.unpack_from, _ENTRY.size
    for _ in range(count):
        start = at
        cs, cn, ms, mn, _dev, inode, mode, _uid, _gid, length, blob, flags = unpack(data, at)
        at += size + (2 if flags & _EXTENDED else 0)
        if version == 4:
            kept, at = _offset_number(data, at)
            stop = data.index(b"\0", at, end)
            name = name[: len(name) - kept] + data[at:stop]
            at = stop + 1
        else:
            told = flags & _NAME
            stop = at + told if told < _NAME else data.index(b"\0", at, end)
            name = data[at:stop]
            at = start + (stop - start + 8 & ~7)
        is_merging |= bool(flags & _STAGE)
        entries[name] = Entry(ms * _NANO + mn, cs * _NANO + cn, inode, mode, length, blob)
    return Index(entries, _extensions(data, at, end), is_merging)


def _extensions(data: bytes, at: int, end: int) -> dict[bytes, bytes]:
    trees: dict[bytes, bytes] = {}
    while at + 8 <= end:
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "big")
        body = data[at + 8 : at + 8 + size]
        at += 8 + size
        if name == b"TREE":
            trees = _trees(body)
        elif not name[:1].isupper():
            # Git itself refuses an index with one of these that it does not know.
            raise UnreadableError("the index is split or sparse")
    return trees


def _trees(body: bytes) -> dict[bytes, bytes]:
    """Directories whose tree git has written as the index holds it."""
    trees: dict[bytes, bytes] = {}
    at = 0
    # The directories above, each with how many below it are still to come.
    above: list[tuple[bytes, int]] = []
    while at < len(body):
        stop = body.index(b"\0", at)
        line = body.index(b"\n", stop)
        count, below = map(int, body[stop + 1 : line].split(b" "))
        while above and not above[-1][1]:
            above.pop()
        parent = b""
        if above:
            parent, left = above[-1]
            above[-1] = (parent, left - 1)
        name = b"/".join(part for part in (parent, body[at:stop]) if part)
        at = line + 1
        if count >= 0:
            trees[name] = body[at : at + _SUM]
            at += _SUM
        above.append((name, below))
    return trees


def _offset_number(data: bytes, at: int) -> tuple[int, int]:
    """A number as packs and indices write offsets, and what comes after it."""
    byte = data[at]
    at += 1
    value = byte & 0x7F
    while byte & 0x80:
        byte = data[at]
        at += 1
        value = (value + 1 << 7) | (byte & 0x7F)
    return value, at

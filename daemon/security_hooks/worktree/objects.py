"""Git's objects from the bytes that hold them: loose files, packs with their indices, deltas; commits and trees.

Bounded in what one object may hold. What is not understood raises; nothing is guessed.
"""

import zlib
from collections.abc import Callable, Iterator
from struct import Struct
from typing import Protocol

from security_hooks.worktree.index import UnreadableError

MOST_BYTES = 8 << 20
_MOST_DELTAS = 64
_KINDS = {1: b"commit", 2: b"tree", 3: b"blob", 4: b"tag"}
_OFS_DELTA, _REF_DELTA = 6, 7
_FANOUT, _LARGE = Struct(">I"), Struct(">Q")
_HEAD = 8
_NAMES = _HEAD + 256 * 4

Found = tuple[bytes, bytes]
"""The kind of an object and its content."""


class Buffer(Protocol):
    """Bytes that may be those of a mapped file."""

    def __len__(self) -> int:
        """How many there are."""

    def __getitem__(self, key: slice, /) -> bytes:
        """Some of them."""


def read_loose(data: bytes) -> Found:
    """The object in a file of its own; raises UnreadableError."""
    plain = _inflated(data)
    head, _, content = plain.partition(b"\0")
    return head.partition(b" ")[0], content


def find_in_pack(index: Buffer, name: bytes) -> int | None:
    """Where a pack holds an object, by its index (version 2); raises UnreadableError."""
    if index[0:_HEAD] != b"\xfftOc\0\0\0\x02":
        raise UnreadableError("a pack has an index of an old format")
    low = 0 if not name[0] else _number(index, _HEAD + (name[0] - 1) * 4)
    high = _number(index, _HEAD + name[0] * 4)
    total = _number(index, _HEAD + 255 * 4)
    while low < high:
        middle = (low + high) // 2
        here = index[_NAMES + middle * 20 : _NAMES + middle * 20 + 20]
        if here == name:
            offsets = _NAMES + total * 24
            offset = _number(index, offsets + middle * 4)
            if offset < 1 << 31:
                return offset
            at = offsets + total * 4 + (offset - (1 << 31)) * 8
            return int(_LARGE.unpack(index[at : at + 8])[0])
        low, high = (middle + 1, high) if here < name else (low, middle)
    return None


def read_packed(pack: Buffer, offset: int, find: Callable[[bytes], Found]) -> Found:
    """The object at an offset of a pack; `find` gets one by its name for deltas. Raises UnreadableError."""
    deltas: list[bytes] = []
    while len(deltas) <= _MOST_DELTAS:
        kind, at = _kind(pack, offset)
        if kind in _KINDS:
            return _KINDS[kind], _applied(_inflate_at(pack, at), deltas)
        if kind == _REF_DELTA:
            deltas.append(_inflate_at(pack, at + 20))
            base_kind, base = find(pack[at : at + 20])
            return base_kind, _applied(base, deltas)
        if kind != _OFS_DELTA:
            break
        back, at = _back(pack, at)
        deltas.append(_inflate_at(pack, at))
        offset -= back
        if back <= 0 or offset < 0:
            break
    raise UnreadableError("an object cannot be read")


def tree_of(commit: bytes) -> bytes:
    """The name of a commit's tree; raises UnreadableError."""
    first, _, rest = commit.partition(b"\n")
    if not first.startswith(b"tree ") or not rest:
        raise UnreadableError("the last commit cannot be read")
    return bytes.fromhex(first[5:].decode("ascii", "replace"))


def entries_of(tree: bytes) -> Iterator[tuple[bytes, int, bytes]]:
    """Name, mode and object of each entry of a tree; raises UnreadableError."""
    at = 0
    while at < len(tree):
        stop = tree.find(b"\0", at)
        mode, blank, name = tree[at:stop].partition(b" ")
        if stop < 0 or not blank or len(tree) < stop + 21:
            raise UnreadableError("a tree cannot be read")
        yield name, int(mode, 8), tree[stop + 1 : stop + 21]
        at = stop + 21


def _kind(pack: Buffer, at: int) -> tuple[int, int]:
    byte = _byte(pack, at)
    kind = byte >> 4 & 7
    while byte & 0x80:
        at += 1
        byte = _byte(pack, at)
    return kind, at + 1


def _back(pack: Buffer, at: int) -> tuple[int, int]:
    byte = _byte(pack, at)
    value = byte & 0x7F
    while byte & 0x80:
        at += 1
        byte = _byte(pack, at)
        value = (value + 1 << 7) | (byte & 0x7F)
    return value, at + 1


def _applied(content: bytes, deltas: list[bytes]) -> bytes:
    for delta in reversed(deltas):
        content = _patched(content, delta)
    return content


def _patched(base: bytes, delta: bytes) -> bytes:
    size, at = _size(delta, 0)
    wanted, at = _size(delta, at)
    if size != len(base) or wanted > MOST_BYTES:
        raise UnreadableError("an object cannot be read")
    parts: list[bytes] = []
    while at < len(delta):
        order = delta[at]
        at += 1
        if not order & 0x80:
            parts.append(delta[at : at + order])
            at += order
            continue
        numbers = []
        for bits in (range(4), range(4, 7)):
            number = 0
            for place, bit in enumerate(bits):
                if order >> bit & 1:
                    number |= _byte(delta, at) << 8 * place
                    at += 1
            numbers.append(number)
        start, length = numbers
        parts.append(base[start : start + (length or 0x10000)])
    content = b"".join(parts)
    if len(content) != wanted:
        raise UnreadableError("an object cannot be read")
    return content


def _size(delta: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = _byte(delta, at)
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return value, at


def _inflate_at(pack: Buffer, at: int) -> bytes:
    # Nobody knows how long it is before it is read.
    piece = 4096
    while True:
        engine = zlib.decompressobj()
        given = pack[at : at + piece]
        try:
            plain = engine.decompress(given, MOST_BYTES + 1)
        except zlib.error as error:
            raise UnreadableError("an object cannot be read") from error
        if engine.eof and len(plain) <= MOST_BYTES:
            return plain
        if len(given) < piece or len(plain) > MOST_BYTES:
            raise UnreadableError("an object cannot be read")
        piece *= 16


def _inflated(data: bytes) -> bytes:
    return _inflate_at(data, 0)


def _byte(data: Buffer, at: int) -> int:
    piece = data[at : at + 1]
    if not piece:
        raise UnreadableError("an object cannot be read")
    return piece[0]


def _number(index: Buffer, at: int) -> int:
    piece = index[at : at + 4]
    if len(piece) < 4:
        raise UnreadableError("a pack cannot be read")
    return int(_FANOUT.unpack(piece)[0])

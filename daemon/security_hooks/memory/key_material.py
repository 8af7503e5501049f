"""What of a private key is private. The text of one holds its public half, too, which people hand out.

Reads the two forms that keys are written in without a passphrase, as far as that takes: DER (PKCS#1, PKCS#8, SEC 1)
and OpenSSH's own. What cannot be read, an encrypted key among it, is private as a whole. Never raises.
"""

import binascii
import re
from collections.abc import Iterator

_ARMOUR = re.compile(r"-----[A-Z0-9 ]+-----|^[A-Za-z][A-Za-z-]*: .*$|\\+[nrt]", re.MULTILINE)
_BODY = re.compile(r"[A-Za-z0-9+/]{16,}={0,2}")
_OPENSSH = b"openssh-key-v1\0"
_SEQUENCE, _INTEGER, _BITS, _OCTETS = 0x30, 0x02, 0x03, 0x04
_DEEPEST = 6
_LEAST = 16
# Of an RSA key the first long number is its modulus, of others there are fewer numbers.
_RSA_NUMBERS = 6


def key_material(text: str) -> tuple[str, ...]:
    """The pieces of a key's text that hold what is private, each without its line ends."""
    body = "".join(_BODY.findall(_joined(_ARMOUR.sub("\n", text))))
    if len(body) < _LEAST:
        return ()
    try:
        data = binascii.a2b_base64(body + "=" * (-len(body) % 4))
    except ValueError:
        return (body,)
    spans = list(_openssh(data) if data.startswith(_OPENSSH) else _der(data, 0, len(data), 0))
    # Whole characters: those at the ends hold bits of what stands beside.
    pieces = (body[-(-start * 4 // 3) : end * 4 // 3] for start, end in spans)
    return tuple(piece for piece in pieces if len(piece) >= _LEAST) or (body,)


def _joined(text: str) -> str:
    return re.sub(r"[\s\"',\\]+", "", text)


def _openssh(data: bytes) -> Iterator[tuple[int, int]]:
    at = len(_OPENSSH)
    fields: list[tuple[int, int]] = []
    for number in range(6):
        if number == 3:
            # The number of keys, which is one.
            at += 4
            continue
        size = int.from_bytes(data[at : at + 4], "big")
        fields.append((at + 4, min(at + 4 + size, len(data))))
        at += 4 + size
    if len(fields) < 5 or fields[4][0] >= len(data):
        return
    public = data[slice(*fields[3])]
    start, end = fields[4]
    if data[slice(*fields[0])] != b"none":
        yield start, end
        return
    known = [public[slice(*span)] for span in _strings(public, 0, len(public))]
    at = start + 8
    for first, last in _strings(data, at, end):
        field = data[first:last]
        if last - first >= _LEAST and field not in known:
            # The private number of Ed25519 is followed by the public one.
            tail = max((len(part) for part in known if len(part) >= _LEAST and field.endswith(part)), default=0)
            yield first, last - tail


def _strings(data: bytes, at: int, end: int) -> Iterator[tuple[int, int]]:
    while at + 4 <= end:
        size = int.from_bytes(data[at : at + 4], "big")
        if at + 4 + size > end:
            return
        yield at + 4, at + 4 + size
        at += 4 + size


def _der(data: bytes, at: int, end: int, depth: int) -> Iterator[tuple[int, int]]:
    """The private leaves between two places."""
    parts = list(_elements(data, at, end))
    numbers = [span for tag, *span in parts if tag == _INTEGER]
    modulus = (
        next((span for span in numbers if span[1] - span[0] >= 64), None) if len(numbers) >= _RSA_NUMBERS else None
    )
    for tag, first, last in parts:
        if tag == _BITS or [first, last] == modulus:
            continue
        if tag == _SEQUENCE and depth < _DEEPEST:
            yield from _der(data, first, last, depth + 1)
        elif tag == _OCTETS and data[first : first + 1] in (b"\x30", b"\x04") and depth < _DEEPEST:
            inner = list(_der(data, first, last, depth + 1))
            yield from inner or ((first, last),)
        elif tag in (_INTEGER, _OCTETS) and last - first >= _LEAST:
            yield first, last


def _elements(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Tag, start and end of the content of each element; a cut one ends the walk."""
    while at + 2 <= end:
        tag, size = data[at], data[at + 1]
        at += 2
        if size & 0x80:
            count = size & 0x7F
            size = int.from_bytes(data[at : at + count], "big")
            at += count
        if at + size > end:
            # A key of which only the beginning was seen.
            if at < end:
                yield tag, at, end
            return
        yield tag, at, at + size
        at += size

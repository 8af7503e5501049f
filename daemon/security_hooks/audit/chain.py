"""One link of the chain: fields to a sealed line, a line back to its parts. Pure.

A line is the canonical encoding of the whole record and a newline; `hash` is the SHA-256 of the same encoding
without the member `hash`, and `prev` the `hash` of the record before. Since `fields` sorts before everything of
variable length but the time, what follows it has a fixed form, and a line is checked without parsing it.
"""

import hashlib
import re
from dataclasses import dataclass

VERSION = 1
START = "0" * 64
_OPENING = b'{"at":"'

_LINE = re.compile(
    rb'\{"at":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z","fields":\{[ -~]*\}'
    rb'(,"hash":"([0-9a-f]{64})"),"kind":"[a-z_]{1,40}","prev":"([0-9a-f]{64})","seq":([1-9]\d{0,15}),"v":\d{1,4}\}'
)


@dataclass(frozen=True, slots=True)
class Link:
    """What the chain needs to know of one record."""

    seq: int
    prev: str
    hash: str


def seal(prev: str, seq: int, at: str, kind: str, fields: bytes) -> tuple[bytes, str]:
    """The line of a record, newline included, and its hash. `fields` is canonical, `at` from `encode.timestamp`."""
    head = b'{"at":"%b","fields":%b' % (at.encode("ascii"), fields)
    tail = b',"kind":"%b","prev":"%b","seq":%d,"v":%d}' % (kind.encode("ascii"), prev.encode("ascii"), seq, VERSION)
    digest = hashlib.sha256(head + tail).hexdigest()
    return b'%b,"hash":"%b"%b\n' % (head, digest.encode("ascii"), tail), digest


def unseal(line: bytes) -> Link | None:
    """The link of a line (without its newline); None where it is no record or its own hash is wrong."""
    form = _LINE.fullmatch(line)
    if form is None:
        return None
    start, end = form.span(1)
    digest = hashlib.sha256(line[:start])
    digest.update(line[end:])
    claimed = form[2].decode("ascii")
    if digest.hexdigest() != claimed:
        return None
    return Link(int(form[4]), form[3].decode("ascii"), claimed)


def raw_hash(line: bytes) -> str:
    """What the next record links to where a line has no valid hash of its own: the SHA-256 of its bytes."""
    return hashlib.sha256(line).hexdigest()


def may_be_torn(tail: bytes) -> bool:
    """Whether bytes without a newline can be what a crash leaves of a record: a true beginning, then maybe zeros."""
    text = tail.rstrip(b"\0")
    if not text.startswith(_OPENING[: len(text)]) or any(byte < 0x20 or byte > 0x7E for byte in text):
        return False
    # A whole record with one more byte is not torn: its newline was overwritten.
    return unseal(tail[:-1]) is None

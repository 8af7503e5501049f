"""What decoders and encoders make of a known input: base 64, 32 and 16, hexadecimal dumps, gzip."""

import base64
import binascii
import re
import zlib
from collections.abc import Sequence

from security_hooks.shell.flags import read_flags
from security_hooks.shell.printed import MOST_BYTES, Printed

_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_BASE32 = re.compile(rb"(?:[A-Z2-7]{8})*(?:[A-Z2-7]{2}={6}|[A-Z2-7]{4}={4}|[A-Z2-7]{5}={3}|[A-Z2-7]{7}=)?")
_HEXADECIMAL = re.compile(rb"(?:[0-9A-Fa-f]{2}|[ \n])*")
_GZIP_WINDOW = 31
# What one line holds where lines are wrapped.
_WRAPPED = 76
_DUMPED = 30


def base64_of(arguments: Sequence[str], given: bytes) -> Printed | None:
    """`base64`."""
    return _based(arguments, given, is_64=True)


def base32_of(arguments: Sequence[str], given: bytes) -> Printed | None:
    """`base32`."""
    return _based(arguments, given, is_64=False)


def _based(arguments: Sequence[str], given: bytes, *, is_64: bool) -> Printed | None:
    flags = read_flags(arguments, bare="dD", valued="w", long="d=decode w=wrap")
    if flags is None or not flags.reads_stdin:
        return None
    if flags.has("d") or flags.has("D"):
        return _decoded(given.replace(b"\n", b""), is_64=is_64)
    encoded = base64.b64encode(given) if is_64 else base64.b32encode(given)
    if flags.has("w"):
        return Printed(encoded) if flags.one("w") == "0" else None
    # Some wrap lines, some do not.
    return Printed(encoded + b"\n") if 0 < len(encoded) <= _WRAPPED else None


def _decoded(text: bytes, *, is_64: bool) -> Printed | None:
    """Only what is whole: of the rest, some systems decode more than others."""
    if not (_BASE64 if is_64 else _BASE32).fullmatch(text):
        return None
    return Printed(base64.b64decode(text) if is_64 else base64.b32decode(text))


def openssl_of(arguments: Sequence[str], given: bytes) -> Printed | None:
    """`openssl base64 -d`, `openssl enc -base64 -d`."""
    words = list(arguments)
    if words[:1] == ["enc"] and words.count("-base64") == 1:
        words = ["base64", *(word for word in words[1:] if word != "-base64")]
    if words[:1] != ["base64"] or words.count("-d") != 1 or not set(words[1:]) <= {"-d", "-A"}:
        return None
    lines = given.split(b"\n")
    is_one = "-A" in words
    if any(len(line) > _WRAPPED for line in lines) and not (is_one and len(given) < 1024 and len(lines) <= 2):
        return None
    if is_one and (len(lines) > 2 or lines[1:] not in ([], [b""])):
        return None
    # A last line that does not end is passed over.
    return _decoded(b"".join(lines), is_64=True) if is_one or given.endswith(b"\n") else None


def xxd_of(arguments: Sequence[str], given: bytes) -> Printed | None:
    """`xxd -p` and `xxd -r -p`."""
    words = [word for word in arguments if word not in ("-", "/dev/stdin")]
    plain = [word for word in words if word in ("-p", "-ps", "-plain", "-postscript")]
    backwards = [word for word in words if word in ("-r", "-revert")]
    if not plain or len(plain) + len(backwards) != len(words) or len(arguments) > len(words) + 1:
        return None
    if not backwards:
        rows = [given[start : start + _DUMPED] for start in range(0, len(given), _DUMPED)]
        return Printed(b"".join([binascii.hexlify(row) + b"\n" for row in rows]))
    if not _HEXADECIMAL.fullmatch(given):
        return None
    return Printed(binascii.unhexlify(given.replace(b" ", b"").replace(b"\n", b"")))


def gunzip_of(arguments: Sequence[str], given: bytes) -> Printed | None:
    """`gunzip`, `zcat`."""
    flags = read_flags(arguments, bare="cdfkq", long="c=stdout d=decompress f=force k=keep q=quiet")
    if flags is None or flags.operands not in ([], ["-"]):
        return None
    inflater = zlib.decompressobj(_GZIP_WINDOW)
    try:
        data = inflater.decompress(given, MOST_BYTES + 1)
    except zlib.error:
        return None
    return Printed(data) if inflater.eof and not inflater.unused_data and len(data) <= MOST_BYTES else None


def gzip_of(arguments: Sequence[str], given: bytes) -> Printed | None:
    """`gzip -d`; what it packs holds a time."""
    flags = read_flags(arguments, bare="cdfkq", long="c=stdout d=decompress f=force k=keep q=quiet")
    return gunzip_of(arguments, given) if flags is not None and flags.has("d") else None

"""Data in an address: what asks a server for a page may as well tell it something."""

import re
from base64 import b64decode, urlsafe_b64decode
from binascii import Error
from collections.abc import Iterator
from urllib.parse import unquote_plus

from security_hooks.secrets.entropy import shannon
from security_hooks.secrets.shapes import find, may_hold

LONGEST = 32_768
# More than anybody asks for: the longest search terms and lists of fields have some hundreds.
_LONG_TEXT = 1_500
_LONG_RANDOM = 160
_LONG_LABELS = 60
_LEAST_ENCODED = 32
_RANDOM = 4.0
_PARTS = re.compile(r"[/?#&;=,]+")
_ENCODED = re.compile(r"[A-Za-z0-9+_-]{32,}={0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){16,}")
# Signatures and tickets of addresses that somebody else made.
_SIGNED = re.compile(r"[?&](?:x-amz-|x-goog-|signature=|sig=|key-pair-id=|policy=|hdnts=|__token__=)", re.IGNORECASE)
_SIGNATURES = frozenset(("secret", "aws-access-key-id", "azure-sas"))
_WORDLIKE = re.compile(r"[A-Za-z0-9]{2,}")


def carries_data(url: str) -> bool:
    """Whether an address holds a secret, encoded text, or more text or random signs than an address has need of."""
    address = url[:LONGEST]
    host, rest = _split(address)
    is_signed = _SIGNED.search(address) is not None
    if _is_random_name(host) or _holds_secret(address, rest, is_signed=is_signed):
        return True
    query = re.split(r"[?#]", rest, maxsplit=1)
    asked = query[1] if len(query) > 1 else ""
    if len(unquote_plus(asked)) > _LONG_TEXT and not is_signed:
        return True
    return any(_is_encoded_text(part) or (not is_signed and _is_random(part)) for part in _values(rest))


def _holds_secret(address: str, rest: str, *, is_signed: bool) -> bool:
    """Whether there is a secret besides what an address is signed with."""
    if not may_hold(address):
        return False
    if any(span.kind not in _SIGNATURES for span in find(address)):
        return True
    # By itself: beside its name it may have passed for a signature.
    values = (value for value in _values(rest) for _ in find(value))
    return any(True for _ in (values if is_signed else find(address)))


def _split(address: str) -> tuple[str, str]:
    behind = address.partition("://")[2] or address
    end = re.search(r"[/?#]", behind)
    return (behind, "") if end is None else (behind[: end.start()], behind[end.start() :])


def _values(rest: str) -> Iterator[str]:
    for part in _PARTS.split(rest):
        if len(part) >= _LEAST_ENCODED:
            yield unquote_plus(part).replace(" ", "+")


def _is_encoded_text(value: str) -> bool:
    """Whether a value is base64 or hexadecimal, and of what a person could read."""
    if _HEX.fullmatch(value):
        return _is_text(bytes.fromhex(value))
    if not _ENCODED.fullmatch(value):
        return False
    bare = value.rstrip("=")
    padded = bare + "=" * (-len(bare) % 4)
    try:
        decoded = urlsafe_b64decode(padded) if "-" in bare or "_" in bare else b64decode(padded)
    except (Error, ValueError):
        return False
    return _is_text(decoded)


def _is_text(data: bytes) -> bool:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    if sum(map(str.isalnum, text)) * 2 < len(text):
        return False
    plain = sum(char.isalnum() or char.isspace() or char in "{}[]():=,.;'\"/_-@" for char in text)
    return all(char.isprintable() or char.isspace() for char in text) and plain * 10 >= len(text) * 9


def _is_random(value: str) -> bool:
    return len(value) > _LONG_RANDOM and _ENCODED.fullmatch(value) is not None and shannon(value) > _RANDOM


def _is_random_name(host: str) -> bool:
    """Whether the labels of a name are long and of one piece, as those that carry data to a name server."""
    labels = host.rpartition("@")[2].partition(":")[0].split(".")[:-2]
    long = [label for label in labels if len(label) > 20 and _WORDLIKE.fullmatch(label)]
    return sum(map(len, long)) > _LONG_LABELS or any(_HEX.fullmatch(label) for label in long)

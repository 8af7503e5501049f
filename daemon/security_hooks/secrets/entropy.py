"""How random a string looks: what tells a key without a shape from a word, a name or a path. Pure."""

import math
import re
from collections import Counter

SHORTEST = 16
_HEX = re.compile(r"[0-9a-fA-F]+")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_SEPARATOR = re.compile(r"[/._~+=-]+")
_WORD = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{2,}")
_LOWER = re.compile(r"[a-z]{3,}")
# What names things in public and looks random: public keys, digests with their algorithm in front.
_PUBLIC = re.compile(r"AAAA[BCE][23]Nza|sha(?:1|224|256|384|512)[-:=]|md5[-:=]|(?:https?|file|s3|gs):|arn:")


def shannon(text: str) -> float:
    """The entropy of the text's characters, in bits per character; 0.0 for an empty text."""
    size = len(text)
    if size == 0:
        return 0.0
    return -sum(count / size * math.log2(count / size) for count in Counter(text).values())


def looks_random(text: str) -> bool:
    """Whether a string beside a name like `key` is more likely a generated secret than anything a person chose."""
    if len(text) < SHORTEST or not text.isascii() or _PUBLIC.match(text):
        return False
    if _UUID.fullmatch(text):
        return True
    text = text.rstrip("=")
    letters = sum(map(str.isalpha, text))
    digits = sum(map(str.isdigit, text))
    if not digits or not letters:
        return False
    if _HEX.fullmatch(text):
        return len(text) >= 20 and shannon(text) >= 2.9
    # Words joined by dashes, dots or slashes, and names in camel case, are what people write.
    size = len(text)
    if 3 * sum(len(part) for part in _SEPARATOR.split(text) if _WORD.fullmatch(part)) >= size:
        return False
    if digits * 6 < size and 2 * sum(map(len, _LOWER.findall(text))) >= size:
        return False
    mixed = any(map(str.isupper, text)) and any(map(str.islower, text))
    return shannon(text) >= (3.3 if mixed or digits * 6 >= size else 3.7)

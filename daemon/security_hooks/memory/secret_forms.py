r"""The forms in which a text may carry a value: as it stands, and as what is encoded in it turns out to be.

Base64 is found at whatever place and alignment it stands, also cut into labels of a name or joined by `" + "`; hex with
or without separators (`\x41`, `41 42`); percent-encoding. What comes out is looked through again, a few times. Only
encoded printable text is found, which is what secrets are; the work is bounded by the text's length.
"""

import binascii
import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

import re2

_DEEPEST = 3
# Pieces that are decoded from one text, and characters in all for each of its own.
_MOST_PIECES = 64
_MOST_TIMES = 3
_QUAD = "[I-Za-f][C-HS-Xi-nyz0-3][ABEFIJMNQRUVYZcdghklopstwx014589]"
# Which characters base64 has for printable text: three of each four are bound to be of a few.
_LEAST_BASE64, _LEAST_PAIRS = 16, 12
_BASE64 = re2.compile(f"(?:{_QUAD}[A-Za-z0-9+/_-]){{4,}}(?:[I-Za-f][A-Za-z0-9+/_-]{{1,2}})?".encode())
_HEX = re2.compile(rb"(?:[^0-9A-Za-z]{0,3}(?:0?x)?[2-7][0-9A-Fa-f]){12,}")
_PAIR = re.compile(rb"[2-7][0-9A-Fa-f]")
_PREFIX = re.compile(rb"0?x(?=[2-7][0-9A-Fa-f])")
_GLUE = re.compile(rb"""["'`]\s*[+.,]?\s*["'`]""")
_APART = b" \t\r\n\"'`.,\\"
_TO_STANDARD = bytes.maketrans(b"-_", b"+/")
_QUOTES = (b'"', b"'", b"`")


def forms(data: bytes) -> Iterator[bytes]:
    """The text and all that is encoded in it, outermost first."""
    waiting = [(data, 0)]
    pieces, left = 0, _MOST_TIMES * len(data)
    while waiting:
        text, depth = waiting.pop(0)
        yield text
        if depth == _DEEPEST:
            continue
        for piece in _decoded(text):
            pieces += 1
            left -= len(piece)
            if pieces > _MOST_PIECES or left < 0:
                return
            waiting.append((piece, depth + 1))


def _decoded(text: bytes) -> Iterator[bytes]:
    if b"%" in text:
        plain = unquote_to_bytes(text)
        if plain != text:
            yield plain
    if any(quote in text for quote in _QUOTES):
        joined = _GLUE.sub(b"", text).translate(None, _APART)
    else:
        joined = text.translate(None, _APART)
    if len(joined) >= _LEAST_BASE64 and _BASE64.search(joined) is not None:
        for match in _BASE64.finditer(joined):
            yield _of_base64(match[0])
    # Each pair begins with one of these.
    if len(text) - len(text.translate(None, b"234567")) >= _LEAST_PAIRS and _HEX.search(text) is not None:
        for match in _HEX.finditer(text):
            yield binascii.unhexlify(b"".join(_PAIR.findall(_PREFIX.sub(b"", match[0]))))


def _of_base64(run: bytes) -> bytes:
    run = run.translate(_TO_STANDARD)
    if len(run) % 4 == 1:
        run = run[:-1]
    return binascii.a2b_base64(run + b"=" * (-len(run) % 4))

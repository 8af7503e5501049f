"""What functions without effect make of what is known: texts, numbers, lists, decoders, path arithmetic."""

import ast
import base64
import binascii
import codecs
import posixpath
import re
import urllib.parse
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from security_hooks.model.word import Hole, HoleKind, Origin
from security_hooks.shell.inline.datum import (
    ANY,
    MOST_TEXT,
    Datum,
    alternatives,
    derived,
    joined,
    literal_of,
    plain,
    text,
    value_of,
)

_CODECS = frozenset(
    [
        "utf8",
        "utf_8",
        "ascii",
        "latin1",
        "latin_1",
        "iso8859_1",
        "cp1252",
        "utf_16",
        "utf_16_le",
        "utf_16_be",
        "utf16",
        "utf16le",
        "unicode_escape",
        "raw_unicode_escape",
        "binary",
    ]
)
_GLOB = re.compile(r"\*\*?|\?|\[[^\]/]+\]")
Fold = Callable[[Datum | None, Sequence[Datum]], Datum]


def decoded(data: bytes, how: str) -> Datum:
    """Bytes read as text."""
    name = how.lower().replace("-", "_")
    if name not in _CODECS:
        return text(data.decode("utf-8", "replace"))
    name = {"binary": "latin1", "utf16le": "utf_16_le"}.get(name, name)
    return text(data.decode(name, "replace"))


def bytes_of(datum: Datum) -> bytes | None:
    """The bytes that it is, or that its text is made of; None where a part is not known."""
    if datum.is_plain and isinstance(datum.plain, bytes):
        return datum.plain
    literal = literal_of(datum)
    return None if literal is None else literal.encode("utf-8", "surrogatepass")


def _by_bytes(decode: Callable[[bytes], bytes]) -> Fold:
    def fold(receiver: Datum | None, arguments: Sequence[Datum]) -> Datum:
        whole = arguments[0] if arguments else receiver
        if whole is None:
            return derived(arguments)
        data = bytes_of(whole)
        if data is None or len(data) > 4 * MOST_TEXT:
            return derived(arguments or (whole,), Origin.DECODED)
        return Datum(plain=decode(data), is_plain=True, sources=whole.sources)

    return fold


def _inflate(bits: int) -> Callable[[bytes], bytes]:
    def decode(data: bytes) -> bytes:
        return zlib.decompressobj(bits).decompress(data, 4 * MOST_TEXT)

    return decode


def _base64(data: bytes) -> bytes:
    cleaned = data.translate(bytes.maketrans(b"-_", b"+/"), b" \t\r\n=")
    return binascii.a2b_base64(cleaned + b"=" * (-len(cleaned) % 4))


def _rot13(receiver: Datum | None, arguments: Sequence[Datum]) -> Datum:
    whole = receiver if not arguments else arguments[0]
    literal = literal_of(whole) if whole is not None else None
    return text(codecs.encode(literal, "rot13")) if literal is not None else derived(arguments, Origin.DECODED)


def _codec(_receiver: Datum | None, arguments: Sequence[Datum]) -> Datum:
    """`codecs.decode(data, how)`, `Buffer.from(text, how)`: what `how` says."""
    how = (literal_of(arguments[1]) if len(arguments) > 1 else None) or "utf-8"
    how = how.lower().replace("-", "").replace("_", "").replace("codec", "")
    fold = _CODEC_FOLDS.get(how)
    if fold is not None:
        return fold(None, arguments[:1])
    if arguments and arguments[0].items is not None:
        data = bytes([item.plain & 255 for item in arguments[0].items if isinstance(item.plain, int)])
        return Datum(plain=data, is_plain=True)
    data_or_none = bytes_of(arguments[0]) if arguments else None
    return arguments[0] if data_or_none is None and arguments else plain(data_or_none)


def _to_text(receiver: Datum | None, arguments: Sequence[Datum]) -> Datum:
    """`data.decode(how)`, `buffer.toString(how)`."""
    if receiver is None:
        return derived(arguments)
    how = literal_of(arguments[0]) if arguments else None
    if receiver.is_plain and isinstance(receiver.plain, bytes):
        if how == "base64":
            return text(base64.b64encode(receiver.plain).decode())
        if how == "hex":
            return text(receiver.plain.hex())
        return decoded(receiver.plain, how or "utf-8")
    return receiver if receiver.parts is not None else joined((receiver,))


def _joined_paths(receiver: Datum | None, arguments: Sequence[Datum]) -> Datum:
    """Path arithmetic: an absolute part starts anew."""
    data = list(arguments) if receiver is None else [receiver, *arguments]
    start = 0
    for number, datum in enumerate(data):
        value = value_of(datum)
        if value and isinstance(value[0], str) and value[0].startswith("/"):
            start = number
    data = [datum for datum in data[start:] if datum.parts != ()]
    pieces: list[Datum] = []
    for number, datum in enumerate(data):
        last = pieces[-1].parts if pieces else None
        if number and not (last and isinstance(last[-1], str) and last[-1].endswith("/")):
            pieces.append(text("/"))
        pieces.append(datum)
    return joined(pieces)


def _joined_all(_receiver: Datum | None, arguments: Sequence[Datum]) -> Datum:
    """`path.join` of JavaScript: an absolute part is one like any other."""
    return joined(arguments, "/")


def _path_part(take: Callable[[str], str]) -> Fold:
    def fold(receiver: Datum | None, arguments: Sequence[Datum]) -> Datum:
        whole = arguments[0] if arguments else receiver
        literal = literal_of(whole) if whole is not None else None
        if literal is None:
            return derived([d for d in (receiver, *arguments) if d is not None])
        return text(take(literal))

    return fold


def _same(receiver: Datum | None, arguments: Sequence[Datum]) -> Datum:
    if receiver is not None:
        return receiver
    return arguments[0] if arguments else derived(())


def _first(_receiver: Datum | None, arguments: Sequence[Datum]) -> Datum:
    return arguments[0] if arguments else derived(())


def _concatenated(receiver: Datum | None, arguments: Sequence[Datum]) -> Datum:
    data = [receiver, *arguments] if receiver is not None else list(arguments)
    if receiver is not None and receiver.items is not None:
        added = [item for datum in arguments for item in (datum.items if datum.items is not None else (datum,))]
        return Datum(items=(*receiver.items, *added))
    return joined(data)


def _glued(receiver: Datum | None, arguments: Sequence[Datum]) -> Datum:
    """`between.join(items)` and `items.join(between)`."""
    data = [receiver, *arguments] if receiver is not None else list(arguments)
    lists = [datum for datum in data if datum.items is not None]
    between = next(
        (literal for datum in data if datum.items is None and (literal := literal_of(datum)) is not None), ""
    )
    return joined(lists[0].items or (), between) if lists else derived(data)


def _listed(receiver: Datum | None, arguments: Sequence[Datum]) -> Datum:
    whole = arguments[0] if arguments else receiver
    if whole is None:
        return Datum(items=())
    if whole.items is not None:
        return whole
    if whole.pairs is not None:
        return Datum(items=tuple([text(key) for key, _ in whole.pairs]))
    literal = literal_of(whole)
    if literal is not None and len(literal) <= 4096:
        return Datum(items=tuple([text(char) for char in literal]))
    if whole.is_plain and isinstance(whole.plain, bytes) and len(whole.plain) <= 4096:
        return Datum(items=tuple([plain(code) for code in whole.plain]))
    return whole


def _reversed(receiver: Datum | None, arguments: Sequence[Datum]) -> Datum:
    whole = _listed(receiver, arguments)
    literal = literal_of(receiver) if receiver is not None else None
    if literal is not None:
        return text(literal[::-1])
    return Datum(items=whole.items[::-1]) if whole.items is not None else derived((whole,))


def _pairs(receiver: Datum | None, arguments: Sequence[Datum]) -> Datum:
    whole = arguments[0] if arguments else receiver
    if whole is None or whole.pairs is None:
        return derived(() if whole is None else (whole,))
    return Datum(items=tuple([Datum(items=(text(key), value)) for key, value in whole.pairs]))


def _values(receiver: Datum | None, arguments: Sequence[Datum]) -> Datum:
    whole = arguments[0] if arguments else receiver
    if whole is None or whole.pairs is None:
        return derived(() if whole is None else (whole,))
    return Datum(items=tuple([value for _, value in whole.pairs]))


def _character(_receiver: Datum | None, arguments: Sequence[Datum]) -> Datum:
    codes = [code for a in arguments for code in (a.items if a.items is not None else (a,))]
    if not all(isinstance(c.plain, int) and 0 <= c.plain < 0x110000 for c in codes):
        return derived(arguments)
    return text("".join([chr(c.plain) for c in codes if isinstance(c.plain, int)]))


def _code_of(receiver: Datum | None, arguments: Sequence[Datum]) -> Datum:
    whole = receiver if receiver is not None else arguments[0] if arguments else None
    literal = literal_of(whole) if whole is not None else None
    place = arguments[0].plain if receiver is not None and arguments else 0
    if not literal or not isinstance(place, int) or not 0 <= place < len(literal):
        return derived(arguments)
    return plain(ord(literal[place]))


def _range(_receiver: Datum | None, arguments: Sequence[Datum]) -> Datum:
    numbers = [a.plain for a in arguments if isinstance(a.plain, int)]
    if len(numbers) != len(arguments) or not 1 <= len(numbers) <= 3 or numbers[2:] == [0]:
        return derived(arguments)
    steps = range(*numbers)
    return Datum(items=tuple([plain(n) for n in steps])) if len(steps) <= 256 else derived(arguments)


def _number(_receiver: Datum | None, arguments: Sequence[Datum]) -> Datum:
    literal = literal_of(arguments[0]) if arguments else None
    base = arguments[1].plain if len(arguments) > 1 else 10
    if arguments and isinstance(arguments[0].plain, int):
        return arguments[0]
    if literal is None or len(literal) > 100 or not isinstance(base, int):
        return derived(arguments)
    return plain(int(literal, base))


def _globbed(receiver: Datum | None, arguments: Sequence[Datum]) -> Datum:
    """The paths that a pattern stands for, as one with holes; the receiver is the directory it is meant in."""
    if not arguments:
        return derived(() if receiver is None else (receiver,))
    whole = arguments[0] if receiver is None else _joined_paths(receiver, arguments[:1])
    parts: list[str | Hole] = []
    for part in value_of(whole):
        if not isinstance(part, str):
            parts.append(part)
            continue
        place = 0
        for match in _GLOB.finditer(part):
            parts += (part[place : match.start()], Hole(HoleKind.GLOB, match[0]))
            place = match.end()
        parts.append(part[place:])
    return Datum(parts=tuple([part for part in parts if part != ""]), sources=whole.sources)


def _globbed_list(receiver: Datum | None, arguments: Sequence[Datum]) -> Datum:
    return Datum(items=(_globbed(receiver, arguments),))


def _entries(receiver: Datum | None, arguments: Sequence[Datum]) -> Datum:
    """What lies in a directory, each by its path."""
    whole = receiver if receiver is not None else arguments[0] if arguments else text(".")
    return _joined_paths(None, (whole, Datum(parts=(Hole(HoleKind.GLOB, "*"),))))


def _walked(receiver: Datum | None, arguments: Sequence[Datum]) -> Datum:
    below = joined((_first(receiver, arguments), text("/"), Datum(parts=(ANY,))))
    names = Datum(items=(Datum(parts=(ANY,)),))
    choices = [Datum(items=(root, names, names)) for root in (below, *alternatives(_first(receiver, arguments)))][:2]
    return Datum(items=tuple(choices))


def _temporary(_receiver: Datum | None, _arguments: Sequence[Datum]) -> Datum:
    return Datum(parts=("/tmp/", ANY))


def _literal(_receiver: Datum | None, arguments: Sequence[Datum]) -> Datum:
    """`json.loads`, `ast.literal_eval` of known text."""
    literal = literal_of(arguments[0]) if arguments else None
    if (
        literal is None
        or len(literal) > 4096
        or not re.fullmatch(r"\s*(?:\"[^\"\\]*\"|'[^'\\]*'|-?\d{1,9})\s*", literal)
    ):
        return derived(arguments)
    return plain(ast.literal_eval(literal.strip()))


def _unquoted(_receiver: Datum | None, arguments: Sequence[Datum]) -> Datum:
    literal = literal_of(arguments[0]) if arguments else None
    return derived(arguments, Origin.DECODED) if literal is None else text(urllib.parse.unquote(literal))


FOLDS: Final[Mapping[str, Fold]] = {
    "base64": _by_bytes(_base64),
    "base32": _by_bytes(base64.b32decode),
    "base85": _by_bytes(base64.b85decode),
    "ascii85": _by_bytes(base64.a85decode),
    "hex": _by_bytes(lambda data: bytes.fromhex(data.decode())),
    "inflate": _by_bytes(_inflate(15)),
    "gunzip": _by_bytes(_inflate(47)),
    "raw_inflate": _by_bytes(_inflate(-15)),
    "rot13": _rot13,
    "codec": _codec,
    "to_text": _to_text,
    "join_paths": _joined_paths,
    "join_all": _joined_all,
    "basename": _path_part(posixpath.basename),
    "dirname": _path_part(lambda path: posixpath.dirname(path) or "."),
    "lower": _path_part(str.lower),
    "same": _same,
    "first": _first,
    "second": lambda _receiver, arguments: arguments[1],
    "collected": lambda _receiver, arguments: Datum(items=tuple(arguments)),
    "concat": _concatenated,
    "glue": _glued,
    "list": _listed,
    "reversed": _reversed,
    "pairs": _pairs,
    "values": _values,
    "chr": _character,
    "ord": _code_of,
    "range": _range,
    "number": _number,
    "glob": _globbed,
    "globs": _globbed_list,
    "entries": _entries,
    "walk": _walked,
    "temporary": _temporary,
    "literal": _literal,
    "unquote": _unquoted,
    "here": lambda _receiver, _arguments: text("."),
    "slash": lambda _receiver, _arguments: text("/"),
    "python": lambda _receiver, _arguments: text("python3"),
    "node": lambda _receiver, _arguments: text("node"),
}
_CODEC_FOLDS: Final[Mapping[str, Fold]] = {
    "base64": FOLDS["base64"],
    "base64url": FOLDS["base64"],
    "hex": FOLDS["hex"],
    "rot13": _rot13,
    "rot": _rot13,
    "zlib": FOLDS["inflate"],
}

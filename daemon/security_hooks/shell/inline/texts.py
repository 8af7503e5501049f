"""Methods of texts and operators between known values, done for real within limits; holes travel as marks."""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from security_hooks.model.word import Origin
from security_hooks.shell.inline.datum import (
    ANY,
    MOST_TEXT,
    Datum,
    derived,
    gravest,
    joined,
    plain,
    sources_of,
    value_of,
)
from security_hooks.shell.inline.folds import decoded
from security_hooks.shell.inline.marks import Marks

# With a hole in it a text keeps its meaning under these; under the others (lengths, places) it does not.
_WITH_HOLES = frozenset(
    ["join", "format", "replace", "strip", "rstrip", "lstrip", "lower", "upper", "encode", "decode", "removeprefix"]
)
_METHODS = _WITH_HOLES | frozenset(
    [
        "title",
        "swapcase",
        "capitalize",
        "split",
        "rsplit",
        "splitlines",
        "zfill",
        "hex",
        "fromhex",
        "translate",
        "removesuffix",
        "partition",
        "rpartition",
        "startswith",
        "endswith",
        "find",
        "index",
        "count",
        "isdigit",
        "casefold",
    ]
)
_FORMAT = re.compile(r"\{[^{}]*:[^{}]*(?:\d{4}|\{)|%[^a-zA-Z%]*(?:\d{4}|\*)")
_MISTAKES = (ValueError, TypeError, LookupError, OverflowError, AttributeError, ZeroDivisionError)
_ABSENT: Final = object()
_MOST_DEPTH = 6


class Texts:
    """Known values and what is made of them, with one set of marks."""

    __slots__ = ("_marks",)

    def __init__(self, marks: Marks) -> None:
        self._marks = marks

    def method(self, name: str, receiver: Datum, arguments: Sequence[Datum], keywords: Mapping[str, Datum]) -> Datum:
        """What a method of a text gives back; unknown for a method that is not known."""
        data = (receiver, *arguments, *keywords.values())
        if name not in _METHODS or receiver.others:
            return derived(data)
        itself = self._solid(receiver, name in _WITH_HOLES)
        solid = [self._solid(datum, name in _WITH_HOLES) for datum in arguments]
        if not isinstance(itself, str | bytes) or any(value is _ABSENT for value in solid):
            return derived(data)
        if name in ("encode", "decode"):
            return self._recoded(itself, solid, data)
        named = {key: self._solid(datum, True) for key, datum in keywords.items()}
        if not _is_cheap(name, itself, [*solid, *named.values()]):
            return derived(data)
        try:
            made = getattr(itself, name)(*solid, **named)
        except _MISTAKES:
            return derived(data)
        return self.lifted(made, data)

    def formatted(self, template: Datum, values: Datum) -> Datum:
        """`template % values`."""
        pattern = self._solid(template, True)
        items = values.items if values.items is not None else (values,)
        solid = tuple([self._solid(item, True) for item in items])
        if not isinstance(pattern, str | bytes) or not _is_cheap("format", pattern, list(solid)):
            return derived((template, values))
        try:
            if values.pairs is not None:
                return self.lifted(pattern % {key: self._solid(v, True) for key, v in values.pairs}, (template, values))
            return self.lifted(pattern % solid, (template, values))
        except _MISTAKES:
            return derived((template, values))

    def binary(self, sign: str, left: Datum, right: Datum) -> Datum:
        """`left sign right` for numbers, lists and texts."""
        if sign == "%" and (left.parts is not None or isinstance(left.plain, bytes)):
            return self.formatted(left, right)
        if left.items is not None and right.items is not None and sign == "+":
            return Datum(items=left.items + right.items)
        first, second = self._solid(left, False), self._solid(right, False)
        operation = _OPERATIONS.get(sign)
        if operation is None or first is _ABSENT or second is _ABSENT or not _is_affordable(sign, first, second):
            if sign == "+" and (left.parts is not None or right.parts is not None):
                return joined((left, right))
            return derived((left, right))
        try:
            return self.lifted(operation(first, second), (left, right))
        except _MISTAKES:
            if sign == "+" and (isinstance(first, str) or isinstance(second, str)):
                return joined((left, right))
            return derived((left, right))

    def item(self, whole: Datum, key: object) -> Datum | None:
        """A part of a known text or bytes by number or slice; None where it is not known."""
        solid = self._solid(whole, False)
        if not isinstance(solid, str | bytes) or not isinstance(key, int | slice):
            return None
        try:
            return self.lifted(solid[key], (whole,))
        except _MISTAKES:
            return None

    def lifted(self, value: object, data: Sequence[Datum], depth: int = 0) -> Datum:
        """A real value as a datum that was made out of `data`."""
        sources = sources_of(data) if data else ()
        origin = gravest([datum.origin for datum in data])
        if isinstance(value, str):
            if len(value) > MOST_TEXT:
                return derived(data)
            return Datum(parts=self._marks.value(value), sources=sources, origin=origin)
        if isinstance(value, list | tuple) and depth < _MOST_DEPTH and len(value) <= 4096:
            return Datum(items=tuple([self.lifted(item, data, depth + 1) for item in value]))
        if value is None or isinstance(value, bytes | int | float | bool):
            return Datum(plain=value, is_plain=True, sources=sources)
        return derived(data)

    def _solid(self, datum: Datum, holes: bool, depth: int = 0) -> object:
        """The real value; holes as marks where they may be, else there is none."""
        if datum.others:
            return _ABSENT
        if datum.is_plain:
            return datum.plain
        if datum.items is not None:
            if depth >= _MOST_DEPTH or len(datum.items) > 4096:
                return _ABSENT
            items = [self._solid(item, holes, depth + 1) for item in datum.items]
            return _ABSENT if any(item is _ABSENT for item in items) else items
        if datum.parts is None and not datum.is_text:
            return self._marks.text((ANY,)) if holes and not datum.name and datum.pairs is None else _ABSENT
        marked = self._marks.text(value_of(datum))
        return _ABSENT if not holes and self._marks.marked(marked) else marked

    def _recoded(self, itself: str | bytes, arguments: Sequence[object], data: Sequence[Datum]) -> Datum:
        how = arguments[0] if arguments and isinstance(arguments[0], str) else "utf-8"
        if isinstance(itself, str) and self._marks.marked(itself):
            return data[0]
        try:
            if isinstance(itself, bytes):
                return msgspec.structs.replace(decoded(itself, how), sources=sources_of(data))
            return Datum(plain=itself.encode("utf-8", "surrogatepass"), is_plain=True, sources=sources_of(data))
        except _MISTAKES:
            return derived(data, Origin.DECODED)


def _is_cheap(name: str, itself: str | bytes, values: Sequence[object]) -> bool:
    """Whether this makes no text out of all proportion."""
    longest = max([_size(value) for value in values], default=0)
    if any(isinstance(value, int) and abs(value) > MOST_TEXT for value in values):
        return False
    if name == "format":
        shape = itself.decode("latin1") if isinstance(itself, bytes) else itself
        fields = shape.count("{") + shape.count("%")
        return not _FORMAT.search(shape) and (fields + 1) * (longest + 1000) + len(shape) <= 64 * MOST_TEXT
    return (len(itself) + 1) * (longest + 1) <= 64 * MOST_TEXT


def _size(value: object) -> int:
    if isinstance(value, str | bytes):
        return len(value)
    return sum([_size(item) for item in value]) if isinstance(value, list | tuple) else 32


def _is_affordable(sign: str, first: object, second: object) -> bool:
    if sign in ("**", "<<"):
        return isinstance(first, int) and isinstance(second, int) and first.bit_length() * max(second, 1) <= 4096
    if sign == "*":
        bits = [value.bit_length() for value in (first, second) if isinstance(value, int)]
        if len(bits) == 2:
            return sum(bits) <= 4096
        times = next((value for value in (first, second) if isinstance(value, int)), 1)
        return _size(first if isinstance(second, int) else second) * max(times, 0) <= MOST_TEXT
    return _size(first) + _size(second) <= 8 * MOST_TEXT


_OPERATIONS: Final[Mapping[str, Callable[[object, object], object]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
    "<<": operator.lshift,
    ">>": operator.rshift,
    "^": operator.xor,
    "&": operator.and_,
    "|": operator.or_,
}


def constant(value: str | bytes | float | bool | None, marks: Marks) -> Datum:
    """A literal of the code, its marks turned back into holes."""
    if isinstance(value, str):
        return Datum(parts=marks.value(value))
    return plain(value)

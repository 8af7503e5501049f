r"""The canonical encoding: one value, one sequence of bytes, which `jq -caS` prints as well.

JSON without blanks, keys sorted by code point, everything but printable ASCII escaped (`\b \t \n \f \r`, else
`\uXXXX` in lower case, surrogate pairs above U+FFFF). Numbers are integers within 53 bits; a float or a larger
integer is written as a string of its decimal digits, a lone surrogate as U+FFFD: what several readers would read
differently never reaches the log.
"""

import json
import re
from calendar import timegm
from datetime import UTC, datetime
from functools import lru_cache

import msgspec

from security_hooks.model.record import Json

LARGEST_INTEGER = 2**53 - 1
_DEEPEST = 64
_SURROGATE = re.compile("[\ud800-\udfff]")
_FAST = msgspec.json.Encoder(order="sorted")
_EXACT = json.JSONEncoder(ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical(value: Json) -> bytes:
    """The canonical encoding of a value that `plain` would not change."""
    encoded = _FAST.encode(value)
    if encoded.isascii() and b"\x7f" not in encoded:
        return encoded
    return _EXACT.encode(value).encode("ascii")


def plain(value: Json, depth: int = 0) -> Json:
    """The same value with nothing in it that readers of JSON disagree about; what nests too deep is named instead."""
    if isinstance(value, str):
        return well_formed(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if -LARGEST_INTEGER <= value <= LARGEST_INTEGER else _digits(value)
    if isinstance(value, float):
        return repr(value)
    if depth >= _DEEPEST:
        return "[CUT:depth]"
    if isinstance(value, list):
        return [plain(item, depth + 1) for item in value]
    return {well_formed(key): plain(item, depth + 1) for key, item in value.items()}


def well_formed(text: str) -> str:
    """The text with each lone surrogate replaced by U+FFFD; its length stays."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def is_plain(value: Json) -> bool:
    """Whether `plain` would give the value back as it is; asked on the path of every call, so it stops at once."""
    waiting: list[Json] = [value]
    budget = 20_000
    while waiting:
        item = waiting.pop()
        budget -= 1
        kind = type(item)
        if kind is str:
            continue
        if kind is dict:
            waiting.extend(item.values())  # type: ignore[union-attr]  # `type() is` does not narrow
        elif kind is list:
            waiting.extend(item)  # type: ignore[arg-type]  # as above
        elif kind is int:
            if not -LARGEST_INTEGER <= item <= LARGEST_INTEGER:  # type: ignore[operator]  # as above
                return False
        elif kind is not bool and item is not None:
            return False
        if budget < 0:
            return False
    return True


def timestamp(nanoseconds: int) -> str:
    """Unix time in nanoseconds as RFC 3339 in UTC, always with nine digits of fraction."""
    seconds, fraction = divmod(nanoseconds, 1_000_000_000)
    minutes, seconds = divmod(seconds, 60)
    return f"{_minute(minutes)}:{seconds:02d}.{fraction:09d}Z"


def unix_nanoseconds(at: str) -> int:
    """Unix time of what `timestamp` wrote; raises ValueError for what is no time."""
    seconds, _, fraction = at[17:-1].partition(".")
    return (_seconds_of_minute(at[:16]) + int(seconds)) * 1_000_000_000 + int(f"{fraction:0<9.9}")


@lru_cache(maxsize=4)
def _minute(minutes: int) -> str:
    return datetime.fromtimestamp(minutes * 60, UTC).isoformat()[:16]


@lru_cache(maxsize=4)
def _seconds_of_minute(text: str) -> int:
    """Unix time of `YYYY-MM-DDTHH:MM`; raises ValueError."""
    day, _, time = text.partition("T")
    year, month, number = map(int, day.split("-"))
    hour, minute = map(int, time.split(":"))
    return timegm((year, month, number, hour, minute, 0))


def _digits(value: int) -> str:
    # Python refuses to print integers of more than 4,300 digits; hexadecimal has no such limit.
    return str(value) if value.bit_length() <= 4096 else hex(value)

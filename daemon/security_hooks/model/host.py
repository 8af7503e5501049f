"""One spelling for each host: programs take `127.1`, `0x7f000001` and `2130706433` for the same address."""

import re

_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")
_MAPPED = re.compile(r"\[?(?:::|(?:0{1,4}:){5})ffff:(?:(\d+\.\d+\.\d+\.\d+)|([0-9a-f]{1,4}):([0-9a-f]{1,4}))\]?")


def canonical_host(host: str) -> str:
    """The host in lower case and without a final dot; an IPv4 address, however written, as four decimal numbers.

    Reads numbers as `inet_aton(3)` does: hexadecimal, octal, and the last of fewer than four fills what is left.
    """
    host = host.lower().removesuffix(".")
    mapped = _MAPPED.fullmatch(host)
    if mapped is not None:
        return mapped[1] or _dotted(int(mapped[2], 16) << 16 | int(mapped[3], 16))
    if not host or not (host[0].isdigit() and host[-1] in "0123456789abcdefx"):
        return host
    parts = host.split(".")
    if len(parts) > 4 or not all(_NUMBER.fullmatch(part) for part in parts):
        return host
    try:
        numbers = [_value(part) for part in parts]
    except ValueError:
        return host
    *heads, last = numbers
    if any(number > 255 for number in heads) or last >= 1 << 8 * (5 - len(parts)):
        return host
    for place, number in enumerate(heads):
        last |= number << 8 * (3 - place)
    return _dotted(last)


def _value(text: str) -> int:
    if text.startswith("0x"):
        return int(text[2:] or "0", 16)
    return int(text, 8 if text[0] == "0" and len(text) > 1 else 10)


def _dotted(address: int) -> str:
    return ".".join(str(address >> shift & 255) for shift in (24, 16, 8, 0))

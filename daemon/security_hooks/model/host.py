"""One spelling for each host: programs take `127.1`, `0x7f000001` and `2130706433` for the same address."""

import re
from ipaddress import IPv6Address, IPv6Network
from unicodedata import normalize

_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")
# Full stops of other scripts, which names may have for their own.
_STOPS = str.maketrans("\u3002\uff0e\uff61", "...")
_NAT64 = IPv6Network("64:ff9b::/96")
_COMPATIBLE = IPv6Network("::/96")


def canonical_host(host: str) -> str:
    """The host in lower case and without a final dot; an IPv4 address, however written, as four decimal numbers.

    Reads numbers as `inet_aton(3)` does: hexadecimal, octal, and the last of fewer than four fills what is left. An
    IPv6 address is written as short as can be, with the brackets that it had; one that stands for an IPv4 address is
    that one. Characters of other scripts are those that resolvers take them for.
    """
    if not host.isascii():
        host = normalize("NFKC", host.translate(_STOPS)).translate(_STOPS)
    host = host.lower().removesuffix(".")
    if host.count(":") > 1:
        return _sixth(host)
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


def _sixth(host: str) -> str:
    """An IPv6 address in its one spelling, without a zone; other text as it is."""
    is_bracketed = host.startswith("[") and host.endswith("]")
    try:
        address = IPv6Address((host[1:-1] if is_bracketed else host).partition("%")[0])
    except ValueError:
        return host
    fourth = address.ipv4_mapped or address.sixtofour
    if fourth is None and (address in _NAT64 or (address in _COMPATIBLE and int(address) > 0xFFFF)):
        return _dotted(int(address) & 0xFFFFFFFF)
    if fourth is not None:
        return str(fourth)
    return f"[{address.compressed}]" if is_bracketed else address.compressed


def _value(text: str) -> int:
    if text.startswith("0x"):
        return int(text[2:] or "0", 16)
    return int(text, 8 if text[0] == "0" and len(text) > 1 else 10)


def _dotted(address: int) -> str:
    return ".".join(str(address >> shift & 255) for shift in (24, 16, 8, 0))

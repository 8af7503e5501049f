"""The web addresses inside a text, for tools that take them in prose."""

import re

from security_hooks.clients.payload import bad_payload

MOST_ADDRESSES = 256
_LONGEST_ADDRESS = 2_048
_LONGEST_SCHEME = 32
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*\Z")
_REST = re.compile(r"[^\s<>\"'`]*")
# What prose puts behind an address and no address ends in.
_CLOSING = ".,;:!?)]}*_"


def addresses(text: str) -> tuple[str, ...]:
    """Every `SCHEME://...` in the text, those inside another one too; raises `CallError` past the cap.

    Finds each by its `://` and looks at few characters around it, so that no text makes it slow.
    """
    if text.count("://") > MOST_ADDRESSES:
        raise bad_payload(f"more than {MOST_ADDRESSES} addresses")
    found: dict[str, None] = {}
    at = text.find("://")
    while at >= 0:
        scheme = _SCHEME.search(text, max(0, at - _LONGEST_SCHEME), at)
        rest = _REST.match(text, at, at + _LONGEST_ADDRESS)
        if scheme and rest:
            found[(scheme[0] + rest[0]).rstrip(_CLOSING)] = None
        at = text.find("://", at + 3)
    return tuple(found)

"""`[mcp.servers]`: the table of one layer in, each server's pin out, with everything wrong in it."""

import msgspec

from security_hooks.model.server import Pin, encode_pin
from security_hooks.policy.toml_places import KeyPath

_TEXTS = frozenset({"command", "url", "cwd", "file", "sha256"})
_LISTS = frozenset({"args", "env"})
_DIGEST = 64

Wrong = tuple[KeyPath, str]


def read_pins(key: KeyPath, table: object) -> tuple[tuple[str, ...], list[Wrong]]:
    """The pins, encoded, and what is wrong with the others: where it stands and how it must be."""
    wrong: list[Wrong] = []
    if not isinstance(table, dict):
        return (), [(key, f"`{_dotted(key)}` must be a table, `[{_dotted(key)}.NAME]`")]
    pins: list[str] = []
    for name, given in table.items():
        at = (*key, name)
        faults = _faults(at, name, given)
        wrong += faults
        if not faults:
            pins.append(encode_pin(msgspec.convert({**given, "name": name}, Pin)))
    return tuple(sorted(pins)), wrong


def _faults(at: KeyPath, name: str, given: object) -> list[Wrong]:
    if not isinstance(given, dict):
        return [(at, f"`{_dotted(at)}` must be a table")]
    if not name or not name.isprintable() or "/" in name:
        return [(at, f"`{_dotted(at)}` is no name of an MCP server")]
    wrong: list[Wrong] = []
    for field, value in given.items():
        place = (*at, field)
        if field in _TEXTS:
            if not isinstance(value, str) or not value:
                wrong.append((place, f"`{_dotted(place)}` must be a string"))
        elif field in _LISTS:
            if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
                wrong.append((place, f"`{_dotted(place)}` must be a list of strings"))
        else:
            known = ", ".join(f"`{known}`" for known in sorted(_TEXTS | _LISTS))
            wrong.append((place, f"`{_dotted(place)}` is not a key; a pin has {known}"))
    if not wrong and bool(given.get("command")) == bool(given.get("url")):
        wrong.append((at, f"`{_dotted(at)}` must have either a `command` or a `url`"))
    if not wrong and ("file" in given) != ("sha256" in given):
        wrong.append((at, f"`{_dotted(at)}` must have `file` and `sha256` together"))
    if not wrong and "file" in given and not (given["file"].startswith("/") and _is_digest(given["sha256"])):
        message = f"`{_dotted(at)}` must have an absolute `file` and a `sha256` of {_DIGEST} hexadecimal digits"
        wrong.append((at, message))
    return wrong


def _is_digest(text: str) -> bool:
    return len(text) == _DIGEST and all(char in "0123456789abcdef" for char in text)


def _dotted(key: KeyPath) -> str:
    return ".".join(map(str, key))

r"""Strict reading of a client's JSON: bytes in, one checked object out, `CallError` for anything else.

Where two JSON readers could disagree about what was said, nothing was said: duplicate keys anywhere, NaN, a byte
order mark, trailing text and bytes that are not UTF-8 are all BAD_PAYLOAD. A lone surrogate (`\ud800`), which
clients do send, reads as U+FFFD, as the shell will get it.
"""

import json
import re
from typing import NoReturn, TypeAlias

import msgspec

from security_hooks.model.event import InputString
from security_hooks.model.failure import CallError, Failure, Reason

JsonObject: TypeAlias = dict[str, object]

# Values in one payload; text does not count. This many take about 20 ms, and the event loop waits for them.
MOST_VALUES = 50_000
MOST_STRINGS = 10_000
DEEPEST_INPUT = 64

_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)


def bad_payload(detail: str) -> CallError:
    """The error for a payload that cannot be read; `detail` is for the log."""
    return CallError(Failure(Reason.BAD_PAYLOAD, detail))


def _unique(pairs: list[tuple[str, object]]) -> JsonObject:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("the same key twice in one object")
    return members


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)
_QUICK_DECODER = msgspec.json.Decoder()
_QUICK_ENCODER = msgspec.json.Encoder()


def read_object(payload: bytes) -> JsonObject:
    """The one JSON object that a payload is; raises `CallError`."""
    # No value takes less than two bytes with its comma, so a payload this small holds no more than there may be.
    value = _quickly(payload) if len(payload) <= 2 * MOST_VALUES else None
    if isinstance(value, dict):
        return value
    return _carefully(payload)


def _quickly(payload: bytes) -> object:
    """The value of a payload that is, byte for byte, the one compact way to write it; None for any other.

    Clients write JSON this way. Whatever two readers could disagree about (a key twice, `NaN`, odd numbers, lone
    surrogates) does not come back the same, so nothing else needs to be looked at.
    """
    try:
        value = _QUICK_DECODER.decode(payload)
        return value if _QUICK_ENCODER.encode(value) == payload.rstrip(b"\n") else None
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _carefully(payload: bytes) -> JsonObject:
    try:
        text = str(payload, "utf-8")
        if len(text) > MOST_VALUES and _count_values(text) > MOST_VALUES:
            raise bad_payload(f"more than {MOST_VALUES} values")
        if "\\ud" in text or "\\uD" in text:
            text = _ESCAPE.sub(_replace_lone, text)
        value = _DECODER.decode(text)
    except ValueError as error:
        raise bad_payload(str(error)) from None
    except RecursionError:
        raise bad_payload("nested too deeply") from None
    if not isinstance(value, dict):
        raise bad_payload("not an object")
    return value


def _count_values(text: str) -> int:
    """How many values the text holds, at most; counts inside strings only where there are few of them anyway."""
    count = text.count(",") + text.count("[") + text.count("{")
    if count > MOST_VALUES:
        bare = _STRING.sub("", text)
        count = bare.count(",") + bare.count("[") + bare.count("{")
    return count


def _replace_lone(match: re.Match[str]) -> str:
    return "\\ufffd" if match[1] else match[0]


def required_text(source: JsonObject, key: str) -> str:
    """The string at `key`; raises `CallError` if there is none."""
    value = source.get(key)
    if not isinstance(value, str):
        raise bad_payload(f"`{key}` is not a string")
    return value


def optional_text(source: JsonObject, key: str) -> str | None:
    """The string at `key`, None if it is absent or null; raises `CallError` for anything else."""
    value = source.get(key)
    if value is None or isinstance(value, str):
        return value
    raise bad_payload(f"`{key}` is not a string")


def client_dir(data: JsonObject, transcripts: str) -> str | None:
    """The client's own directory, by the path of a transcript in its folder `transcripts`; None where none is told."""
    path = data.get("transcript_path")
    head = path.rpartition(f"/{transcripts}/")[0] if isinstance(path, str) else ""
    return head if head.startswith("/") and "\0" not in head else None


def label(source: JsonObject, key: str) -> str | None:
    """The string at `key`, else None: for what only describes the call and decides nothing."""
    value = source.get(key)
    return value if isinstance(value, str) else None


def required_object(source: JsonObject, key: str) -> JsonObject:
    """The object at `key`; raises `CallError` if there is none."""
    value = source.get(key)
    if not isinstance(value, dict):
        raise bad_payload(f"`{key}` is not an object")
    return value


def directory(source: JsonObject, key: str) -> str | None:
    """The absolute path at `key`, None if it is absent or null; raises `CallError` for anything else."""
    path = optional_text(source, key)
    if path is not None and (not path.startswith("/") or "\0" in path):
        raise bad_payload(f"`{key}` is not an absolute path")
    return path


def input_strings(given: JsonObject) -> tuple[InputString, ...]:
    """Every string of a tool's input in document order, then every key; raises `CallError` past the caps."""
    values: list[InputString] = []
    keys: list[InputString] = []
    waiting: list[tuple[str, object, int]] = [("", given, 0)]
    while waiting:
        pointer, value, depth = waiting.pop()
        if isinstance(value, str):
            values.append(InputString(pointer, value))
        elif isinstance(value, dict):
            members = [(f"{pointer}/{_escape(key)}", member, depth + 1) for key, member in value.items()]
            keys += [InputString(f"{place[0]}/~key", key) for place, key in zip(members, value, strict=True)]
            waiting += reversed(members)
        elif isinstance(value, list):
            waiting += [(f"{pointer}/{index}", value[index], depth + 1) for index in range(len(value) - 1, -1, -1)]
        if len(values) + len(keys) > MOST_STRINGS or depth > DEEPEST_INPUT:
            raise bad_payload(f"tool input with more than {MOST_STRINGS} strings or {DEEPEST_INPUT} levels")
    return tuple(values + keys)


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1") if "~" in key or "/" in key else key

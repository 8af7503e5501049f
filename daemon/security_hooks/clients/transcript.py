"""What clients' transcripts have in common: JSON objects, one to a line, with times; read leniently.

A transcript is no payload: it is as long as its client likes, changes with its versions, and any process of the person
may write to it. So whatever is not as expected is passed over here, and what is missed because of it is told by
whoever compares it with the calls that were judged.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from posixpath import dirname

import msgspec

from security_hooks.clients.payload import JsonObject
from security_hooks.model.transcript import Mark

_DECODER = msgspec.json.Decoder()


@dataclass(frozen=True, slots=True)
class Transcripts:
    """How a client keeps transcripts: `folder` in its own directory, at any depth below; `read` gives the marks in one
    line, none for a line without a tool use, and None where it cannot be read. `agents` is where the transcripts of
    agents are that an agent has started, by its own transcript and its session; None where they lie beside it.
    """

    folder: str
    read: Callable[[bytes], tuple[Mark, ...] | None]
    agents: Callable[[str, str], str | None] = lambda _path, _session: None


def is_transcript(path: str, directory: str, transcripts: Transcripts) -> bool:
    """Whether a path, as a payload tells it, may be a transcript of a client with this directory."""
    below = f"{directory}/{transcripts.folder}/"
    parts = path.removeprefix(below).split("/")
    is_plain = "\0" not in path and not {"", ".", ".."}.intersection(parts)
    return path.startswith(below) and is_plain and path.endswith(".jsonl")


def object_in(line: bytes) -> JsonObject | None:
    """The object that a line is; None where it is none."""
    try:
        value = _DECODER.decode(line)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def member(source: object, key: str) -> object:
    """The value at `key` of what may be an object."""
    return source.get(key) if isinstance(source, dict) else None


def text(source: object, key: str) -> str | None:
    """The text at `key` of what may be an object."""
    value = member(source, key)
    return value if isinstance(value, str) else None


def objects(value: object) -> Iterator[JsonObject]:
    """The objects in what may be a list."""
    yield from (item for item in (value if isinstance(value, list) else ()) if isinstance(item, dict))


def moment(written: object) -> float:
    """Unix time of `2026-01-01T00:00:00.000Z`; infinite, not long ago, where it cannot be read."""
    try:
        return datetime.fromisoformat(written).timestamp() if isinstance(written, str) else float("inf")
    except ValueError:
        return float("inf")


def beside(path: str, name: str) -> str:
    """A name in the directory of a transcript."""
    return f"{dirname(path)}/{name}"

"""What a row of the schema of `config.toml` says of one key: its kind of value, its range, its stricter direction."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

Value: TypeAlias = str | int | tuple[str, ...]
Key: TypeAlias = tuple[str, ...]


class Item(Enum):
    """What the entries of a list are: a word for messages, and the form they must have."""

    PROGRAM = ("names of programs, without directories", r"[^\s/]+")
    VARIABLE = ("names of environment variables, or globs", r"[A-Za-z0-9_*?\[\]!-]+")
    PATH = ("paths or globs", r".+")
    RULE = ("names of rules", r"\S+")
    TEXT = ("strings", r".+")
    SERVER = ("names of MCP servers, or globs", r"[^/]+")
    ENTRY = ("paths or globs, with `!` before one that is denied", r"!?(?:~(?:/.*)?|[^!~].*)")
    HOST = ("hosts or globs, with `!` before one that is denied", r"!?[^!\s/]+")

    def fits(self, entry: str) -> bool:
        """Whether `entry` has this form."""
        return entry.isprintable() and re.fullmatch(self.value[1], entry) is not None


class Stricter(Enum):
    """Which way a list or number gets stricter. SCOPED: fewer entries, of which none is the loosest, and more of those
    with `!`. NARROWER: fewer entries, but none at all is the loosest of all; CAPPED
    is the same of a number, where 0 is no limit at all. LONGER: a larger number, and 0, which is no end, the strictest
    of all; no project says it for the machine.
    """

    FEWER = "fewer"
    MORE = "more"
    LOWER = "lower"
    LONGER = "longer"
    NARROWER = "narrower"
    CAPPED = "capped"
    SCOPED = "scoped"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several words, loosest first. `ordered` is False where none is stricter than another. Rules see the word
    as a list of one under `list_name`, if that is not empty.

    `refused` explains words that people will try and that would not be safe.
    """

    path: Key
    doc: str
    words: tuple[str, ...]
    ordered: bool = False
    refused: tuple[tuple[str, str], ...] = ()
    list_name: str = ""


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number within a range."""

    path: Key
    doc: str
    minimum: int
    maximum: int
    stricter: Stricter | None = None


@dataclass(frozen=True, slots=True)
class Names:
    """A list of strings. Rules see it as `list_name`, if that is not empty.

    `is_main` gives it the bare `append`/`exclude`; `adds` makes each layer's list add to those before it.
    """

    path: Key
    doc: str
    item: Item
    list_name: str = ""
    stricter: Stricter | None = None
    is_main: bool = False
    adds: bool = False


@dataclass(frozen=True, slots=True)
class Pins:
    """A table of MCP servers, each with how it must be defined; the value holds a `Pin` each, encoded.

    Each layer's servers add to those before them, or replace them.
    """

    path: Key
    doc: str
    list_name: str


@dataclass(frozen=True, slots=True)
class Sinks:
    """The places where records are delivered; the value holds a `Sink` each, encoded.

    Each layer's sinks add to those before them, or replace them. Never read from a project: it would be told of all
    that happens on the machine.
    """

    path: Key
    doc: str


@dataclass(frozen=True, slots=True)
class Text:
    """One string. `must` says in messages what `fits` wants; `stricter` is the stricter of two, where one is."""

    path: Key
    doc: str
    must: str
    fits: Callable[[str], bool]
    stricter: Callable[[str, str], str] | None = None


Row: TypeAlias = Choice | Number | Names | Pins | Sinks | Text

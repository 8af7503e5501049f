"""TOML text as the tables it is written in, so that whole tables can be put behind it and taken out of it.

Nothing is reformatted. Whoever edits compares what the text says before and after, so that a header that stands inside
of a long string can never be taken for one.
"""

import re
import tomllib
from dataclasses import dataclass

from security_hooks.wiring.json_text import TextError

_HEADER = re.compile(r"^[ \t]*\[\[?[^\n]*\]\]?[ \t]*(?:#[^\n]*)?\r?$", re.MULTILINE)
_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)$")
_MOST_SECTIONS = 5_000


@dataclass(frozen=True, slots=True)
class Section:
    """A table as written: its header line and what follows up to the next. `header` is empty for what comes first."""

    header: str
    text: str


def read_toml(text: str) -> dict[str, object]:
    """What a text says; raises TextError with the place where it says nothing."""
    if text.startswith("\ufeff"):
        raise TextError(0, "the file begins with a byte order mark")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        place = _PLACE.search(message)
        at = len(text) if place is None else _offset(text, int(place[1]), int(place[2]))
        raise TextError(at, _PLACE.sub("", message).lower()) from None
    except (ValueError, RecursionError):
        raise TextError(0, "a value that cannot be read") from None


def sections(text: str) -> list[Section]:
    """The text in the tables it is written in, in order; joined they are the text again."""
    starts = [found.start() for found in _HEADER.finditer(text)]
    if len(starts) > _MOST_SECTIONS:
        raise TextError(starts[_MOST_SECTIONS], "too many tables")
    bounds = [0, *starts, len(text)]
    cut = [text[bounds[i] : bounds[i + 1]] for i in range(len(bounds) - 1)]
    return [Section(part.split("\n", 1)[0].strip() if i else "", part) for i, part in enumerate(cut)]


def behind(text: str, tables: list[str]) -> str:
    """The text with tables behind it, a blank line before each, in the text's own line ends."""
    newline = "\r\n" if "\r\n" in text else "\n"
    head = text if not text or text.endswith("\n") else text + newline
    block = "\n".join(tables) if not head else "".join("\n" + table for table in tables)
    return head + block.replace("\n", newline)


def without(text: str, gone: list[bool]) -> str:
    """The text without the sections marked, and without the blank line that `behind` put before each."""
    kept: list[str] = []
    for section, is_gone in zip(sections(text), gone, strict=True):
        if not is_gone:
            kept.append(section.text)
        elif kept:
            kept[-1] = re.sub(r"(\A|\n)\r?\n\Z", r"\1", kept[-1])
    return "".join(kept)


def _offset(text: str, line: int, column: int) -> int:
    at = 0
    for _ in range(line - 1):
        at = text.find("\n", at) + 1
    return at + column - 1

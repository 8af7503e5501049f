"""The options of a text filter, read so that only spellings which mean the same on every system are understood."""

import re
from collections.abc import Sequence
from typing import NamedTuple

_STDIN = ("-", "/dev/stdin", "/dev/fd/0")


class Flags(NamedTuple):
    """The values of options by letter (empty for those that take none) and the operands."""

    values: dict[str, list[str]]
    operands: list[str]

    def has(self, letter: str) -> bool:
        """Whether the option is given."""
        return letter in self.values

    def one(self, letter: str) -> str | None:
        """The option's only value."""
        values = self.values.get(letter, ())
        return values[0] if len(values) == 1 else None

    @property
    def reads_stdin(self) -> bool:
        """Whether the operands name no file but standard input."""
        return not self.operands or (len(self.operands) == 1 and self.operands[0] in _STDIN)


def read_flags(arguments: Sequence[str], bare: str = "", valued: str = "", long: str = "") -> Flags | None:
    """The options, letters in `bare` and `valued`, `long` naming letters (`d=decode`). None for any other option, and
    where one stands behind an operand: not every system looks for it there.
    """
    names = dict(pair.split("=")[::-1] for pair in long.split())
    values: dict[str, list[str]] = {}
    position, size = 0, len(arguments)
    while position < size:
        argument = arguments[position]
        if len(argument) < 2 or argument[0] != "-":
            break
        position += 1
        if argument == "--":
            break
        letters = argument[1:]
        if letters[0] == "-":
            name, equals, given = letters[1:].partition("=")
            letter = names.get(name)
            if letter is None or bool(equals) != (letter in valued):
                return None
            values.setdefault(letter, []).extend([given] if equals else [])
            continue
        for offset, letter in enumerate(letters, 1):
            if letter in bare:
                values.setdefault(letter, [])
                continue
            if letter not in valued:
                return None
            value = letters[offset:]
            if not value:
                if position == size:
                    return None
                value = arguments[position]
                position += 1
            values.setdefault(letter, []).append(value)
            break
    operands = list(arguments[position:])
    if "--" not in arguments[:position] and any(len(o) > 1 and o[0] == "-" for o in operands):
        return None
    return Flags(values, operands)


_COUNT = re.compile(r"[0-9]{1,9}")


def count_of(text: str | None) -> int | None:
    """A plain decimal count."""
    return int(text) if text is not None and _COUNT.fullmatch(text) else None

"""Brace expansion on the pieces of one word, as bash does it: `{a,b}`, `{1..9..2}`, nested, side by side."""

import re

from security_hooks.shell.syntax import Piece, Text

_TOKEN = re.compile(r"([{},])")
_NUMBERS = re.compile(r"(-?\d{1,9})\.\.(-?\d{1,9})(?:\.\.(-?\d{1,9}))?")
_LETTERS = re.compile(r"([A-Za-z])\.\.([A-Za-z])(?:\.\.(-?\d{1,9}))?")

Pieces = tuple[Piece, ...]

# The work grows with the square of the first, times the second.
_MOST_TOKENS = 2048
_DEEPEST = 64


class _Frame:
    """One open brace: the alternatives that are complete, and the one being read."""

    __slots__ = ("current", "done")

    def __init__(self) -> None:
        self.done: list[list[Pieces]] = []
        self.current: list[Pieces] = [()]

    def product(self, others: list[Pieces]) -> None:
        self.current = [left + right for left in self.current for right in others]


def has_braces(pieces: Pieces) -> bool:
    """Whether an unquoted brace stands in the word."""
    return any(type(piece) is Text and not piece.quoted and "{" in piece.text for piece in pieces)


def expand_braces(pieces: Pieces, most: int) -> list[Pieces] | None:
    """The words that the braces make of this one, at least one; None where they would be more than `most`, or where
    there are more braces than any person writes.
    """
    frames = [_Frame()]
    tokens = _tokens(pieces)
    if len(tokens) > _MOST_TOKENS:
        return None
    for token in tokens:
        frame = frames[-1]
        sign = token.text if type(token) is Text and not token.quoted else ""
        if sign == "{":
            if len(frames) > _DEEPEST:
                return None
            frames.append(_Frame())
        elif sign == "," and len(frames) > 1:
            frame.done.append(frame.current)
            frame.current = [()]
        elif sign == "}" and len(frames) > 1:
            frames.pop()
            closed = _close(frame, most)
            if closed is None or len(closed) * len(frames[-1].current) > most:
                return None
            frames[-1].product(closed)
        else:
            frame.product([(token,)])
    while len(frames) > 1:
        # An open brace is literal, and so are the commas behind it.
        frame = frames.pop()
        opened: list[Pieces] = [(Text("{", quoted=False),)]
        for number, alternative in enumerate([*frame.done, frame.current]):
            comma: Pieces = (Text(",", quoted=False),) if number else ()
            if len(opened) * len(alternative) > most:
                return None
            opened = [left + comma + right for left in opened for right in alternative]
        if len(opened) * len(frames[-1].current) > most:
            return None
        frames[-1].product(opened)
    return frames[0].current


def _tokens(pieces: Pieces) -> list[Piece]:
    tokens: list[Piece] = []
    for piece in pieces:
        if type(piece) is Text and not piece.quoted:
            tokens.extend(Text(token, quoted=False) for token in _TOKEN.split(piece.text) if token)
        else:
            tokens.append(piece)
    return tokens


def _close(frame: _Frame, most: int) -> list[Pieces] | None:
    if frame.done:
        alternatives = [pieces for group in frame.done for pieces in group]
        return [*alternatives, *frame.current]
    if len(frame.current) == 1 and len(frame.current[0]) == 1:
        only = frame.current[0][0]
        if type(only) is Text and not only.quoted and ".." in only.text:
            sequence = _sequence(only.text, most)
            if sequence is None:
                return None
            if sequence:
                return [(Text(item, quoted=False),) for item in sequence]
    return [(Text("{", quoted=False), *pieces, Text("}", quoted=False)) for pieces in frame.current]


def _sequence(text: str, most: int) -> list[str] | None:
    """The members of `1..9..2` or `a..e`; empty if it is neither; None if there are too many."""
    found = _NUMBERS.fullmatch(text) or _LETTERS.fullmatch(text)
    if found is None:
        return []
    numeric = found.re is _NUMBERS
    first = int(found[1]) if numeric else ord(found[1])
    last = int(found[2]) if numeric else ord(found[2])
    step = abs(int(found[3] or 1)) or 1
    if abs(last - first) // step >= most:
        return None
    values = range(first, last + 1, step) if first <= last else range(first, last - 1, -step)
    if not numeric:
        return [chr(value) for value in values]
    padded = any(re.match(r"-?0\d", end) for end in (found[1], found[2]))
    width = max(len(found[1]), len(found[2])) if padded else 0
    return [f"{value:0{width}d}" for value in values]

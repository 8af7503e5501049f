"""What nests nothing in a word: literal text, quotes, escapes, plain names. Read in one go, without steps."""

import re
from typing import NamedTuple

from security_hooks.shell.cursor import Cursor
from security_hooks.shell.syntax import Embedded, Parameter, Piece, Text


class Mode(NamedTuple):
    """How a stretch of text reads. `chunk` matches what is literal; `stops` end it; `escapes` are what a
    backslash quotes (None: anything); `parens` says that parentheses nest.
    """

    chunk: re.Pattern[str]
    quoted: bool
    stops: str
    escapes: str | None
    single_quotes: bool
    double_quotes: bool
    parens: bool = False


def _mode(special: str, quoted: bool, stops: str, escapes: str | None, quotes: str, parens: bool = False) -> Mode:
    chunk = re.compile(f"[^{re.escape(special + quotes)}`$\\\\\U000f0000-\U000ffffd]+")
    return Mode(chunk, quoted, stops, escapes, "'" in quotes, '"' in quotes, parens)


_BLANK = " \t\n\r"
WORD = _mode(_BLANK + ";&|<>()", False, _BLANK + ";&|<>()", None, "'\"")
REGEX = _mode(_BLANK + "()<>", False, _BLANK + ")", None, "'\"", parens=True)
QUOTED = _mode('"', True, '"', '$`"\\\n', "")
DOCUMENT = _mode("", True, "", "$`\\\n", "")
ARGUMENT = _mode("}<>", False, "}", None, "'\"")
QUOTED_ARGUMENT = _mode("}", True, "}", '$`"\\\n}', '"')
PATTERN = _mode("()", False, ")", None, "'\"", parens=True)
ARITHMETIC = _mode("()", True, ")", '$`"\\\n', "", parens=True)
INDEX = _mode("]}", False, "]}", None, "'\"")
SUBSCRIPT = _mode("]", True, "]", '$`"\\\n', "")

_NAME = re.compile(r"\$(?:([A-Za-z_]\w*|[0-9@*#?$!-])|\{([A-Za-z_]\w*|[0-9]+)\})", re.ASCII)
# Between double quotes only text and names; what was read is never given back.
_FLAT_QUOTED = re.compile('"(?:[^"$`\\\\\U000f0000-\U000ffffd]++|\\$[A-Za-z_]\\w*|\\$\\{[A-Za-z_]\\w*\\})*+"', re.ASCII)
_PLACEHOLDER = re.compile("[\U000f0000-\U000ffffd]")


def read_flat(cur: Cursor, mode: Mode, pieces: list[Piece]) -> bool | None:
    """Add the pieces up to the end, or to where something may nest or mean something else than itself: then, whether
    text stands right before it. None: this was the end.
    """
    text, end = cur.text, cur.end
    quoted = mode.quoted
    spend = cur.journal.budget.spend
    pos = cur.pos
    while pos < end:
        found = mode.chunk.match(text, pos, end)
        if found:
            pieces.append(Text(found[0], quoted))
            pos = found.end()
            if pos >= end:
                break
        if not spend():
            pos = end
            break
        char = text[pos]
        if char == "$":
            name = _NAME.match(text, pos, end)
            if name is None:
                cur.pos = pos
                return found is not None
            pieces.append(Parameter(name[1] or name[2], "", (), quoted, name[0]))
            pos = name.end()
        elif char == '"' and mode.double_quotes:
            flat = _FLAT_QUOTED.match(text, pos, end)
            cur.pos = pos
            if flat is None:
                return found is not None
            # An empty piece keeps the word alive, and shows that there were quotes.
            pieces.append(Text("", quoted=True))
            pos = _read_flat_quoted(cur, flat.end() - 1, pieces)
        elif char == "\\":
            cur.pos = pos
            _read_escape(cur, mode, pieces)
            pos = cur.pos
        elif char == "'" and mode.single_quotes:
            close = text.find("'", pos + 1, end)
            if close < 0:
                cur.fail("unterminated single quote")
                close = end
            pieces.extend(literal_pieces(cur, text[pos + 1 : close]))
            pos = min(close + 1, end)
        elif char in mode.stops and char not in "()<>`\r" and not mode.parens:
            break
        else:
            cur.pos = pos
            return found is not None
    cur.pos = pos
    return None


def _read_flat_quoted(cur: Cursor, close: int, pieces: list[Piece]) -> int:
    """Add what stands between double quotes, text and names only, and return the place behind them."""
    text, pos = cur.text, cur.pos + 1
    spend = cur.journal.budget.spend
    while True:
        found = QUOTED.chunk.match(text, pos, close)
        if found:
            pieces.append(Text(found[0], quoted=True))
            pos = found.end()
        if not spend():
            return cur.end
        if pos == close:
            return close + 1
        name = _NAME.match(text, pos, close)
        if name is None:
            return pos
        pieces.append(Parameter(name[1] or name[2], "", (), True, name[0]))
        pos = name.end()


def literal_pieces(cur: Cursor, content: str) -> tuple[Piece, ...]:
    """Text in which nothing is special, except what came from an outer script."""
    embedded = cur.embedded
    if not embedded:
        return (Text(content, quoted=True),)
    # The empty piece keeps the word alive where all that follows turns out empty.
    pieces: list[Piece] = [Text("", quoted=True)]
    pos = 0
    for found in _PLACEHOLDER.finditer(content):
        if found[0] in embedded:
            pieces.append(Text(content[pos : found.start()], quoted=True))
            pieces.append(Embedded(embedded[found[0]], quoted=True))
            pos = found.end()
    pieces.append(Text(content[pos:], quoted=True))
    return tuple(pieces)


def _read_escape(cur: Cursor, mode: Mode, pieces: list[Piece]) -> None:
    pos = cur.pos + 1
    if pos >= cur.end:
        pieces.append(Text("\\", quoted=True))
        cur.pos = pos
        return
    char = cur.text[pos]
    cur.pos = pos + 1
    if char == "\n":
        return
    if mode.escapes is None or char in mode.escapes:
        pieces.extend(literal_pieces(cur, char))
    else:
        pieces.append(Text("\\", quoted=True))
        cur.pos = pos

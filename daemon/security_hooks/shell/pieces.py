"""One raw word: from the text to literal pieces, parameters and substitutions, nothing expanded yet.

Every opener of code that is met outside single quotes becomes a piece or a problem; none is passed over.
"""

import re
from typing import NamedTuple

from security_hooks.model.word import HoleKind
from security_hooks.shell.cursor import Cursor
from security_hooks.shell.escapes import unescape
from security_hooks.shell.steps import Steps
from security_hooks.shell.syntax import Embedded, Opaque, Parameter, Piece, RawWord, Substitution, Text


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
_PARAMETER = re.compile(r"\$\{(!?#?)([A-Za-z_]\w*|[0-9]+|[@*#?$!-])?", re.ASCII)
_PLACEHOLDER = re.compile("[\U000f0000-\U000ffffd]")
_ANSI = re.compile(r"\$'((?:[^'\\]|\\.)*)'", re.DOTALL)
_BACKQUOTED = re.compile(r"`((?:[^`\\]|\\.)*)`", re.DOTALL)
_ESCAPED = re.compile(r"\\([$`\\])")
_ESCAPED_QUOTED = re.compile(r"\\([$`\\\"])")
_OPERATOR = re.compile(r":?[-=+?]|##?|%%?|//?|\^\^?|,,?|[@:*]")
_SIMPLE_SUBSCRIPT = re.compile(r"[@*]|[0-9]+", re.ASCII)
_PATTERN_OPERATORS = ("#", "%", "/", "^", ",", "@")


def read_word(cur: Cursor, mode: Mode = WORD) -> Steps[RawWord]:
    """The word that begins here; empty if none does."""
    start = cur.pos
    cur.spend()
    pieces = yield from read_pieces(cur, mode)
    return RawWord(pieces, cur.base + start, cur.base + cur.pos, is_nested(pieces), cur.text[start : cur.pos])


def is_nested(pieces: tuple[Piece, ...]) -> bool:
    """Whether code stands in these pieces."""
    for piece in pieces:
        kind = type(piece)
        if kind is Substitution or (kind is Opaque and piece.inner):  # type: ignore[union-attr]  # the type was just compared
            return True
        if type(piece) is Parameter and (
            piece.argument or (piece.subscript is not None and not is_simple_subscript(piece.subscript))
        ):
            return True
    return False


def is_simple_subscript(pieces: tuple[Piece, ...]) -> bool:
    """Whether this subscript is a number, `@` or `*`."""
    return len(pieces) == 1 and type(pieces[0]) is Text and bool(_SIMPLE_SUBSCRIPT.fullmatch(pieces[0].text))


def read_pieces(cur: Cursor, mode: Mode) -> Steps[tuple[Piece, ...]]:
    """The pieces up to a character that ends this mode, which is not consumed, or to the end of the text."""
    text, end = cur.text, cur.end
    pieces: list[Piece] = []
    nesting = 0
    spend = cur.journal.budget.spend
    while cur.pos < end:
        pos = cur.pos
        found = mode.chunk.match(text, pos, end)
        if found:
            pieces.append(Text(found[0], mode.quoted))
            cur.pos = pos = found.end()
            if pos >= end:
                break
        if not spend():
            cur.pos = end
            break
        char = text[pos]
        if char == "\\":
            _read_escape(cur, mode, pieces)
        elif char == "'" and mode.single_quotes:
            close = text.find("'", pos + 1, end)
            if close < 0:
                cur.fail("unterminated single quote")
                close = end
            pieces.extend(literal_pieces(cur, text[pos + 1 : close]))
            cur.pos = min(close + 1, end)
        elif char == '"' and mode.double_quotes:
            yield from _read_quoted(cur, pieces)
        elif char == "$":
            name = _NAME.match(text, pos, end)
            if name:
                pieces.append(Parameter(name[1] or name[2], "", (), mode.quoted, name[0]))
                cur.pos = name.end()
            else:
                yield from _read_dollar(cur, mode, pieces)
        elif char == "`":
            pieces.append((yield _read_backquoted(cur, mode.quoted)))
        elif char in "<>" and not mode.quoted and text.startswith("(", pos + 1, end):
            pieces.append((yield _read_code(cur, char, quoted=False)))
        elif mode.parens and char == "(":
            nesting += 1
            pieces.append(Text(char, mode.quoted))
            cur.pos += 1
        elif mode.parens and nesting and char in " \t\n)":
            nesting -= char == ")"
            pieces.append(Text(char, mode.quoted))
            cur.pos += 1
        elif char == "(" and found and text[pos - 1] in "?*+@!":
            yield from _read_extended_glob(cur, pieces)
        elif char == "\r" and not (pos + 1 == end or text[pos + 1] == "\n"):
            pieces.append(Text(char, mode.quoted))
            cur.pos += 1
        elif char in mode.stops:
            break
        elif char in cur.embedded:
            pieces.append(Embedded(cur.embedded[char], mode.quoted))
            cur.pos += 1
        else:
            pieces.append(Text(char, mode.quoted))
            cur.pos += 1
    return tuple(pieces)


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


def _read_quoted(cur: Cursor, pieces: list[Piece]) -> Steps[None]:
    cur.pos += 1
    inner = yield from read_pieces(cur, QUOTED)
    if not inner or not all(map(_may_vanish, inner)):
        # An empty piece keeps the word alive, and shows that there were quotes.
        pieces.append(Text("", quoted=True))
    pieces.extend(inner)
    if cur.pos >= cur.end:
        cur.fail("unterminated double quote")
    cur.pos = min(cur.pos + 1, cur.end)


def _may_vanish(piece: Piece) -> bool:
    """Whether this is no word at all, even quoted, where it has no elements: `$@`, `${a[@]}`."""
    if type(piece) is not Parameter or piece.prefix == "#":
        return False
    return (piece.name if piece.subscript is None else _source_of(piece.subscript)) == "@"


def _source_of(pieces: tuple[Piece, ...]) -> str:
    return pieces[0].text if len(pieces) == 1 and type(pieces[0]) is Text else ""


def _read_dollar(cur: Cursor, mode: Mode, pieces: list[Piece]) -> Steps[None]:
    """What a dollar begins that is no plain parameter."""
    text, pos, end = cur.text, cur.pos, cur.end
    following = text[pos + 1 : pos + 2] if pos + 1 < end else ""
    if following == "(":
        if text.startswith("((", pos + 1, end):
            arithmetic = yield from read_arithmetic(cur, 3, mode.quoted)
            if arithmetic is not None:
                pieces.append(arithmetic)
                return
        pieces.append((yield _read_code(cur, "$", quoted=mode.quoted)))
    elif following == "{" and text[pos + 2 : pos + 3] in (" ", "\t", "\n", "|"):
        pieces.append((yield _read_braced_code(cur, quoted=mode.quoted)))
    elif following == "{":
        pieces.append((yield _read_parameter(cur, mode)))
    elif following == "[":
        cur.pos = pos + 2
        inner = yield read_pieces(cur, SUBSCRIPT)
        cur.pos = min(cur.pos + 1, end)
        pieces.append(Opaque(HoleKind.ARITHMETIC, inner, mode.quoted, text[pos : cur.pos]))
    elif following == "'" and mode.single_quotes:
        ansi = _ANSI.match(text, pos, end)
        if ansi is None:
            cur.fail("unterminated single quote")
        literal = unescape(ansi[1]) if ansi else None
        cur.pos = ansi.end() if ansi else end
        if literal is None:
            pieces.append(Opaque(HoleKind.OTHER, (), True, text[pos : cur.pos]))
        else:
            pieces.extend(literal_pieces(cur, literal))
    elif following == '"' and mode.double_quotes and not mode.quoted:
        cur.pos = pos + 1
        yield from _read_quoted(cur, pieces)
    else:
        pieces.append(Text("$", quoted=True))
        cur.pos = pos + 1


def read_arithmetic(cur: Cursor, opener: int, quoted: bool) -> Steps[Opaque | None]:
    """`$((..))` or `((..))` from here, or None, with the cursor where it was, if it does not end in `))`."""
    start = cur.pos
    if start in cur.not_arithmetic:
        return None
    cur.pos += opener
    if not cur.spend():
        return Opaque(HoleKind.ARITHMETIC, (), quoted, cur.text[start : cur.end])
    before = cur.journal.problem
    unread = len(cur.unread)
    inner = yield read_pieces(cur, ARITHMETIC)
    if cur.text.startswith("))", cur.pos, cur.end):
        cur.pos += 2
        if cur.exact:
            # Within a default, `${x:-$((1+1))}`, the second reader takes it for code.
            cur.journal.unplaced.append((cur.base + start, cur.base + cur.pos))
        return Opaque(HoleKind.ARITHMETIC, inner, quoted, cur.text[start : cur.pos])
    if cur.journal.budget.over:
        cur.pos = cur.end
        return Opaque(HoleKind.ARITHMETIC, inner, quoted, cur.text[start : cur.end])
    cur.not_arithmetic.add(start)
    cur.journal.problem = before
    del cur.unread[unread:]
    cur.pos = start
    return None


def _read_code(cur: Cursor, kind: str, *, quoted: bool) -> Steps[Substitution]:
    start = cur.pos
    cur.pos += 2
    cur.substitutions += 1
    body = yield cur.journal.read_list(cur, (")",))
    cur.substitutions -= 1
    if cur.pos < cur.end:
        cur.pos += 1
    else:
        cur.fail(f"unterminated `{kind}(`")
    return Substitution(kind, body, quoted, cur.text[start : cur.pos], None)


def _read_braced_code(cur: Cursor, *, quoted: bool) -> Steps[Substitution]:
    """`${ code; }`, as bash 5.3 and ksh have it."""
    start = cur.pos
    cur.pos += 3
    body = yield cur.journal.read_list(cur, ("}",))
    if cur.pos >= cur.end:
        cur.fail("unterminated `${`")
    cur.pos = min(cur.pos + 1, cur.end)
    return Substitution("$", body, quoted, cur.text[start : cur.pos], None)


def _read_backquoted(cur: Cursor, quoted: bool) -> Steps[Substitution]:
    start = cur.pos
    found = _BACKQUOTED.match(cur.text, start, cur.end)
    if found is None:
        cur.fail("unterminated backquote")
    inner = found[1] if found else cur.text[start + 1 : cur.end]
    cur.pos = found.end() if found else cur.end
    nested = Cursor(inner, cur.journal, cur.embedded, cur.base + start + 1, cur.depth)
    nested.exact = cur.exact
    span = None
    if "\\" in inner:
        # Taking backslashes away moves what follows, so one place stands for all of the code.
        nested.text = (_ESCAPED_QUOTED if quoted else _ESCAPED).sub(r"\1", inner)
        nested.end = len(nested.text)
        nested.exact = False
        span = (cur.base + start, cur.base + cur.pos)
        if cur.exact:
            cur.journal.unplaced.append(span)
    body = yield cur.journal.read_text(nested)
    return Substitution("$", body, quoted, cur.text[start : cur.pos], span)


def _read_parameter(cur: Cursor, mode: Mode) -> Steps[Parameter]:
    text, start = cur.text, cur.pos
    cur.spend()
    found = _PARAMETER.match(text, start, cur.end)
    prefix, name = (found[1], found[2] or "") if found else ("", "")
    cur.pos = found.end() if found else min(start + 2, cur.end)
    if not name:
        prefix, name = "", prefix
    subscript: tuple[Piece, ...] | None = None
    if name and text.startswith("[", cur.pos, cur.end):
        subscript = yield from _read_subscript(cur)
    operator = _OPERATOR.match(text, cur.pos, cur.end)
    sign = operator[0] if operator else ""
    if operator:
        cur.pos = operator.end()
    takes_pattern = not mode.quoted or sign[:1] in _PATTERN_OPERATORS
    argument = yield read_pieces(cur, ARGUMENT if takes_pattern else QUOTED_ARGUMENT)
    if cur.pos >= cur.end:
        cur.fail("unterminated `${`")
    cur.pos = min(cur.pos + 1, cur.end)
    if not name or (argument and not sign):
        sign = sign or "?"
    return Parameter(name, sign, argument, mode.quoted, text[start : cur.pos], prefix, subscript)


def _read_subscript(cur: Cursor) -> Steps[tuple[Piece, ...]]:
    """The pieces between the brackets, which may hold others."""
    pieces: list[Piece] = []
    opened = 1
    cur.pos += 1
    while opened and cur.pos < cur.end:
        read = yield read_pieces(cur, INDEX)
        opened += sum(piece.text.count("[") for piece in read if type(piece) is Text and not piece.quoted) - 1
        pieces.extend(read)
        if cur.text.startswith("}", cur.pos, cur.end):
            break
        if opened and cur.pos < cur.end:
            pieces.append(Text("]", quoted=False))
        cur.pos = min(cur.pos + 1, cur.end)
    return tuple(pieces)


def _read_extended_glob(cur: Cursor, pieces: list[Piece]) -> Steps[None]:
    start = cur.pos
    cur.pos += 1
    cur.spend()
    inner = yield read_pieces(cur, PATTERN)
    if cur.pos >= cur.end:
        cur.fail("unterminated pattern")
    cur.pos = min(cur.pos + 1, cur.end)
    pieces.append(Opaque(HoleKind.GLOB, inner, False, cur.text[start : cur.pos]))

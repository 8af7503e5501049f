"""One raw word: from the text to literal pieces, parameters and substitutions, nothing expanded yet.

Every opener of code that is met outside single quotes becomes a piece or a problem; none is passed over.
"""

import re

from security_hooks.model.word import HoleKind
from security_hooks.shell.cursor import Cursor
from security_hooks.shell.escapes import unescape
from security_hooks.shell.flat import (
    ARGUMENT,
    ARITHMETIC,
    INDEX,
    PATTERN,
    QUOTED,
    QUOTED_ARGUMENT,
    SUBSCRIPT,
    WORD,
    Mode,
    literal_pieces,
    read_flat,
)
from security_hooks.shell.steps import Steps
from security_hooks.shell.syntax import Embedded, Opaque, Parameter, Piece, RawWord, Substitution, Text

_PARAMETER = re.compile(r"\$\{(!?#?)([A-Za-z_]\w*|[0-9]+|[@*#?$!-])?", re.ASCII)
_ANSI = re.compile(r"\$'((?:[^'\\]|\\.)*)'", re.DOTALL)
_BACKQUOTED = re.compile(r"`((?:[^`\\]|\\.)*)`", re.DOTALL)
_ESCAPED = re.compile(r"\\([$`\\])")
_ESCAPED_QUOTED = re.compile(r"\\([$`\\\"])")
_OPERATOR = re.compile(r":?[-=+?]|##?|%%?|//?|\^\^?|,,?|[@:*]")
_SIMPLE_SUBSCRIPT = re.compile(r"[@*]|[0-9]+", re.ASCII)
_PATTERN_OPERATORS = ("#", "%", "/", "^", ",", "@")


def read_word(cur: Cursor, mode: Mode = WORD) -> Steps[RawWord]:
    """The word that begins here; empty if none does."""
    read = begin_word(cur, mode)
    return read if isinstance(read, RawWord) else (yield from read)


def begin_word(cur: Cursor, mode: Mode = WORD) -> RawWord | Steps[RawWord]:
    """The word that begins here where nothing nests in it, or the steps that read it to its end."""
    start = cur.pos
    cur.spend()
    pieces: list[Piece] = []
    nests = read_flat(cur, mode, pieces)
    if nests is not None:
        return _rest_of_word(cur, mode, pieces, nests, start)
    return RawWord(tuple(pieces), cur.base + start, cur.base + cur.pos, False, cur.text[start : cur.pos])


def _rest_of_word(cur: Cursor, mode: Mode, read: list[Piece], behind_text: bool, start: int) -> Steps[RawWord]:
    pieces = yield from _read_rest(cur, mode, read, behind_text)
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
    pieces: list[Piece] = []
    nests = read_flat(cur, mode, pieces)
    return tuple(pieces) if nests is None else (yield from _read_rest(cur, mode, pieces, nests))


def _read_rest(cur: Cursor, mode: Mode, pieces: list[Piece], behind_text: bool) -> Steps[tuple[Piece, ...]]:
    """Read on from a character that was counted already."""
    text, end = cur.text, cur.end
    nesting = 0
    nests: bool | None = behind_text
    while nests is not None:
        pos = cur.pos
        char = text[pos]
        if char == '"' and mode.double_quotes:
            yield from _read_quoted(cur, pieces)
        elif char == "$":
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
        elif char == "(" and nests and text[pos - 1] in "?*+@!":
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
        nests = read_flat(cur, mode, pieces)
    return tuple(pieces)


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

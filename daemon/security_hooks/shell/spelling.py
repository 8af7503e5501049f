r"""Whether a word that turned out literal was spelled as no person needs to: `r''m`, `r\m`, `$'\x72m'`, `-r''f`."""

import re

from security_hooks.shell.syntax import Parameter, Piece, RawWord, Substitution, Text

_QUOTED = re.compile(r"'[^']*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
_EMPTY_QUOTES = re.compile(r"''|\"\"")
_EMPTY_WITHIN = re.compile(r"[\w-](?:''|\"\")[\w-]")
_ESCAPED_LETTER = re.compile(r"(?<!\A)\\[A-Za-z0-9_-]")
_ESCAPED_NEWLINE = re.compile(r"\w\\\n\w")
_ANSI_ESCAPE = re.compile(r"\$'(?:[^'\\]|\\.)*\\[xuUc0-7]")
_QUOTE_IN_NAME = re.compile(r"[\w.]['\"][\w.]|[\w.]['\"]\Z.|\A['\"][\w.]*['\"][\w.]|[\w.]['\"][\w.]*['\"]\Z")


def is_hidden_program(raw: RawWord) -> bool:
    """Whether this literal program name was put together or quoted to look like another."""
    name = raw.source[raw.source.rfind("/") + 1 :]
    if is_hidden_option(raw) or _QUOTE_IN_NAME.search(name) or (len(name) > 2 and _EMPTY_QUOTES.search(name)):
        return True
    pieces = raw.pieces
    if any(isinstance(piece, Substitution) for piece in pieces):
        return True
    if any(isinstance(p, Text) and not p.quoted and "{" in p.text for p in pieces) and "," in raw.source:
        return True
    # Only what makes up the base name counts: a directory may well be in a variable.
    own: list[Piece] = []
    for piece in reversed(pieces):
        if isinstance(piece, Text) and "/" in piece.text:
            if not piece.text.endswith("/"):
                own.append(piece)
            break
        if not isinstance(piece, Text) or piece.text:
            own.append(piece)
    return len(own) > 1 and any(isinstance(piece, Parameter) for piece in own)


def is_hidden_option(raw: RawWord) -> bool:
    """Whether quotes or escapes stand in this word that do nothing but hide it."""
    source = raw.source
    if _EMPTY_WITHIN.search(source):
        return True
    if "\\" not in source:
        return False
    if _ANSI_ESCAPE.search(source):
        return True
    bare = _QUOTED.sub("Q", source)
    return bool(_ESCAPED_LETTER.search(bare) or _ESCAPED_NEWLINE.search(bare))

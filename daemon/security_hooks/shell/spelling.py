r"""Whether a word that turned out literal was spelled as no person needs to: `r''m`, `r\m`, `$'\x72m'`, `-r''f`."""

import re

from security_hooks.shell.syntax import Parameter, RawWord, Substitution, Text

_QUOTED = re.compile(r"'[^']*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
_EMPTY_QUOTES = re.compile(r"(?:''|\"\")")
_ESCAPED_LETTER = re.compile(r"(?<!\A)\\[A-Za-z0-9_-]")
_ESCAPED_NEWLINE = re.compile(r"\w\\\n\w")
_ANSI_ESCAPE = re.compile(r"\$'(?:[^'\\]|\\.)*\\[xuUc0-7]")
_QUOTE_IN_NAME = re.compile(r"[\w.]['\"][\w.]|[\w.]['\"]\Z.|\A['\"][\w.]*['\"][\w.]|[\w.]['\"][\w.]*['\"]\Z")


def is_hidden_program(raw: RawWord) -> bool:
    """Whether this literal program name was put together or quoted to look like another."""
    name = raw.source[raw.source.rfind("/") + 1 :]
    if is_hidden_option(raw) or _QUOTE_IN_NAME.search(name):
        return True
    own = 0
    for piece in reversed(raw.pieces):
        kind = type(piece)
        if kind is Substitution:
            return True
        if kind is Text and "/" in piece.text:  # type: ignore[union-attr]  # the type was just compared
            own += not piece.text.endswith("/")  # type: ignore[union-attr]  # as above
            break
        own += kind is Parameter or bool(piece.text)  # type: ignore[union-attr]  # as above
    assembled = any(type(piece) is Parameter for piece in raw.pieces[-own:]) if own else False
    return (own > 1 and assembled) or any(
        type(piece) is Text and not piece.quoted and "{" in piece.text and "," in raw.source for piece in raw.pieces
    )


def is_hidden_option(raw: RawWord) -> bool:
    """Whether quotes or escapes stand in this word that do nothing but hide it."""
    source = raw.source
    if len(source) > 2 and _EMPTY_QUOTES.search(source) and not _is_value(source):
        return True
    if _ANSI_ESCAPE.search(source):
        return True
    bare = _QUOTED.sub("Q", source)
    return bool(_ESCAPED_LETTER.search(bare) or _ESCAPED_NEWLINE.search(bare))


def _is_value(source: str) -> bool:
    """`--message=""`, `"it""s"`, `''$x`: empty quotes behind an `=`, or where quoted text meets quoted text."""
    return bool(re.search(r"=(?:''|\"\")\Z|[^'\"](?:'[^']+'|\"[^\"]+\")(?:'|\")", source))

"""One argument of a command, its unknown parts marked; and where a text comes from."""

import msgspec

from security_hooks.model.closed import Closed


class HoleKind(Closed):
    """Why a part of a word is not known."""

    PARAMETER = "parameter"
    SUBSTITUTION = "substitution"
    ARITHMETIC = "arithmetic"
    PROCESS = "process"
    GLOB = "glob"
    OTHER = "other"


class Hole(msgspec.Struct, frozen=True, gc=False):
    """An unknown part of a word. `source` is its text as written (a GLOB's is its pattern: `*`, `?`, `[ab]`).

    `splits` says that it may expand to no word or to several (unquoted).
    """

    kind: HoleKind
    source: str
    splits: bool = False


class Word(msgspec.Struct, frozen=True, gc=False):
    """One argument after quoting is resolved: literal strings and holes, in order, adjacent literals joined.

    `literal` is the whole text if nothing is unknown, else None. `span` is (start, end) in characters of the
    text it was read from. An empty `parts` is the empty word `''`.
    """

    parts: tuple[str | Hole, ...]
    span: tuple[int, int]
    literal: str | None


class Origin(Closed):
    """Where the text of a command comes from."""

    LITERAL = "literal"
    FILE = "file"
    DECODED = "decoded"
    NETWORK = "network"
    UNKNOWN = "unknown"

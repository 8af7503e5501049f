"""The syntax tree of a shell text: what is written, before anything is expanded.

Structs and neither dataclasses nor named tuples: thousands are made per script, and those cost many times as much to
make. Positions count characters from the start of the text of the outermost reader.
"""

from typing import TypeAlias

import msgspec

from security_hooks.model.word import Hole, HoleKind, Word


class Text(msgspec.Struct, frozen=True, gc=False):
    """Literal text; `quoted` by quotes or a backslash, so that it neither splits, globs nor braces."""

    text: str
    quoted: bool


class Parameter(msgspec.Struct, frozen=True, gc=False):
    """`$name` or `${name...}`: `operator` is what follows the name (`:-`, `#`, ...) or empty, `prefix` the `!` or `#`
    before it. `subscript` is None where there is none.
    """

    name: str
    operator: str
    argument: "tuple[Piece, ...]"
    quoted: bool
    source: str
    prefix: str = ""
    subscript: "tuple[Piece, ...] | None" = None


class Substitution(msgspec.Struct, frozen=True, gc=False):
    """Code whose output (`$`) or whose other end (`<`, `>`) stands in the word. `span` is None where the body's
    own positions hold, else the place that stands for all of them.
    """

    kind: str
    body: "Sequence"
    quoted: bool
    source: str
    span: tuple[int, int] | None


class Opaque(msgspec.Struct, frozen=True, gc=False):
    """A part that is never folded (arithmetic, extended globs); `inner` holds the pieces in it."""

    kind: HoleKind
    inner: "tuple[Piece, ...]"
    quoted: bool
    source: str


class Embedded(msgspec.Struct, frozen=True, gc=False):
    """A part that came with the text from an outer script: a hole, or text that is only text here."""

    value: Hole | str
    quoted: bool


Piece: TypeAlias = Text | Parameter | Substitution | Opaque | Embedded


class RawWord(msgspec.Struct, frozen=True, gc=False):
    """A word before expansion. `nested` says that code stands in it. `source` is its text as written."""

    pieces: tuple[Piece, ...]
    start: int
    end: int
    nested: bool
    source: str


AnyWord: TypeAlias = Word | RawWord


class HereDoc:
    """A here-document: found at its operator, filled when the reader comes to its body. `operator` is the place of
    operator and delimiter, `extent` that of the body in the reader's text, `last` where the line that ends it
    ends; `exact` says that places within the body hold.
    """

    __slots__ = ("body", "delimiter", "exact", "expands", "extent", "last", "operator", "strips_tabs")

    def __init__(self, operator: tuple[int, int], delimiter: str, *, expands: bool, strips_tabs: bool) -> None:
        self.operator = operator
        self.delimiter = delimiter
        self.expands = expands
        self.strips_tabs = strips_tabs
        self.exact = True
        self.extent = (operator[1], operator[1])
        self.last = operator[1]
        self.body: AnyWord = Word((), self.extent, "")


class RawRedirect(msgspec.Struct, frozen=True, gc=False):
    """One redirection as written."""

    operator: str
    descriptor: int | None
    target: AnyWord | HereDoc


class RawAssignment(msgspec.Struct, frozen=True, gc=False):
    """`name=value`, `name+=value`; `elements` for `name=(...)`, None else. `subscript` is a word of its own."""

    name: str
    value: AnyWord
    append: bool
    elements: tuple[AnyWord, ...] | None = None
    subscript: RawWord | None = None


class Simple(msgspec.Struct, frozen=True, gc=False):
    """A simple command. `nested` says that a word or a redirection has code in it, `literal` that every word stands for
    itself.
    """

    assignments: tuple[RawAssignment, ...]
    words: tuple[AnyWord, ...]
    redirects: tuple[RawRedirect, ...]
    text: str
    start: int
    end: int
    nested: bool
    literal: bool = False


class Pipeline(msgspec.Struct, frozen=True, gc=False):
    """Two stages or more."""

    stages: "tuple[Node, ...]"


class Chain(msgspec.Struct, frozen=True, gc=False):
    """`first && second || third`: the operator before each part, empty before the first."""

    parts: "tuple[tuple[str, Node], ...]"


class Negated(msgspec.Struct, frozen=True, gc=False):
    """`! node`."""

    node: "Node"


class Background(msgspec.Struct, frozen=True, gc=False):
    """`node &`."""

    node: "Node"


class Sequence(msgspec.Struct, frozen=True, gc=False):
    """Statements, one after the other."""

    items: "tuple[Node, ...]"


class Block(msgspec.Struct, frozen=True, gc=False):
    """`( .. )` is a `subshell`, `{ .. }` a `group`."""

    kind: str
    body: Sequence
    redirects: tuple[RawRedirect, ...]


class If(msgspec.Struct, frozen=True, gc=False):
    """Conditions and branches in order; `otherwise` is empty without `else`."""

    branches: tuple[tuple[Sequence, Sequence], ...]
    otherwise: Sequence
    redirects: tuple[RawRedirect, ...]


class Loop(msgspec.Struct, frozen=True, gc=False):
    """`for`, `select`, `while`, `until`. `variable` and `words` for the first two; `condition` for the others.
    `counts` says that there is one round for each word.
    """

    variable: str
    words: tuple[AnyWord, ...]
    condition: Sequence
    body: Sequence
    redirects: tuple[RawRedirect, ...]
    counts: bool = False


class Case(msgspec.Struct, frozen=True, gc=False):
    """`case subject in patterns) body ;; esac`: each arm with what ends it."""

    subject: AnyWord
    arms: tuple[tuple[tuple[AnyWord, ...], Sequence, str], ...]
    redirects: tuple[RawRedirect, ...]


class Function(msgspec.Struct, frozen=True, gc=False):
    """`name() body`."""

    name: str
    body: "Node"


class Coproc(msgspec.Struct, frozen=True, gc=False):
    """`coproc node`."""

    node: "Node"


class Test(msgspec.Struct, frozen=True, gc=False):
    """`[[ .. ]]` and `(( .. ))`: only the words in them matter; `arithmetic` may assign."""

    words: tuple[AnyWord, ...]
    redirects: tuple[RawRedirect, ...]
    arithmetic: bool


Node: TypeAlias = (
    Simple | Pipeline | Chain | Negated | Background | Sequence | Block | If | Loop | Case | Function | Coproc | Test
)
NOTHING = Sequence(())

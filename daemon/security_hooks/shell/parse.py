"""Shell text to a syntax tree: bash's grammar, read by hand, so that what is valid in bash is read as bash does.

Never raises. What bash would refuse is noted as a problem and reading goes on behind it, so that commands
which stand there are found all the same.
"""

import re
from collections.abc import Mapping

import msgspec

from security_hooks.model.word import Hole, Word
from security_hooks.shell.compound import CLOSING, compound
from security_hooks.shell.cursor import SKIPPED, Cursor, Journal
from security_hooks.shell.flat import DOCUMENT, literal_pieces
from security_hooks.shell.heredoc import body_text
from security_hooks.shell.limits import Budget
from security_hooks.shell.pieces import is_nested, read_pieces
from security_hooks.shell.simple import read_simple
from security_hooks.shell.steps import Steps, run
from security_hooks.shell.syntax import (
    NOTHING,
    Background,
    Chain,
    Negated,
    Node,
    Piece,
    Pipeline,
    RawWord,
    Sequence,
    Simple,
)

_CLOSING = re.compile(rf"(?:{'|'.join(map(re.escape, CLOSING))})(?=[\s;&|()<>]|\Z)")
_NEGATION = re.compile(r"!(?=[\s(]|\Z)")


class Tree(msgspec.Struct, frozen=True, gc=False):
    """A text as read: its statements, the first problem met, and what a second reader is compared with."""

    body: Sequence
    journal: Journal


def parse(text: str, budget: Budget, embedded: Mapping[str, Hole | str], depth: int = 0) -> Tree:
    """Read a whole text. `embedded` says which characters stand for parts that came from an outer script."""
    journal = Journal(budget, read_list, read_text, read_command)
    cur = Cursor(text, journal, embedded, 0, depth)
    return Tree(run(read_text(cur)), journal)


def parse_expansion(
    text: str, budget: Budget, embedded: Mapping[str, Hole | str], depth: int
) -> tuple[RawWord, Journal]:
    """Read a text as the shell does that expands it once more, as within double quotes."""
    journal = Journal(budget, read_list, read_text, read_command)
    cur = Cursor(text, journal, embedded, 0, depth)
    cur.exact = False
    pieces = run(read_pieces(cur, DOCUMENT))
    run(_read_documents(cur))
    return RawWord(pieces, 0, len(text), is_nested(pieces), text), journal


def read_text(cur: Cursor) -> Steps[Sequence]:
    """All statements to the end of the text, here-documents included."""
    body = yield from read_list(cur, ())
    if cur.pending or cur.unread:
        yield from _read_documents(cur)
    return body


def read_command(cur: Cursor) -> Steps[Node]:
    """The one command, compound or simple, that a function or a coprocess consists of."""
    cur.skip_lines()
    if not cur.spend():
        return Simple((), (), (), "", cur.base + cur.end, cur.base + cur.end, nested=False)
    step = compound(cur, cur.text[cur.pos : cur.pos + 1])
    return (yield from step or read_simple(cur))


def read_list(cur: Cursor, closers: tuple[str, ...]) -> Steps[Sequence]:
    """Statements up to a closer, which is not consumed, or to the end of the text."""
    if cur.depth >= cur.journal.budget.limits.depth:
        cur.journal.budget.over = True
        cur.pos = cur.end
        return NOTHING
    if not cur.spend():
        return NOTHING
    cur.depth += 1
    text = cur.text
    items: list[Node] = []
    parts: list[tuple[str, Node]] = []
    stages: list[Node] = []
    operator = ""
    negated = False
    while True:
        cur.skip_lines()
        pos = cur.pos
        if pos >= cur.end:
            break
        char = text[pos]
        if char in ";&|)":
            if char in closers or (char == ";" and ";;" in closers and text[pos + 1 : pos + 2] in (";", "&")):
                break
            cur.fail(f"unexpected `{char}`")
            cur.pos = pos + 1
            continue
        closing = _CLOSING.match(text, pos, cur.end) if char in "tefd}" else None
        if closing:
            if closing[0] in closers:
                break
            cur.fail(f"unexpected `{closing[0]}`")
            cur.pos = closing.end()
            continue
        if char == "!" and _NEGATION.match(text, pos, cur.end):
            if cur.exact:
                cur.journal.programs.add(cur.base + pos)
            cur.pos = pos + 1
            negated = not negated
            continue
        step = compound(cur, char)
        node: Node = yield from step or read_simple(cur)
        if cur.pos == pos:
            cur.fail(f"unexpected `{char}`")
            cur.pos = pos + 1
            continue
        if cur.pos < cur.end and text[cur.pos] in SKIPPED:
            cur.skip_blanks()
        following = text[cur.pos : cur.pos + 2] if cur.pos < cur.end else ""
        if following[:1] == "|" and following != "||":
            stages.append(node)
            cur.pos += 2 if following == "|&" else 1
            continue
        if stages:
            node = Pipeline((*stages, node))
            stages.clear()
        if negated:
            node = Negated(node)
            negated = False
        if following in ("&&", "||"):
            parts.append((operator, node))
            operator = following
            cur.pos += 2
            continue
        if parts:
            node = Chain((*parts, (operator, node)))
            parts.clear()
            operator = ""
        if following[:1] == "&":
            node = Background(node)
            cur.pos += 1
        elif following[:1] == ";" and following not in (";;", ";&"):
            cur.pos += 1
        elif following and following[0] not in "\n;)" and (step is None or not _CLOSING.match(text, cur.pos, cur.end)):
            cur.fail(f"unexpected `{following[0]}`")
        items.append(node)
    if stages or parts:
        cur.fail("a command is missing at the end")
        items.extend(stages if not parts else [Chain((*parts, *(("&&", stage) for stage in stages)))])
    cur.depth -= 1
    return Sequence(tuple(items))


def _read_documents(cur: Cursor) -> Steps[None]:
    for document in cur.pending:
        document.extent = (cur.end, cur.end)
        document.last = cur.end
    waiting = [*cur.unread, *cur.pending]
    cur.unread.clear()
    cur.pending.clear()
    for document in waiting:
        start, stop = document.extent
        if cur.exact:
            cur.journal.documents.append((document.operator, (cur.base + start, cur.base + document.last)))
        body = body_text(cur.text, document)
        span = (cur.base + start, cur.base + stop)
        if not cur.embedded and (not document.expands or not any(char in body for char in "$`\\")):
            document.body = Word((body,) if body else (), span, body)
            continue
        if stop - start == len(body):
            part = cur.part(start, stop)
        else:
            part = Cursor(body, cur.journal, cur.embedded, cur.base + start, cur.depth)
            part.exact = document.exact = False
        pieces: tuple[Piece, ...] = ()
        if document.expands:
            pieces = yield read_pieces(part, DOCUMENT)
            if part.pending or part.unread:
                yield _read_documents(part)
        else:
            pieces = literal_pieces(part, body)
        document.body = RawWord(pieces, span[0], span[1], is_nested(pieces), body)

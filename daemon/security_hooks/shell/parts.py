"""A script's text to the parts of it that can be taken out or replaced one at a time, each with its place.

What a word holds is looked into where it is code: substitutions, and quoted text that the script runs. The parts come
in the order of the text, the larger before what is in it. A command with a here-document is no part, but its words are,
and the body.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from security_hooks.model.shell import Command
from security_hooks.model.word import Word
from security_hooks.shell.limits import Budget, ShellLimits
from security_hooks.shell.parse import parse
from security_hooks.shell.syntax import (
    AnyWord,
    Background,
    Block,
    Case,
    Chain,
    Coproc,
    Function,
    HereDoc,
    If,
    Loop,
    Negated,
    Node,
    Opaque,
    Parameter,
    Pipeline,
    RawRedirect,
    RawWord,
    Simple,
    Substitution,
    Test,
    Text,
)
from security_hooks.shell.syntax import Sequence as Statements

MOST_PARTS = 2_000
_OPERATOR = re.compile(r"(?:\d+|&|\{\w+\})?[<>]+[|&]?[ \t]*\Z")
_LONGEST_OPERATOR = 64
_DEEPEST = 8


class PartKind(Enum):
    """What a part is to the command that it stands in."""

    COMMAND = "command"
    STAGE = "pipe stage"
    PROGRAM = "program"
    ASSIGNMENT = "assignment"
    OPTION = "option"
    OPERAND = "operand"
    WORD = "word"
    REDIRECTION = "redirection"
    UNKNOWN = "unknown part"


@dataclass(frozen=True, slots=True)
class Part:
    """`text[start:end]` of a script. `command` numbers the simple command that it belongs to; an option's value is part
    of it. `spare` marks an operand without which the command would still have one that it does the same to. A WORD is
    one that is neither option nor operand: a subcommand, a program behind a wrapper.
    """

    kind: PartKind
    start: int
    end: int
    command: int
    spare: bool = False


def parts_of(text: str, commands: Sequence[Command]) -> tuple[Part, ...]:
    """The parts of a script whose commands are known; never raises, and stops at `MOST_PARTS`."""
    found: list[Part] = []
    reader = _Reader({command.text: command for command in reversed(commands)})
    for part in reader.read(text):
        found.append(part)
        if len(found) == MOST_PARTS:
            break
    return tuple(sorted(found, key=lambda part: (part.start, -part.end)))


class _Reader:
    def __init__(self, known: dict[str, Command]) -> None:
        self._known = known
        self._number = 0

    def read(self, whole: str) -> Iterator[Part]:
        texts: list[tuple[str, int, int]] = [(whole, 0, 0)]
        while texts:
            text, base, depth = texts.pop()
            nodes: list[tuple[Node, PartKind]] = [(parse(text, Budget(ShellLimits()), {}).body, PartKind.COMMAND)]
            while nodes:
                node, kind = nodes.pop()
                if not isinstance(node, Simple):
                    nodes += _below(node, kind)
                    continue
                yield from self._simple(node, kind, text, base)
                inside: list[tuple[str, int]] = []
                for word in _words(node):
                    if isinstance(word, RawWord):
                        nodes += [(piece.body, PartKind.COMMAND) for piece in _substitutions(word)]
                    inside += _quoted(word, text)
                inside += [(text[slice(*body.extent)], body.extent[0]) for body in _documents(node)]
                for code, start in inside:
                    if depth < _DEEPEST and any(line in code for line in self._known):
                        texts.append((code, base + start, depth + 1))

    def _simple(self, node: Simple, kind: PartKind, text: str, base: int) -> Iterator[Part]:
        self._number += 1
        number = self._number
        if text[node.start : node.end] != node.text:
            # Its places are not exact.
            return

        def part(kind: PartKind, start: int, end: int, *, spare: bool = False) -> Part:
            return Part(kind, base + start, base + end, number, spare)

        if not any(isinstance(redirect.target, HereDoc) for redirect in node.redirects):
            # With a here-document, some of the command stands elsewhere.
            yield part(kind, node.start, node.end)
        yield from (part(PartKind.WORD, *document.extent) for document in _documents(node))
        for assignment in node.assignments:
            _, end = _span(assignment.value)
            start = text.rfind(assignment.name, node.start, end)
            if start >= 0 and assignment.elements is None:
                yield part(PartKind.ASSIGNMENT, start, end)
        spans = [_span(word) for word in node.words]
        command = self._known.get(node.text)
        operands = {word.span for word in command.operands} if command is not None else set()
        spare = _spare(command) if command is not None else frozenset()
        at = 0
        while at < len(spans):
            start, end = spans[at]
            at += 1
            if at == 1:
                yield part(PartKind.PROGRAM, start, end)
            elif (start, end) in operands:
                yield part(PartKind.OPERAND, start, end, spare=(start, end) in spare)
            elif text[start] != "-" or end == start + 1:
                yield part(PartKind.WORD, start, end)
            else:
                if command is not None and at < len(spans) and _is_value(spans[at], text, operands):
                    end = spans[at][1]
                    at += 1
                yield part(PartKind.OPTION, start, end)
        for redirect in node.redirects:
            place = _redirect(redirect, text)
            if place is not None:
                yield part(PartKind.REDIRECTION, *place)
        for word in _words(node):
            if isinstance(word, RawWord):
                yield from (part(PartKind.UNKNOWN, *place) for place in _unknown(word, text))


def _below(node: Node, kind: PartKind) -> list[tuple[Node, PartKind]]:
    """The commands in a compound one, and what they are in it."""
    match node:
        case Pipeline(stages=stages):
            return [(stage, PartKind.STAGE) for stage in stages]
        case Statements(items=items):
            return [(item, PartKind.COMMAND) for item in items]
        case Chain(parts=parts):
            return [(part, PartKind.COMMAND) for _, part in parts]
        case Negated(node=inner) | Background(node=inner) | Coproc(node=inner):
            return [(inner, kind)]
        case Function(body=body) | Block(body=body):
            return [(body, PartKind.COMMAND)]
        case If(branches=branches, otherwise=otherwise):
            blocks = [block for branch in branches for block in branch]
            return [(block, PartKind.COMMAND) for block in (*blocks, otherwise)]
        case Loop(condition=condition, body=body):
            return [(condition, PartKind.COMMAND), (body, PartKind.COMMAND)]
        case Case(arms=arms):
            return [(body, PartKind.COMMAND) for _, body, _ in arms]
        case Simple() | Test():
            return []


def _words(node: Simple) -> Iterator[AnyWord]:
    yield from (assignment.value for assignment in node.assignments)
    yield from node.words
    yield from (redirect.target for redirect in node.redirects if not isinstance(redirect.target, HereDoc))


def _substitutions(word: RawWord) -> list[Substitution]:
    return [piece for piece in word.pieces if isinstance(piece, Substitution) and piece.span is None]


def _span(word: AnyWord) -> tuple[int, int]:
    return word.span if isinstance(word, Word) else (word.start, word.end)


def _spare(command: Command) -> frozenset[tuple[int, int]]:
    """The places of words that share each of their effects with another word."""
    targets: dict[tuple[str, str], set[tuple[int, int]]] = {}
    for effect in command.effects:
        if effect.target is not None:
            targets.setdefault((effect.kind.value, effect.object), set()).add(effect.target.span)
    alone = {span for spans in targets.values() if len(spans) == 1 for span in spans}
    return frozenset(span for spans in targets.values() for span in spans - alone)


def _is_value(span: tuple[int, int], text: str, operands: set[tuple[int, int]]) -> bool:
    return span not in operands and text[span[0]] != "-"


def _documents(node: Simple) -> list[HereDoc]:
    """The here-documents whose bodies stand in the text as the command reads them."""
    found = [redirect.target for redirect in node.redirects if isinstance(redirect.target, HereDoc)]
    return [document for document in found if document.exact and not document.strips_tabs]


def _quoted(word: AnyWord, text: str) -> list[tuple[str, int]]:
    """What stands between the quotes of a word that is one quoted text, and where."""
    start, end = _span(word)
    written = text[start:end]
    if len(written) < 3 or written[0] not in "'\"" or written[-1] != written[0]:
        return []
    if isinstance(word, Word):
        held = word.literal
    else:
        held = word.pieces[0].text if len(word.pieces) == 1 and isinstance(word.pieces[0], Text) else None
    return [(written[1:-1], start + 1)] if held == written[1:-1] else []


def _redirect(redirect: RawRedirect, text: str) -> tuple[int, int] | None:
    if isinstance(redirect.target, HereDoc):
        return None
    start, end = _span(redirect.target)
    operator = _OPERATOR.search(text[max(start - _LONGEST_OPERATOR, 0) : start])
    return None if operator is None else (start - len(operator[0]), end)


def _unknown(word: RawWord, text: str) -> Iterator[tuple[int, int]]:
    at = word.start
    for piece in word.pieces:
        if isinstance(piece, Parameter | Substitution | Opaque):
            found = text.find(piece.source, at, word.end)
            if found >= 0 and piece.source:
                at = found + len(piece.source)
                yield found, at

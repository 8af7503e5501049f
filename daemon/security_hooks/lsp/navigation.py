"""Where names are defined, and what stands in a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from security_hooks.dsl.lines import LogicalLine, logical_lines
from security_hooks.dsl.parse import TIERS
from security_hooks.dsl.syntax import At, Value
from security_hooks.lsp.context import Kind, context_at
from security_hooks.lsp.document import Document, Span
from security_hooks.lsp.surroundings import Surroundings

_STATEMENTS = frozenset({*TIERS, "list", "macro"})


class SymbolKind(Enum):
    """What a symbol is."""

    RULE = "rule"
    LIST = "list"
    MACRO = "macro"


@dataclass(frozen=True, slots=True)
class Symbol:
    """A statement of a file: its whole text and its name's place in it. `detail` is a rule's tier."""

    kind: SymbolKind
    name: str
    detail: str
    whole: Span
    named: Span


@dataclass(frozen=True, slots=True)
class Target:
    """A name where it is defined."""

    document: Document
    span: Span


def definition(document: Document, offset: int, around: Surroundings) -> Target | None:
    """Where the list, the macro or the rule that stands at a place is defined; None where no file says so."""
    context = context_at(document, offset)
    word = context.word
    if word is None:
        return None
    if context.kind is Kind.VALUE and context.keyword == "for":
        rule = around.rule(word.value)
        return None if rule is None else _target(around, rule.file.source.file, rule.statement.name.at)
    if word.is_string or context.kind not in (Kind.CONDITION, Kind.ARGUMENT, Kind.ELEMENT):
        return None
    found = around.definition(word.text, around.file(document.file))
    given = around.given(word.text)
    if found is None and given is not None:
        configuration, at = given
        return Target(configuration, _named(configuration, at))
    return None if found is None else _target(around, found.file.source.file, found.statement.name.at)


def symbols(document: Document, around: Surroundings) -> tuple[Symbol, ...]:
    """The rules, lists and macros of a file, in order."""
    source = around.file(document.file).source
    ends = dict(_ends(document))
    found = [
        *(_symbol(document, SymbolKind.RULE, rule.name, ends, rule.tier.value) for rule in source.rules),
        *(_symbol(document, SymbolKind.LIST, held.name, ends) for held in source.lists),
        *(_symbol(document, SymbolKind.MACRO, macro.name, ends) for macro in source.macros),
    ]
    return tuple(sorted(found, key=lambda symbol: symbol.whole.start))


def _symbol(document: Document, kind: SymbolKind, name: Value, ends: dict[int, int], detail: str = "") -> Symbol:
    first = document.line_span(name.at.line)
    last = document.line_span(ends.get(name.at.line, name.at.line))
    return Symbol(kind, name.text, detail, Span(first.start, max(last.end, first.end)), _named(document, name.at))


def _named(document: Document, at: At) -> Span:
    start = document.offset_of(at.line, at.column)
    line = document.line_span(at.line)
    if document.text.startswith('"', start):
        end = start + 1
        while end < line.end and document.text[end] != '"':
            end += 2 if document.text[end] == "\\" else 1
        return Span(start, min(end + 1, line.end))
    end = start
    while end < line.end and (document.text[end].isalnum() or document.text[end] == "_"):
        end += 1
    return Span(start, end)


def _target(around: Surroundings, file: str, at: At) -> Target:
    document = around.documents[file]
    return Target(document, _named(document, at))


def _ends(document: Document) -> Iterator[tuple[int, int]]:
    """The first and the last line of each statement, its clauses included."""
    first = last = 0
    for line in logical_lines(document.text, document.file):
        if not isinstance(line, LogicalLine):
            continue
        if line.first in _STATEMENTS:
            if first:
                yield first, last
            first = line.number
        last = line.number + line.text.count("\n")
    if first:
        yield first, last

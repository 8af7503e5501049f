"""One document in an editor and all that is asked about it, in the protocol's positions: what the server calls.

Pure but for the cache of parsed files, which is given: sources and a text in, answers out; nothing here raises for
what a text says.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from security_hooks.catalogue.entry import Catalogue
from security_hooks.dsl.format import format_rules
from security_hooks.lsp.completion import Offers, complete
from security_hooks.lsp.diagnosis import Fix, Underlined, fixes, underlined
from security_hooks.lsp.document import Document, Encoding, Position, Span
from security_hooks.lsp.hover import Hover, hover
from security_hooks.lsp.navigation import Symbol, Target, definition, symbols
from security_hooks.lsp.surroundings import Surroundings, surroundings
from security_hooks.model.diagnostic import Diagnostic, PolicyError
from security_hooks.policy.build import BuildCache
from security_hooks.policy.problems import problems_of
from security_hooks.policy.source import Sources


@dataclass(frozen=True)
class Answers:
    """The answers about the file `file` of these sources, whose text is the one in the editor."""

    sources: Sources
    file: str
    text: str
    encoding: Encoding
    cache: BuildCache
    shipped: Catalogue

    @cached_property
    def document(self) -> Document:
        """The text in the editor."""
        return Document(self.file, self.text)

    @cached_property
    def around(self) -> Surroundings:
        """What the text can name."""
        return surroundings(self.sources, self.cache, self.shipped)

    def problems(self, cache: BuildCache, now: int) -> tuple[Diagnostic, ...]:
        """All that `rules lint` says of these sources; `now` is Unix time in seconds.

        With a cache of its own, this may be asked in another thread than everything else.
        """
        return problems_of(self.sources, cache, self.shipped, now)

    def underlined(self, problems: Iterable[Diagnostic]) -> Iterator[Underlined]:
        """Those of the problems that are about this text."""
        return underlined(self.document, problems)

    def fixes(self, problems: Iterable[Diagnostic], within: Span) -> Iterator[Fix]:
        """The edits that mend problems in a part of the text."""
        for fix in fixes(self.document, problems):
            if fix.span.start <= within.end and within.start <= fix.span.end:
                yield fix

    def hover(self, position: Position) -> Hover | None:
        """What the word at a position means."""
        return hover(self.document, self.offset_at(position), self.around)

    def complete(self, position: Position) -> Offers:
        """What can stand at a position."""
        return complete(self.document, self.offset_at(position), self.around)

    def definition(self, position: Position) -> Target | None:
        """Where the name at a position is defined."""
        return definition(self.document, self.offset_at(position), self.around)

    def symbols(self) -> tuple[Symbol, ...]:
        """The statements of the text."""
        return symbols(self.document, self.around)

    def formatted(self) -> str | None:
        """The text in the one layout; None where it does not parse."""
        try:
            return format_rules(self.text, self.file)
        except PolicyError:
            return None

    def offset_at(self, position: Position) -> int:
        """The offset of a position in the text."""
        return self.document.offset_at(position, self.encoding)

    def position_of(self, offset: int) -> Position:
        """The position of an offset in the text."""
        return self.document.position_of(offset, self.encoding)

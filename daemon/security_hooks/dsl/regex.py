"""Regular expressions in linear time (RE2). The only file that knows the engine."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import re2

# A pattern's automaton is built while it runs; this bounds what one pattern may hold of it.
MOST_MEMORY = 1 << 20
_SURROGATES = re.compile("[\ud800-\udfff]")
_LACKING = re.compile(
    r"\((?P<around>\?<?[=!])|(?P<back>\\[1-9]|\(\?P=|\\k[<{'])|(?P<atomic>\(\?>|[*+?}]\+)|(?P<if>\(\?\()"
)
_ADVICE = {
    "around": ("look-around", "write the other condition as an `unless` line or a second rule"),
    "back": ("back-references", "spell the alternatives out"),
    "atomic": ("atomic groups or possessive repetition", "leave them out: matching takes linear time without"),
    "if": ("conditional groups", "write the alternatives out with `|`"),
}
_HINTS = (
    ("repetition size", "at most 1000 times, nested repetitions multiplied"),
    ("too large", "shorten its repetitions"),
)
_NOT_SYNTAX = re.compile(r"\\Q.*?(?:\\E|$)|\\[^1-9kQ]|\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]", re.DOTALL)


class Searcher(Protocol):
    """A compiled pattern; `search` takes UTF-8."""

    def search(self, text: bytes) -> object | None:
        """Something where the pattern is found, None where not."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a pattern, and at which offset in it; `is_lacking` for what RE2 leaves out on purpose."""

    offset: int
    message: str
    hint: str
    is_lacking: bool = False


def flaw_of(pattern: str) -> Flaw | None:
    """Why the pattern cannot be used; None if it can."""
    if _SURROGATES.search(pattern):
        return Flaw(0, "the pattern is not valid Unicode", "")
    try:
        compile_pattern(pattern)
    except re2.error as error:
        return _lacking(pattern) or _as_told(pattern, error)
    return None


def compile_pattern(pattern: str) -> Searcher:
    """The compiled pattern; `flaw_of` has said that it is sound."""
    compiled: Searcher = re2.compile(pattern, _options())
    return compiled


class Screen:
    """Several patterns at one look: which of them a text may hold, by the literals without which each cannot match."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self.patterns = tuple(patterns)
        self._filter: re2.Filter | None = re2.Filter()
        options = _options()
        try:
            for pattern in patterns:
                self._filter.Add(pattern, options)
            self._filter.Compile()
        except re2.error:
            # Too many or too long for one automaton: each has to be searched for.
            self._filter = None

    def possible(self, text: bytes) -> Iterator[str] | tuple[str, ...]:
        """The patterns that the text may hold; all others it surely does not."""
        if self._filter is None:
            return self.patterns
        found: list[int] | None = self._filter.Match(text, potential=True)
        return () if found is None else map(self.patterns.__getitem__, found)


def _options() -> re2.Options:
    options = re2.Options()
    options.max_mem = MOST_MEMORY
    options.log_errors = False
    options.never_capture = True
    return options


def encode(text: str) -> bytes:
    """Text as `search` takes it; lone surrogates, which UTF-8 cannot hold, become U+FFFD."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _SURROGATES.sub("\ufffd", text).encode()


def found_text(searcher: Searcher, text: str) -> str | None:
    """The first piece of the text that matches, for people to read."""
    data = encode(text)
    found = searcher.search(data)
    if not isinstance(found, re2._Match):  # noqa: SLF001 (the engine has no public name for it)
        return None
    return data[found.start() : found.end()].decode("utf-8", "replace")


def _lacking(pattern: str) -> Flaw | None:
    position = 0
    while position < len(pattern):
        found = _LACKING.match(pattern, position)
        if found is not None:
            feature, hint = _ADVICE[found.lastgroup or ""]
            return Flaw(position, f"patterns have no {feature}: they run in linear time (RE2)", hint, is_lacking=True)
        skipped = _NOT_SYNTAX.match(pattern, position)
        position = skipped.end() if skipped is not None else position + 1
    return None


def _as_told(pattern: str, error: re2.error) -> Flaw:
    told = error.args[0] if error.args else b""
    message = told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
    _, _, fragment = message.partition(": ")
    offset = max(pattern.find(fragment), 0) if fragment else 0
    hint = next((hint for words, hint in _HINTS if words in message), "a backslash makes the next character literal")
    return Flaw(offset, f"the pattern is not valid: {message}", hint)

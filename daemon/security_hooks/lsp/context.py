"""What stands at a place of a text that may be half written: the word there, and what the words before it open.

One logical line is looked at, by its tokens: the parser has nothing to say of lines that are not whole.
"""

import re
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from security_hooks.dsl.clauses import CLAUSES, EXAMPLE
from security_hooks.dsl.lines import MOST_IN_A_LINE, LogicalLine, logical_lines
from security_hooks.dsl.parse import TIERS
from security_hooks.lsp.document import Document, Span

_TOKEN = re.compile(r'"(?:[^"\\\n]|\\[^\n])*(?:"|\\?$)|[A-Za-z0-9_][A-Za-z0-9_.:-]*|[^\s]', re.MULTILINE)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MATCHING = re.compile(r"(?:match|unless)(?![A-Za-z0-9_])[ \t]*")
_SHORTHAND = re.compile(r"(match|unless)_([A-Za-z_][A-Za-z0-9_]*)")
# As the grammar has it: after blanks, `(` and `not`, a name with `(` right behind it begins a condition.
_CONDITION = re.compile(r"(?:[ \t(]|not(?![A-Za-z0-9_]))*(?:[A-Za-z_][A-Za-z0-9_]*(?:\(|$)|$)")
_OPERATORS = frozenset({"and", "or", "not"})
_LIST = re.compile(r"[ \t]*list[ \t]")
_PATTERNS = frozenset({"match_regex", "unless_regex"})


class Kind(Enum):
    """What is expected at a place."""

    START = "the first word of a line"
    HEADER = "a rule's name, or the name of a list or a macro"
    CONDITION = "a predicate or a macro"
    ARGUMENT = "an argument of a predicate"
    VALUE = "a value of a clause"
    ELEMENT = "an element of a list"
    TEXT = "text for people"
    NOTHING = "nothing that has a name: a pattern, a comment"


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a string or a mark, with its offsets."""

    text: str
    start: int
    end: int

    @property
    def is_string(self) -> bool:
        """Whether it is quoted."""
        return self.text.startswith('"')

    @property
    def is_closed(self) -> bool:
        """Whether a string has its second quote."""
        return len(self.text) > 1 and self.text.endswith('"') and not _ends_in_escape(self.text)

    @property
    def value(self) -> str:
        """The text, of a string without quotes and escapes."""
        if not self.is_string:
            return self.text
        inner = self.text[1:-1] if self.is_closed else self.text[1:]
        return re.sub(r'\\(["\\])', r"\1", inner)

    @property
    def inner(self) -> Span:
        """Where the value stands."""
        return Span(self.start + self.is_string, self.end - (self.is_string and self.is_closed))


@dataclass(frozen=True, slots=True)
class Called:
    """A call in the line: its name and the arguments that it has so far."""

    name: Token
    arguments: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Context:
    """What is expected, `word` the token at the place, `keyword` the line's first word, `call` the call whose
    arguments the place is among, `others` all calls of the line. `tier` is that of the rule the line belongs to, None
    outside of rules; `given` are the clauses that the rule has.
    """

    kind: Kind
    word: Token | None = None
    keyword: str = ""
    call: str = ""
    others: tuple[Called, ...] = ()
    tier: str | None = None
    given: frozenset[str] = frozenset()


def context_at(document: Document, offset: int) -> Context:
    """The context of a place between two characters: the word there is the one that ends or goes on at it."""
    tier, given = _rule_at(document, document.line_at(offset))
    line = _line_at(document, offset)
    if line is None or line.end - line.start > MOST_IN_A_LINE:
        return Context(Kind.NOTHING, tier=tier, given=given)
    tokens = tuple(
        Token(found[0], found.start(), found.end()) for found in _TOKEN.finditer(document.text, line.start, line.end)
    )
    return _read(document, tokens, offset, line, tier, given)


def _read(
    document: Document, tokens: tuple[Token, ...], offset: int, line: Span, tier: str | None, given: frozenset[str]
) -> Context:
    word = next((token for token in tokens if token.start <= offset <= token.end and _may_be_at(token, offset)), None)
    if not tokens or offset <= tokens[0].end:
        is_comment = bool(tokens) and tokens[0].text == "#"
        keyword = tokens[0].text if tokens else ""
        kind = Kind.NOTHING if is_comment or (tokens and offset < tokens[0].start) else Kind.START
        return Context(kind, word, keyword, tier=tier, given=given)
    keyword = tokens[0].text
    before = tuple(token for token in tokens[1:] if token.start < offset and token is not word)
    others = _calls(tokens)
    kind, call = _kind(document, keyword, tokens, before, line)
    return Context(kind, word, keyword, call, others, tier, given)


def _kind(
    document: Document, keyword: str, tokens: tuple[Token, ...], before: tuple[Token, ...], line: Span
) -> tuple[Kind, str]:
    shorthand = _SHORTHAND.fullmatch(keyword)
    if keyword == "#" or keyword in _PATTERNS:
        return Kind.NOTHING, ""
    if shorthand is not None:
        return Kind.ARGUMENT, shorthand[2]
    if keyword in TIERS:
        return Kind.HEADER, ""
    if keyword in ("list", "macro"):
        if not any(token.text == "=" for token in before):
            return Kind.HEADER, ""
        return (Kind.ELEMENT, "") if keyword == "list" else _in_condition(before)
    if keyword in ("match", "unless"):
        rest = document.text[tokens[0].end : line.end]
        return _in_condition(before) if _CONDITION.match(rest) else (Kind.NOTHING, "")
    if keyword in ("nudge", "reason"):
        return Kind.TEXT, ""
    if keyword == EXAMPLE:
        return (Kind.VALUE, "") if not before else (Kind.TEXT, "")
    return (Kind.VALUE, "") if keyword in CLAUSES else (Kind.NOTHING, "")


def _in_condition(before: tuple[Token, ...]) -> tuple[Kind, str]:
    open_calls: list[str] = []
    previous: Token | None = None
    for token in before:
        if token.text == "(":
            is_call = previous is not None and previous.end == token.start and _is_callable(previous)
            open_calls.append(previous.text if is_call and previous is not None else "")
        elif token.text == ")" and open_calls:
            open_calls.pop()
        previous = token
    call = open_calls[-1] if open_calls else ""
    return (Kind.ARGUMENT, call) if call else (Kind.CONDITION, "")


def _calls(tokens: tuple[Token, ...]) -> tuple[Called, ...]:
    calls: list[Called] = []
    held: list[Token] | None = None
    name: Token | None = None
    for previous, token in pairwise(tokens):
        if token.text == "(" and previous.end == token.start and _is_callable(previous):
            name, held = previous, []
        elif token.text == ")" and name is not None and held is not None:
            calls.append(Called(name, tuple(held)))
            name = held = None
        elif held is not None and (token.is_string or _NAME.fullmatch(token.text)):
            held.append(token)
    if name is not None and held is not None:
        calls.append(Called(name, tuple(held)))
    return tuple(calls)


def _is_callable(token: Token) -> bool:
    return _NAME.fullmatch(token.text) is not None and token.text not in _OPERATORS


def _may_be_at(token: Token, offset: int) -> bool:
    """Whether a person at this place is at this token: in a string, or at a word's edges."""
    if token.is_string:
        return token.start < offset < token.end or (offset == token.end and not token.is_closed)
    return _NAME.match(token.text) is not None or token.text[0].isalnum()


def _line_at(document: Document, offset: int) -> Span | None:
    """The logical line around a place; None where there is none that can be read."""
    number = document.line_at(offset)
    own = document.line_span(number)
    if document.text[own.start : own.end].lstrip(" \t").startswith("#"):
        return None
    for line in logical_lines(document.text, document.file):
        if not isinstance(line, LogicalLine):
            if line.line == number:
                return None
            continue
        last = line.number + line.text.count("\n")
        if line.number <= number <= last:
            return Span(document.line_span(line.number).start, max(document.line_span(last).end, own.end))
        if line.number > number:
            break
        if _LIST.match(line.text) and line.text.endswith(",") and _is_blank_between(document, last, number):
            return Span(document.line_span(line.number).start, own.end)
    return own


def _is_blank_between(document: Document, last: int, number: int) -> bool:
    spans = (document.line_span(line) for line in range(last + 1, number + 1))
    return all(document.text[span.start : span.end].lstrip(" \t")[:1] in ("", "#") for span in spans)


def _rule_at(document: Document, number: int) -> tuple[str | None, frozenset[str]]:
    """The tier of the rule that a line belongs to, and the clauses which that rule has in other lines."""
    tier: str | None = None
    given: set[str] = set()
    for line in logical_lines(document.text, document.file):
        if not isinstance(line, LogicalLine):
            continue
        first = line.first
        if first in TIERS:
            if line.number > number:
                break
            tier, given = (first, set()) if line.number < number else (None, set())
        elif line.number != number:
            given.add(first)
    return tier, frozenset(given)


def _ends_in_escape(text: str) -> bool:
    # A string's last quote is escaped where an odd number of backslashes stands before it.
    bare = text[:-1]
    return (len(bare) - len(bare.rstrip("\\"))) % 2 == 1

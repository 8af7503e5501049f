"""Rule text to the tree in `syntax.py`. Never raises: what cannot be read is left out and told in diagnostics."""

import re
from collections.abc import Iterator
from functools import cache
from typing import TypeAlias

from lark import Lark, Token, Transformer, UnexpectedInput, v_args

from security_hooks.dsl.complaints import Complaints, nearest, quoted
from security_hooks.dsl.lines import LogicalLine, decode, logical_lines
from security_hooks.dsl.misread import misread
from security_hooks.dsl.syntax import (
    At,
    Call,
    Clause,
    Condition,
    Conjunction,
    Disjunction,
    ListStatement,
    MacroStatement,
    Matching,
    Name,
    Negation,
    Recall,
    Regex,
    RuleStatement,
    Setting,
    SourceFile,
    Text,
    Value,
)
from security_hooks.model.decision import Tier
from security_hooks.model.diagnostic import Diagnostic

MOST_NESTED = 24
TIERS = tuple(tier.value for tier in Tier)

_ESCAPE = re.compile(r'\\(["\\])')
_BAD_ESCAPE = re.compile(r'(?:[^\\]|\\["\\])*?(\\[^"\\])')
# An open string ends with its line: looking for a later start in it would take quadratic time.
_NESTING = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[()]|\bnot\b', re.DOTALL)


class _Header:
    """The first line of a rule, and the clauses gathered under it so far. `tier` None: a rule we cannot use."""

    def __init__(self, tier: Tier | None, name: Text, at: At) -> None:
        self.tier = tier
        self.name = name
        self.at = at
        self.clauses: list[Clause] = []


_Line: TypeAlias = _Header | ListStatement | MacroStatement | Matching | Setting


def parse_bytes(data: bytes, file: str) -> tuple[SourceFile, tuple[Diagnostic, ...]]:
    """`parse` of a file's bytes; one that is too large or not UTF-8 is an empty tree and a diagnostic."""
    text, diagnostics = decode(data, file)
    return (SourceFile(file), diagnostics) if text is None else parse(text, file)


def parse(text: str, file: str) -> tuple[SourceFile, tuple[Diagnostic, ...]]:
    """The tree of all that could be read, and what could not, line by line."""
    complaints = Complaints()
    rules: list[_Header] = []
    lists: list[ListStatement] = []
    macros: list[MacroStatement] = []
    for line in _lines(text, file, complaints):
        match line:
            case _Header():
                rules.append(line)
            case ListStatement():
                lists.append(line)
            case MacroStatement():
                macros.append(line)
            case Setting() if (lost := _mistyped_header(line, file, complaints)) is not None:
                rules.append(lost)
            case Matching() | Setting() if rules:
                rules[-1].clauses.append(line)
            case Matching(at=at) | Setting(keyword=Name(at=at)):
                complaints.error(
                    file, at, "outside-rule", "a clause stands before the first rule", 'begin with `block "NAME"`'
                )
    statements = tuple(
        RuleStatement(rule.tier, rule.name, rule.at, tuple(rule.clauses)) for rule in rules if rule.tier is not None
    )
    return SourceFile(file, statements, tuple(lists), tuple(macros)), complaints.all()


def _lines(text: str, file: str, complaints: Complaints) -> Iterator[_Line]:
    for line in logical_lines(text, file):
        read = line if isinstance(line, Diagnostic) else read_line(line, file)
        if not isinstance(read, Diagnostic):
            yield read
            continue
        complaints.add(read)
        if isinstance(line, LogicalLine) and line.first in TIERS:
            # The clauses below belong to the rule that we could not read, not to the one before it.
            yield _Header(None, Text("", At(line.number, 1)), At(line.number, 1))


def _mistyped_header(line: Setting, file: str, complaints: Complaints) -> _Header | None:
    keyword = line.keyword
    if len(line.values) != 1 or not isinstance(line.values[0], Text) or keyword.text in {"nudge", "reason"}:
        return None
    tier = nearest(keyword.text, TIERS)
    if tier is None:
        return None
    complaints.error(file, keyword.at, "unknown-tier", f"`{keyword.text}` is not a tier", f"did you mean `{tier}`?")
    return _Header(None, line.values[0], keyword.at)


def read_line(line: LogicalLine, file: str) -> _Line | Diagnostic:
    """What one logical line says, or why it cannot be read."""
    if _nesting(line.text) > MOST_NESTED:
        message = f"the condition is nested more than {MOST_NESTED} deep"
        return Diagnostic(file, line.number, 1, "too-deep", message, "name its parts with macros")
    try:
        tree = _parser().parse(line.text)
    except UnexpectedInput as error:
        return misread(error, line, file)
    for token in tree.scan_values(lambda value: isinstance(value, Token) and value.type == "STRING"):
        found = _BAD_ESCAPE.match(token)
        if found is not None:
            at = At(line.number + (token.line or 1) - 1, (token.column or 1) + found.start(1))
            message = f"{quoted(found.group(1))} is not an escape"
            hint = 'in a string, `\\"` is a quote and `\\\\` a backslash'
            return Diagnostic(file, at.line, at.column, "bad-escape", message, hint)
    return _Builder(line.number - 1).transform(tree)


def _nesting(text: str) -> int:
    # Ahead of the parser, because trees deeper than Python's stack must never be built.
    depth = deepest = negations = 0
    for mark in _NESTING.findall(text):
        if mark == "(":
            depth += 1
            deepest = max(deepest, depth)
        elif mark == ")":
            depth = max(depth - 1, 0)
        elif mark == "not":
            negations += 1
    starts_as_pattern = text.lstrip(" \t").startswith(("match_regex", "unless_regex"))
    return 0 if starts_as_pattern else deepest + negations


@cache
def _parser() -> Lark:
    return Lark.open_from_package(
        "security_hooks.dsl", "grammar.lark", parser="lalr", lexer="contextual", start="line", maybe_placeholders=False
    )


@v_args(inline=True)
class _Builder(Transformer[Token, _Line]):
    """Lark's tree to ours. `above` is the number of lines before this one."""

    def __init__(self, above: int) -> None:
        # Tokens are not visited: where their text is wanted, it is asked for.
        super().__init__(visit_tokens=False)
        self._above = above

    def header(self, tier: Token, name: Token) -> _Header:
        return _Header(Tier(str(tier)), self._text(name), self._at(tier))

    def list(self, name: Token, values: tuple[Value, ...]) -> ListStatement:
        return ListStatement(self._name(name), values)

    def macro(self, name: Token, condition: Condition) -> MacroStatement:
        return MacroStatement(self._name(name), condition)

    def matching(self, keyword: Token, condition: Condition) -> Matching:
        return Matching(str(keyword), self._at(keyword), condition)

    def pattern(self, keyword: Token, pattern: Token) -> Matching:
        explicit = keyword.endswith("_regex")
        regex = Regex(str(pattern).rstrip(" \t"), self._at(pattern), explicit)
        return Matching(str(keyword).removesuffix("_regex"), self._at(keyword), regex)

    def shorthand(self, keyword: Token, values: tuple[Value, ...]) -> Matching:
        verb, _, predicate = keyword.partition("_")
        at = self._at(keyword)
        name = Name(predicate, At(at.line, at.column + len(verb) + 1))
        return Matching(verb, at, Call(name, values))

    def setting(self, keyword: Token, values: tuple[Value, ...] = ()) -> Setting:
        return Setting(self._name(keyword), values)

    def example(self, keyword: Token, kind: Token, text: Token) -> Setting:
        return Setting(self._name(keyword), (self._name(kind), self._text(text)))

    def condition(self, *conditions: Condition) -> Condition:
        return conditions[0] if len(conditions) == 1 else Disjunction(conditions)

    def conjunction(self, *conditions: Condition) -> Condition:
        return conditions[0] if len(conditions) == 1 else Conjunction(conditions)

    def negation(self, condition: Condition) -> Negation:
        return Negation(condition)

    def call(self, name: Token, arguments: tuple[Value, ...] = ()) -> Call:
        return Call(self._name(name), arguments)

    def recall(self, name: Token, condition: Condition, *said: "int | Text") -> Recall:
        more_than = next((part for part in said if isinstance(part, int)), None)
        within = next((part for part in said if isinstance(part, Text)), None)
        return Recall(self._name(name), condition, more_than, within)

    def more(self, number: Token) -> int:
        return int(number)

    def within(self, duration: Token) -> Text:
        return self._text(duration)

    def values(self, *values: Token) -> tuple[Value, ...]:
        return tuple(self._text(value) if value.type == "STRING" else self._name(value) for value in values)

    def _at(self, token: Token) -> At:
        return At((token.line or 1) + self._above, token.column or 1)

    def _name(self, token: Token) -> Name:
        return Name(str(token), self._at(token))

    def _text(self, token: Token) -> Text:
        return Text(_ESCAPE.sub(r"\1", token[1:-1]), self._at(token))

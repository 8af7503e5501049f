"""Lark's complaint about a line, as a diagnostic that a person can act on."""

import re

from lark import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from security_hooks.dsl.complaints import quoted
from security_hooks.dsl.lines import LogicalLine
from security_hooks.dsl.regex import flaw_of
from security_hooks.model.diagnostic import Diagnostic

_SHOWN = {
    "STRING": 'a quoted string (`"..."`)',
    "NAME": "a name",
    "TIME": "a time (`2030-12-31`, `2030-12-31T18:00Z`)",
    "PATTERN": "a pattern or a condition",
    "EQUAL": "`=`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "COMMA": "`,`",
    "_AND": "`and`",
    "_OR": "`or`",
    "_NOT": "`not`",
    "NUMBER": "a number",
    "MORETHAN": "`> NUMBER`",
    "_WITHIN": '`within "10m"`',
    "$END": "the end of the line",
}
_TOKEN = re.compile(r"[A-Za-z0-9_]+|\S")
_WORD = re.compile(r"[\w\"']+")
_CLOSED = re.compile(r'"(?:[^"\\\n]|\\[^\n])*"')


def misread(error: UnexpectedInput, line: LogicalLine, file: str) -> Diagnostic:
    """What was found, what could have stood there instead, and the likeliest remedy."""
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return _early_end(error, line, file)
    position = error.pos_in_stream or 0
    above, _, before = line.text[:position].rpartition("\n")
    number = line.number + (line.text[:position].count("\n") if above or before != line.text[:position] else 0)
    column = len(before) + 1
    rest = line.text[position:]
    if rest.startswith('"') and not _CLOSED.match(rest):
        message = "the string has no closing quote"
        return Diagnostic(file, number, column, "open-string", message, 'a quote inside a string is written `\\"`')
    found = _TOKEN.match(rest)
    word = found.group() if found else rest[:1]
    message = f"{quoted(word)} cannot stand here"
    return Diagnostic(file, number, column, "syntax", message, _remedy(error, line, before, word))


def _remedy(error: UnexpectedInput, line: LogicalLine, before: str, word: str) -> str:
    first = _TOKEN.search(line.text)
    start = first.group() if first else ""
    is_second = before.strip() == start
    if not before.strip():
        return 'a line begins with a tier (`block "NAME"`), `list`, `macro` or a clause'
    if is_second and word == "(":
        return f"a condition follows `match`: `match {start}(...)`"
    if is_second and start in {"block", "suspicious", "allow", "watch", "except"}:
        return f'a rule\'s name is quoted: `{start} "NAME"`'
    if word in {"'", "\u201c", "\u201d", "\u2018", "\u2019"}:
        return 'strings stand in straight double quotes: `"..."`'
    if word == "#":
        return "a comment has a line of its own"
    expected = _expected(error)
    if expected == "`(`":
        return "predicates and macros are called: `NAME(...)`"
    if start in {"match", "unless"} and not _WORD.fullmatch(word):
        return _if_pattern(line, start)
    return f"expected {expected}" if expected else ""


def _if_pattern(line: LogicalLine, keyword: str) -> str:
    pattern = line.text.partition(keyword)[2].strip()
    flaw = flaw_of(pattern)
    told = f"; {flaw.message}" if flaw is not None and flaw.is_lacking else ""
    return f"a name and `(` begin a condition; if this is a pattern, write `{keyword}_regex`{told}"


def _early_end(error: UnexpectedToken, line: LogicalLine, file: str) -> Diagnostic:
    above, _, last = line.text.rpartition("\n")
    number = line.number + (above.count("\n") + 1 if "\n" in line.text else 0)
    expected = _expected(error)
    hint = f"expected {expected}" if expected else ""
    return Diagnostic(file, number, len(last) + 1, "syntax", "the line ends too early", hint)


def _names(error: UnexpectedInput) -> frozenset[str]:
    if isinstance(error, UnexpectedToken):
        return frozenset(error.accepts or error.expected)
    if isinstance(error, UnexpectedCharacters):
        return frozenset(error.allowed or ())
    return frozenset()


def _expected(error: UnexpectedInput) -> str:
    shown = [text for name, text in _SHOWN.items() if name in _names(error)]
    *others, last = shown or [""]
    return f"{', '.join(others)} or {last}" if others else last

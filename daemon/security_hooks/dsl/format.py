"""Rule text in, the same rules in one layout out: indentation and blanks alone, never a word, never an order.

A line is taken apart into tokens and put together again, so that parentheses, escapes and the choice between `and` and
adjacency stay as the person wrote them. Patterns and comments are kept to the letter.
"""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from itertools import pairwise

from security_hooks.dsl.lines import MOST_BYTES, LogicalLine, logical_lines
from security_hooks.dsl.parse import TIERS, parse, read_line
from security_hooks.dsl.syntax import At, Matching, Regex
from security_hooks.model.diagnostic import Diagnostic, PolicyError

INDENT = "  "
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[0-9]{4}-[0-9]{2}-[0-9]{2}[0-9T:.+Z-]*|[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[(),=>]')
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PATTERN = re.compile(r"([A-Za-z_]+)[ \t]*(.*)", re.DOTALL)
_OUTER = frozenset({*TIERS, "list", "macro"})
_OPERATORS = frozenset({"and", "or", "not"})


def format_rules(text: str, file: str) -> str:
    """The text in the one layout. Raises PolicyError with every error where it does not parse."""
    before, problems = parse(text, file)
    if problems:
        raise PolicyError(problems)
    lines = list(_trimmed(_lines(text, file)))
    made = "".join(f"{line}\n" for line in lines)
    after, problems = parse(made, file)
    if problems or meaning(after) != meaning(before) or len(made.encode()) > MOST_BYTES:
        message = "the file cannot be formatted and stay what it is"
        raise PolicyError((Diagnostic(file, 0, 0, "too-large", message, "split it into several files"),))
    return made


def meaning(tree: object) -> object:
    """A tree of `syntax.py` without its places: equal for texts that say the same."""
    if isinstance(tree, tuple):
        return tuple(map(meaning, tree))
    if is_dataclass(tree) and not isinstance(tree, At | type):
        return (type(tree).__name__, *(meaning(getattr(tree, field.name)) for field in fields(tree)))
    return None if isinstance(tree, At) else tree


def _lines(text: str, file: str) -> Iterator[str]:
    """Every line laid out; comments wait for what follows them, because they stand as far in as that does."""
    raw = [line.removesuffix("\r").strip(" \t") for line in text.removeprefix("\ufeff").split("\n")]
    waiting: list[str] = []
    position = 0
    for line in logical_lines(text, file):
        if isinstance(line, Diagnostic):
            continue
        waiting += raw[position : line.number - 1]
        pieces = line.text.split("\n")
        first, *more = (_laid_out(line, file),) if len(pieces) == 1 else (_spaced(piece) for piece in pieces)
        indent = "" if _first_word(line.text) in _OUTER else INDENT
        yield from (_indented(comment, indent) for comment in waiting)
        yield _indented(first, indent)
        for number, piece in enumerate(more, line.number):
            yield _indented(piece or raw[number], INDENT)
        waiting = []
        position = line.number - 1 + len(pieces)
    yield from waiting + raw[position:]


def _laid_out(line: LogicalLine, file: str) -> str:
    read = read_line(line, file)
    if not isinstance(read, Matching) or not isinstance(read.what, Regex):
        return _spaced(line.text)
    found = _PATTERN.match(line.text.strip(" \t"))
    return f"{found[1]} {found[2]}" if found is not None else line.text.strip(" \t")


def _spaced(text: str) -> str:
    words: list[str] = _TOKEN.findall(text)
    made = words[:1]
    for position, (before, word) in enumerate(pairwise(words)):
        # Behind a name, but not behind the line's own first word, a parenthesis opens its arguments.
        is_call = word == "(" and position > 0 and before not in _OPERATORS and _NAME.fullmatch(before) is not None
        made += (word,) if is_call or before == "(" or word in (")", ",") else (" ", word)
    return "".join(made)


def _indented(line: str, indent: str) -> str:
    return indent + line if line else ""


def _first_word(text: str) -> str:
    found = _TOKEN.match(text.lstrip(" \t"))
    return found[0] if found is not None else ""


def _trimmed(lines: Iterator[str]) -> Iterator[str]:
    """No blank line at the start or the end, and never two together."""
    is_open, is_blank = False, False
    for line in lines:
        if not line:
            is_blank = True
            continue
        if is_blank and is_open:
            yield ""
        yield line
        is_open, is_blank = True, False

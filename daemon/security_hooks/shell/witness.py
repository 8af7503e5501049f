"""A second reader: tree-sitter-bash reads the same text, and a command that it sees and we do not is a problem.

It is no judge of what is valid: it refuses some valid bash and misreads some in silence, always by missing
commands. It guards against a mistake of the first reader, who would otherwise miss a command unnoticed. Of plain words
between operators, which leave nothing to misread, it is not asked; that the two agree on them is a law of the tests.
"""

import re
from bisect import bisect_right

import tree_sitter_bash
from tree_sitter import Language, Parser, Query, QueryCursor, Tree

from security_hooks.shell.cursor import Journal

_BASH = Language(tree_sitter_bash.language())
_PROGRAMS = Query(_BASH, "(command name: (command_name) @program)")
_PLAIN = re.compile(r"""(?:[\w./:@%+,=~^ \t\n|;&>-]++|'[^'\n]*'|"[^"$`\\\n]*")*+""", re.ASCII)
_KEYWORD = re.compile(
    r"(?<![\w./-])(?:if|then|else|elif|fi|do|done|case|esac|in|while|until|for|select|function|time|coproc)(?![\w./-])"
)
_CHUNK = 4096
# The parser asks for leave every few hundred steps; this many come to some 10 ms.
_MOST_CALLS = 800


def disagreement(text: str, journal: Journal) -> str | None:
    """What the second reader sees that the first did not, or None; it is asked where there is something to misread."""
    return None if is_plain(text) else compared(text, journal)


def is_plain(text: str) -> bool:
    """Whether nothing but words, whole quotes and operators stands in the text."""
    return _PLAIN.fullmatch(text) is not None and _KEYWORD.search(text) is None


def compared(text: str, journal: Journal) -> str | None:
    """As `disagreement`, of any text. One that the second reader refuses says nothing, one that takes it too long is
    over budget.
    """
    masked, removed = _masked(text, journal)
    tree = _parse(masked)
    if tree is None:
        journal.budget.over = True
        return None
    if tree.root_node.has_error:
        return None
    programs = journal.programs
    seen = [node.start_byte for node in QueryCursor(_PROGRAMS).captures(tree.root_node).get("program", ())]
    if removed:
        seen = [_original(place, removed) for place in seen]
    for place in seen:
        if place not in programs and not any(start <= place < stop for start, stop in journal.unplaced):
            line = text.count("\n", 0, place) + 1
            return f"two readers disagree about the command on line {line}"
    return None


def _parse(text: str) -> Tree | None:
    content = text.encode("ascii", "replace")
    calls = 0

    def stops(_offset: int, _has_error: bool) -> bool:
        nonlocal calls
        calls += 1
        return calls > _MOST_CALLS

    try:
        return Parser(_BASH).parse(lambda offset, _point: content[offset : offset + _CHUNK], progress_callback=stops)
    except ValueError:
        return None


def _masked(text: str, journal: Journal) -> tuple[str, list[tuple[int, int]]]:
    """The text without the bodies of here-documents, their operators turned into redirections of the same length;
    and what was taken out, as (place in what is left, length so far).
    """
    if not journal.documents:
        return text, []
    edits: list[tuple[int, int, str]] = []
    for operator, body in journal.documents:
        edits.append((operator[0], operator[1], "<" + "x" * (operator[1] - operator[0] - 1)))
        edits.append((body[0], body[1], ""))
    edits.sort()
    pieces: list[str] = []
    removed: list[tuple[int, int]] = []
    pos = left = gone = 0
    for start, stop, instead in edits:
        if start < pos:
            continue
        pieces += (text[pos:start], instead)
        left += start - pos + len(instead)
        gone += stop - start - len(instead)
        if not instead:
            removed.append((left, gone))
        pos = stop
    pieces.append(text[pos:])
    return "".join(pieces), removed


def _original(place: int, removed: list[tuple[int, int]]) -> int:
    index = bisect_right(removed, place, key=lambda entry: entry[0]) - 1
    return place + (removed[index][1] if index >= 0 else 0)

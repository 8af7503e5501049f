"""The reader's place in one text, and what all readers of one script share: budget, problems, here-documents."""

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from security_hooks.model.word import Hole
from security_hooks.shell.heredoc import take_bodies
from security_hooks.shell.limits import Budget
from security_hooks.shell.steps import Steps
from security_hooks.shell.syntax import HereDoc, Node, Sequence

ListReader: TypeAlias = "Callable[[Cursor, tuple[str, ...]], Steps[Sequence]]"
TextReader: TypeAlias = "Callable[[Cursor], Steps[Sequence]]"
CommandReader: TypeAlias = "Callable[[Cursor], Steps[Node]]"

# A backslash-newline is nothing; a carriage return before a newline is taken as part of the line's end.
_BLANKS = re.compile(r"(?:[ \t]|\\\n|\r(?=\n|\Z))+")
# What may be passed over, or begin what is.
SKIPPED = " \t\\\r#"


class Journal:
    """What the readers of one text share and report.

    `read_list`, `read_text` and `read_command` are the grammar's, handed down because words hold code and
    code holds words.
    `programs` are the places of program words, `documents` the here-documents, `unplaced` the stretches in
    which places are not exact: what the second reader is compared with.
    """

    __slots__ = ("budget", "documents", "problem", "programs", "read_command", "read_list", "read_text", "unplaced")

    def __init__(
        self, budget: Budget, read_list: ListReader, read_text: TextReader, read_command: CommandReader
    ) -> None:
        self.budget = budget
        self.read_list = read_list
        self.read_text = read_text
        self.read_command = read_command
        self.problem: str | None = None
        self.programs: set[int] = set()
        self.documents: list[tuple[tuple[int, int], tuple[int, int]]] = []
        self.unplaced: list[tuple[int, int]] = []


class Cursor:
    """A place in `text`. `base` is where it begins in the outermost text; `depth` the nesting it stands at;
    `exact` says that `base` plus a position is a place in the outermost text; `not_arithmetic` remembers which `((`
    turned out to be two parentheses.
    """

    __slots__ = (
        "_spend",
        "base",
        "depth",
        "embedded",
        "end",
        "exact",
        "journal",
        "not_arithmetic",
        "pending",
        "pos",
        "substitutions",
        "text",
        "unread",
    )

    def __init__(
        self, text: str, journal: Journal, embedded: Mapping[str, Hole | str], base: int = 0, depth: int = 0
    ) -> None:
        self.text = text
        self.pos = 0
        self.end = len(text)
        self.journal = journal
        self._spend = journal.budget.spend
        self.embedded = embedded
        self.base = base
        self.depth = depth
        self.exact = True
        self.substitutions = 0
        self.not_arithmetic: set[int] = set()
        self.pending: list[HereDoc] = []
        self.unread: list[HereDoc] = []

    def part(self, start: int, end: int) -> "Cursor":
        """A cursor on a part of the same text, positions unchanged."""
        part = Cursor(self.text, self.journal, self.embedded, self.base, self.depth)
        part.pos = start
        part.exact = self.exact
        part.end = end
        return part

    def fail(self, problem: str) -> None:
        """Note what is wrong here, unless something was already or the reader was merely stopped."""
        if self.journal.problem is None and not self.journal.budget.over:
            self.journal.problem = problem

    def spend(self) -> bool:
        """Count one node; past the limit the cursor jumps to its end, so that every reader finishes."""
        if self._spend():
            return True
        self.pos = self.end
        return False

    def skip_blanks(self) -> None:
        """Go past blanks, continuations and a comment."""
        pos, end = self.pos, self.end
        if pos >= end:
            return
        char = self.text[pos]
        if char not in SKIPPED:
            return
        if char != "#":
            found = _BLANKS.match(self.text, pos, end)
            if found:
                self.pos = pos = found.end()
                if pos >= end:
                    return
                char = self.text[pos]
        if char == "#":
            newline = self.text.find("\n", pos, end)
            self.pos = end if newline < 0 else newline

    def skip_lines(self) -> None:
        """Go past blanks, comments and newlines, taking the bodies of the here-documents that wait for them."""
        text, end = self.text, self.end
        while self.pos < end:
            pos = self.pos
            if text[pos] == "\n":
                self.newline()
                continue
            self.skip_blanks()
            if self.pos == pos:
                return

    def newline(self) -> None:
        """Go past one newline and the bodies of here-documents that begin after it."""
        self.pos += 1
        if self.pending:
            self.pos = take_bodies(self.text, self.pos, self.end, self.pending, self.substitutions > 0)
            self.unread.extend(self.pending)
            self.pending.clear()

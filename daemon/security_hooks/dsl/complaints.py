"""Diagnostics while they are collected, and the wording that all of them share."""

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from itertools import islice
from typing import TypeAlias

from security_hooks.dsl.syntax import At
from security_hooks.model.diagnostic import Diagnostic, Level

MOST_IN_A_FILE = 100
_LONGEST_WORD = 60
_MOST_NEAR = 300
_MOST_APART = 12

# Searching for a near name takes time, and is done for complaints that are shown alone.
Hint: TypeAlias = str | Callable[[], str]


class Complaints:
    """Collects what is wrong; a file with more than MOST_IN_A_FILE complaints gets one more that says so."""

    def __init__(self) -> None:
        self._found: list[Diagnostic] = []
        self._counts: dict[str, int] = {}

    def error(self, file: str, at: At, code: str, message: str, hint: Hint = "") -> None:
        """Add what refuses the build."""
        self._place(file, at, code, message, hint, Level.ERROR)

    def warn(self, file: str, at: At, code: str, message: str, hint: Hint = "") -> None:
        """Add what is shown while the build stands."""
        self._place(file, at, code, message, hint, Level.WARNING)

    def add(self, diagnostic: Diagnostic) -> None:
        """Add one, unless its file has had its share."""
        count = self._counts.get(diagnostic.file, 0)
        self._counts[diagnostic.file] = count + 1
        if count < MOST_IN_A_FILE:
            self._found.append(diagnostic)
        elif count == MOST_IN_A_FILE:
            message = f"more than {MOST_IN_A_FILE} errors in this file; the rest is not shown"
            self._found.append(Diagnostic(diagnostic.file, 0, 0, "too-many", message))

    def _place(self, file: str, at: At, code: str, message: str, hint: Hint, level: Level) -> None:
        told = hint if isinstance(hint, str) else hint() if self._counts.get(file, 0) < MOST_IN_A_FILE else ""
        self.add(Diagnostic(file, at.line, at.column, code, message, told, level))

    def all(self) -> tuple[Diagnostic, ...]:
        """All of them, by place, each once."""
        ordered = sorted(self._found, key=lambda found: (found.file, found.line, found.column, found.code))
        return tuple(dict.fromkeys(ordered))


def quoted(word: str) -> str:
    """A user's word in back-quotes, cut where it is long."""
    return f"`{word[:_LONGEST_WORD]}...`" if len(word) > _LONGEST_WORD else f"`{word}`"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that this one was most likely to be; None where none is near."""
    likely = (other for other in known if abs(len(other) - len(word)) <= _MOST_APART)
    near = get_close_matches(word[:_LONGEST_WORD], tuple(islice(likely, _MOST_NEAR)), n=1, cutoff=0.6)
    return near[0] if near else None


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """A hint that names the nearest known word, or `otherwise`."""
    near = nearest(word, known)
    return f"did you mean `{near}`?" if near is not None else otherwise


def one_of(words: Iterable[str]) -> str:
    """`a`, `b` or `c`."""
    *others, last = (f"`{word}`" for word in words)
    return f"{', '.join(others)} or {last}" if others else last

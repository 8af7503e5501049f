"""What is wrong with a file that a person edits: where, what, and how to mend it."""

from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    """An ERROR refuses the build; a WARNING is shown and the build stands."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Diagnostic:
    """One finding about one place. `line` and `column` count from 1, columns in characters; 0 where unknown.

    `message` is lower case, no final stop, the user's words in backticks; `hint` says how to mend it or is "".
    """

    file: str
    line: int
    column: int
    code: str
    message: str
    hint: str = ""
    level: Level = Level.ERROR

    def __str__(self) -> str:
        """`git.rules:14:9: MESSAGE; HINT [CODE]`."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        hint = f"; {self.hint}" if self.hint else ""
        return f"{place}: {self.message}{hint} [{self.code}]"


class PolicyError(Exception):
    """Rules or configuration that cannot be used; carries every diagnostic found, not just the first."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__("\n".join(map(str, diagnostics)))
        self.diagnostics = diagnostics

"""What is said of a client's wiring: whether our hooks are in force as the client reads its settings, what mends it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from security_hooks.wiring.json_text import TextError


class Role(Enum):
    """Whose settings a file holds."""

    MANAGED = "managed"
    USER = "user"
    EXTENSION = "extension"
    PROJECT = "project"
    LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Settings:
    """One settings file as found: `text` is None without one, `problem` says why one that is there cannot be read.

    `named` is the path by which the client knows it, where that is another.
    """

    role: Role
    path: str
    text: str | None
    problem: str = ""
    named: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """One finding. `state` is `well`, `warning` or `bad`; `mend` is the command that helps, or empty."""

    state: str
    finding: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """`hook` is our hook for tool calls that the client would run; None where calls go unjudged.

    `is_wired` says whether any file holds hooks of ours at all.
    """

    is_wired: bool
    hook: Mapping[str, object] | None
    remarks: tuple[Remark, ...]

    def why_off(self) -> str:
        """What is bad, in one line."""
        return "; ".join(remark.finding for remark in self.remarks if remark.state == "bad")


def unreadable(settings: Settings, consequence: str) -> Remark:
    """The remark about a file that is there and cannot be read."""
    return Remark("bad", f"{settings.path}: {settings.problem}; {consequence}", f"ls -l {settings.path}")


def place(text: str, at: int) -> tuple[int, int]:
    """Line and column of an offset, both from 1."""
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def broken(settings: Settings, error: TextError, consequence: str) -> Remark:
    """The remark about a file that the client cannot use."""
    line, column = place(settings.text or "", error.at)
    return Remark("bad", f"{settings.path}:{line}:{column}: {error.message}; {consequence}", "mend the file")


def of_roles(settings: tuple[Settings, ...], roles: tuple[Role, ...]) -> Iterator[Settings]:
    """The files of these roles, in the roles' order."""
    return (found for role in roles for found in settings if found.role is role)

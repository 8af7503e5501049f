"""What of a script is not known: each unknown part, where it stands and comes from, what would make it known."""

import re
from dataclasses import dataclass

from security_hooks.cli.underline import place_of
from security_hooks.model.shell import Command, Script
from security_hooks.model.word import Hole, HoleKind, Word

MOST_SHOWN = 32
_NAME = re.compile(r"\$\{?[!#]?(\w+|[@*?$!#-])")

_COMES_FROM = {
    HoleKind.SUBSTITUTION: ("the output of a command", "write out what it prints"),
    HoleKind.ARITHMETIC: ("a number computed from what is not known", "write the number"),
    HoleKind.PROCESS: ("a file that the shell names when it runs", "use a file whose name is written"),
    HoleKind.GLOB: ("the names of the files that match then", "write the names"),
    HoleKind.OTHER: ("a text that is put together when it runs", "write the text itself"),
}


@dataclass(frozen=True, slots=True)
class Unknown:
    """One unknown part; `at` is line and column, None where it stands in code that the text does not show."""

    source: str
    at: tuple[int, int] | None
    kind: HoleKind
    comes_from: str
    known_if: str


def unknowns(script: Script) -> tuple[Unknown, ...]:
    """Every unknown part of a script, each text once, in the order of its commands."""
    found: dict[str, Unknown] = {}
    assigned = {assignment.name for command in script.commands for assignment in command.assignments}
    for command in script.commands:
        for hole in _holes(command):
            if hole.source and hole.source not in found:
                found[hole.source] = _unknown(hole, command, script.text, assigned)
            if len(found) == MOST_SHOWN:
                return tuple(found.values())
    return tuple(found.values())


def _holes(command: Command) -> list[Hole]:
    words: list[Word] = [
        *(assignment.value for assignment in command.assignments),
        *(word for wrapper in command.wrappers for word in wrapper.words),
        *command.words,
        *(redirect.target for redirect in command.redirects),
    ]
    return [part for word in words for part in word.parts if isinstance(part, Hole)]


def _unknown(hole: Hole, command: Command, text: str, assigned: set[str]) -> Unknown:
    start = text.find(hole.source, command.span[0])
    start = start if start >= 0 else text.find(hole.source)
    comes_from, known_if = _of_parameter(hole, assigned) or _COMES_FROM.get(hole.kind, _COMES_FROM[HoleKind.OTHER])
    return Unknown(hole.source, place_of(text, start) if start >= 0 else None, hole.kind, comes_from, known_if)


def _of_parameter(hole: Hole, assigned: set[str]) -> tuple[str, str] | None:
    if hole.kind is not HoleKind.PARAMETER:
        return None
    name = _NAME.match(hole.source)
    if name is None:
        return "a parameter", "write its value"
    if name[1].isdigit() or name[1] in ("@", "*", "#"):
        return "an argument that the script is given", "write the value"
    if not name[1].isidentifier():
        return "something that the shell sets when it runs", "write the value"
    if name[1] in assigned:
        return f"the variable {name[1]}, which the script sets to what is not known", f"set {name[1]} to a literal text"
    return f"the variable {name[1]}, which the script does not set", f"set {name[1]} to a literal text before"

"""What is wrong with files, on a person's terminal or as JSON."""

import json
from collections.abc import Iterable

from security_hooks.model.diagnostic import Diagnostic


def print_problems(problems: Iterable[Diagnostic], *, as_json: bool) -> None:
    """One line for each, or one list of objects."""
    if as_json:
        print(json.dumps([problem_fields(problem) for problem in problems], indent=2))
        return
    for problem in problems:
        print(f"{problem.level.value}: {problem}")


def problem_fields(problem: Diagnostic) -> dict[str, str | int]:
    """The fields of a diagnostic as plain data."""
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "code": problem.code,
        "level": problem.level.value,
        "message": problem.message,
        "hint": problem.hint,
    }

import json

import pytest

from security_hooks.cli.problems import print_problems
from security_hooks.model.diagnostic import Diagnostic, Level

PROBLEMS = (Diagnostic("a", 1, 2, "c", "m", "h"), Diagnostic("b", 0, 0, "d", "n", level=Level.WARNING))


def test_each_is_a_line_with_its_level(capsys: pytest.CaptureFixture[str]) -> None:
    print_problems(PROBLEMS, as_json=False)
    assert capsys.readouterr().out == "error: a:1:2: m; h [c]\nwarning: b: n [d]\n"


def test_as_json_they_are_one_list(capsys: pytest.CaptureFixture[str]) -> None:
    print_problems(PROBLEMS, as_json=True)
    first, second = json.loads(capsys.readouterr().out)
    assert first == {"file": "a", "line": 1, "column": 2, "code": "c", "level": "error", "message": "m", "hint": "h"}
    assert second["level"] == "warning"

import pytest

from security_hooks.dsl.parse import parse
from security_hooks.dsl.spelling import spelled
from security_hooks.dsl.syntax import Matching, Regex


@pytest.mark.parametrize(
    "text",
    [
        'command("rm", known)',
        'not (command("rm") or tool("Bash"))',
        'command("git") and after(command("a") and not m()) within "10m"',
        'count(deletes()) > 20 within "1m" or (command("a") and command("b"))',
    ],
)
def test_a_condition_is_spelled_as_it_was_written(text: str) -> None:
    source, problems = parse(f'block "t"\n  match {text}', "t.rules")
    assert problems == ()
    clause = source.rules[0].clauses[0]
    assert isinstance(clause, Matching)
    assert not isinstance(clause.what, Regex)
    assert spelled(clause.what) == text

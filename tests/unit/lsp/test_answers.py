"""The answers in positions, and formatting."""

from collections.abc import Callable

import pytest

from security_hooks.lsp.answers import Answers
from security_hooks.lsp.document import Encoding, Position
from security_hooks.policy.build import BuildCache

Asked = Callable[..., Answers]


@pytest.mark.parametrize(
    ("encoding", "character"), [(Encoding.UTF_8, 27), (Encoding.UTF_16, 24), (Encoding.UTF_32, 23)]
)
def test_positions_are_in_the_encoding_that_was_agreed_on(asked: Asked, encoding: Encoding, character: int) -> None:
    text = 'block "x"\n  match argument("é𝄞") command(tools)\n'
    answers = asked(text, encoding)
    assert answers.position_of(text.index("command")) == Position(1, character)
    found = answers.definition(Position(1, character + len("command(t")))
    assert found is not None
    assert found.document.file == "rules/shipped.rules"


def test_a_text_is_laid_out_as_rules_fmt_does(asked: Asked) -> None:
    assert asked('block  "x"\nmatch   rm').formatted() == 'block "x"\n  match rm\n'


def test_a_text_that_does_not_parse_is_left_alone(asked: Asked) -> None:
    assert asked("block").formatted() is None


def test_the_problems_are_those_of_rules_lint_with_the_unsaved_text(asked: Asked) -> None:
    problems = asked('block "shipped-rule"\n  match rm\n').problems(BuildCache(), 0)
    assert [(problem.file, problem.code) for problem in problems] == [("/config/rules/own.rules", "duplicate-rule")]

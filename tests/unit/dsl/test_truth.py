"""Truth tables of the three-valued logic, as the language computes them."""

from types import SimpleNamespace

import pytest

from security_hooks.dsl.truth import Truth, negate

NO, UNKNOWN, YES = Truth.NO, Truth.UNKNOWN, Truth.YES
# Of the word `$X` each of these is what its name says.
OPERAND = {NO: 'tool("none")', UNKNOWN: 'argument("x")', YES: 'command("a")'}


@pytest.mark.parametrize(("truth", "expected"), [(NO, YES), (UNKNOWN, UNKNOWN), (YES, NO)])
def test_not(build: SimpleNamespace, truth: Truth, expected: Truth) -> None:
    assert negate(truth) is expected
    assert build.ask(f"not {OPERAND[truth]}", build.facts("a $X")[0]) is expected


@pytest.mark.parametrize("left", Truth)
@pytest.mark.parametrize("right", Truth)
def test_and_is_the_lesser_and_or_the_greater(build: SimpleNamespace, left: Truth, right: Truth) -> None:
    (facts,) = build.facts("a $X")
    assert build.ask(f"{OPERAND[left]} and {OPERAND[right]}", facts) is min(left, right)
    assert build.ask(f"{OPERAND[left]} {OPERAND[right]}", facts) is min(left, right)
    assert build.ask(f"{OPERAND[left]} or {OPERAND[right]}", facts) is max(left, right)

"""What is proved of conditions, and what is not."""

import pytest

from security_hooks.dsl.implication import MOST_PAIRS, Asked, excludes, implies, is_everything, never_holds, only_denies
from security_hooks.dsl.resolved import All, Any, Ask, Condition, Not, Pattern

RM, GIT, ANY = Ask("command", ("rm",)), Ask("command", ("git",)), Ask("command", ("rm", "git"))
LOOP = Ask("inside", ("loop",))


@pytest.mark.parametrize(
    ("premise", "conclusion", "proved"),
    [
        (RM, ANY, True),
        (ANY, RM, False),
        (RM, Ask("command", ("r*",)), True),
        (Ask("command", ("r*",)), Ask("command", ("*",)), False),
        (Ask("command", ("/bin/rm",)), Ask("command", ("*",)), False),
        (All((RM, LOOP)), RM, True),
        (All((RM, LOOP)), Any((GIT, LOOP)), True),
        (RM, All((RM, LOOP)), False),
        (Any((RM, GIT)), ANY, True),
        (Not(ANY), Not(RM), True),
        (Not(RM), Not(ANY), False),
        (Ask("reads", ("/a",)), Ask("reads"), True),
        (Ask("reads"), Ask("reads", ("/a",)), False),
        (Ask("reads", ("/a",)), Ask("writes", ("/a",)), False),
        (Ask("flow", ("~", "/a", "network")), Ask("flow", ("~", "/a", "/b", "network")), True),
        (Ask("flow", ("~", "network")), Ask("flow", ("~", "execution")), False),
        (Ask("base_command_not_in", ("a", "b")), Ask("base_command_not_in", ("a",)), True),
        (Ask("base_command_not_in", ("a",)), Ask("base_command_not_in", ("a", "b")), False),
        (Pattern("rm -rf x"), Pattern("rm -rf"), True),
        (Pattern("rm.*x"), Pattern("rm"), False),
        (Pattern("rm"), RM, False),
    ],
)
def test_implication(premise: Condition, conclusion: Condition, proved: bool) -> None:
    assert implies(Asked(premise, surely=False), Asked(conclusion, surely=False)) is proved
    assert implies(Asked(premise, surely=True), Asked(conclusion, surely=True)) is proved


def test_what_is_so_is_not_surely_so() -> None:
    assert implies(Asked(RM, surely=True), Asked(RM, surely=False))
    assert not implies(Asked(RM, surely=False), Asked(RM, surely=True))
    assert implies(Asked(LOOP, surely=False), Asked(LOOP, surely=True))
    assert not implies(Asked(Pattern("x"), surely=False), Asked(Pattern("x"), surely=True))


@pytest.mark.parametrize(
    ("condition", "proved"),
    [
        (All((LOOP, Not(LOOP))), True),
        (All((LOOP, All((GIT, Not(Ask("inside", ("loop", "group"))))))), True),
        (All((Ask("inside", ("loop", "group")), Not(LOOP))), False),
        # `/tmp/rm` is `rm`, and not surely so.
        (All((RM, Not(RM))), False),
        (All((Ask("action", ("git_safe",)), Ask("action", ("git_discard",)))), True),
        (All((RM, GIT)), False),
        (Any((All((LOOP, Not(LOOP))), RM)), False),
    ],
)
def test_contradiction(condition: Condition, proved: bool) -> None:
    assert never_holds(Asked(condition, surely=False)) is proved


def test_globs_exclude_nothing() -> None:
    assert excludes(Ask("client", ("a",)), Ask("client", ("b", "c")))
    assert not excludes(Ask("client", ("a",)), Ask("client", ("a*",)))
    assert not excludes(Ask("tool", ("shell",)), Ask("tool", ("Bash",)))


def test_breadth() -> None:
    assert is_everything(Any((RM, Ask("command", ("**",)))))
    assert not is_everything(All((RM, Ask("command", ("*",)))))
    assert only_denies(All((Not(RM), Not(GIT))))
    assert not only_denies(All((Not(RM), LOOP)))


def test_a_proof_that_would_take_long_is_given_up() -> None:
    many = Any(tuple(Ask("command", (f"a{number}",)) for number in range(int(MOST_PAIRS**0.5) + 150)))
    more = Any((*reversed(many.conditions), RM))
    assert implies(Asked(Any(many.conditions[:10]), surely=True), Asked(more, surely=True))
    assert not implies(Asked(many, surely=True), Asked(more, surely=True))

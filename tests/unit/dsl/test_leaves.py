"""Where the leaves of a rule stand, and which a command exercises."""

from types import SimpleNamespace

import pytest

from security_hooks.dsl.leaves import leaves_of
from security_hooks.dsl.parse import parse

RULE = """macro m = command("rm") or not command("ls")
block "t"
  match command("rm", "mv") (with_flags("-r") or argument("x")) not argument("y")
  match m()
  match ^git
  unless argument("z") not argument("q")
"""


def exercised(build: SimpleNamespace, command: str) -> set[tuple[str, int, int, str]]:
    (rule,), problems = build.resolve(RULE)
    assert problems == ()
    (statement,) = parse(RULE, "t.rules")[0].rules
    facts = build.facts(command)
    return {
        (leaf.leaf.clause, leaf.leaf.at.line, leaf.leaf.at.column, leaf.leaf.text)
        for leaf in leaves_of(rule, statement)
        if any(leaf.is_exercised(one) for one in facts)
    }


@pytest.mark.parametrize(
    ("command", "texts"),
    [
        ("mv -r a", {'command("rm", "mv")', 'with_flags("-r")'}),
        ("rm x", {'command("rm", "mv")', 'argument("x")', 'command("rm")'}),
        # The first line would have matched, had it not been for `y`.
        ("mv x y", {'argument("y")'}),
        ("mv a", set()),
        ("ls", {'command("ls")'}),
        ("git pull", {"^git"}),
        ("git z", {"^git", 'argument("z")'}),
        ("git z q", {"^git", 'argument("q")'}),
        ("ls z", {'command("ls")'}),
    ],
)
def test_a_leaf_is_exercised_where_it_holds_and_matters(build: SimpleNamespace, command: str, texts: set[str]) -> None:
    assert {text for _, _, _, text in exercised(build, command)} == texts


def test_leaves_have_places_and_a_macro_stands_where_it_is_called(build: SimpleNamespace) -> None:
    (rule,), _ = build.resolve(RULE)
    (statement,) = parse(RULE, "t.rules")[0].rules
    places = [(leaf.leaf.clause, leaf.leaf.at.line, leaf.leaf.at.column) for leaf in leaves_of(rule, statement)]
    assert places == [
        *(("match", 3, column) for column in (9, 30, 50, 69)),
        *(("match", 4, 9), ("match", 4, 9), ("match", 5, 9)),
        *(("unless", 6, 10), ("unless", 6, 28)),
    ]

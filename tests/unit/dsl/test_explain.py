"""Explanations."""

from types import SimpleNamespace

from security_hooks.dsl.explain import Explanation
from security_hooks.dsl.truth import Truth

NO, UNKNOWN, YES = Truth.NO, Truth.UNKNOWN, Truth.YES


def test_tree_shows_each_condition_with_its_truth(build: SimpleNamespace) -> None:
    text = 'block "t"\n  on shell\n  match command(known) not with_flags("-r")\n  match ^rm\n  unless argument("x")'
    rule = build.compile(text, {"known": ("rm", "mv")})
    (facts,) = build.facts("rm -f $X")
    assert rule.explain(facts) == Explanation(
        'block "t"',
        YES,
        children=(
            Explanation('on "shell"', YES, "Bash (shell)"),
            Explanation(
                "match",
                UNKNOWN,
                children=(
                    Explanation(
                        "and",
                        UNKNOWN,
                        children=(
                            Explanation("command(known)", YES, "rm"),
                            Explanation(
                                "not",
                                UNKNOWN,
                                children=(Explanation('with_flags("-r")', UNKNOWN, "-f, and perhaps more"),),
                            ),
                        ),
                    ),
                ),
            ),
            Explanation("match", YES, children=(Explanation("^rm", YES, "rm"),)),
            Explanation("unless", UNKNOWN, children=(Explanation('argument("x")', UNKNOWN, "-f $X"),)),
        ),
    )


def test_long_texts_are_cut(build: SimpleNamespace) -> None:
    rule = build.compile(
        f'block "t"\n  match {"x" * 500}\n  match command({", ".join(["known"] * 40)})', {"known": ("a",)}
    )
    explanation = rule.explain(build.facts("y " * 500)[0])
    assert all(len(found.text) <= 123 for child in explanation.children for found in child.children)

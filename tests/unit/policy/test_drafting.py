"""Drafts tried until one holds."""

from pathlib import Path

import pytest

from security_hooks.catalogue.load import shipped
from security_hooks.model.decision import Tier
from security_hooks.model.diagnostic import PolicyError
from security_hooks.policy.config_types import Layer
from security_hooks.policy.drafting import appended, first_sound
from security_hooks.policy.propose import Draft, Proposal
from security_hooks.policy.source import RuleFile, Sources

CATALOGUE = shipped()
CONFIG = Layer("shipped", "config.toml", (Path(__file__).parents[3] / "config.toml").read_bytes())
OTHER = 'block "other"\n  match command("mv")\n  example stop "mv a b"\n'


def draft(condition: str, stops: tuple[str, ...] = ("rm x",), passes: tuple[str, ...] = ("ls",)) -> Draft:
    return Draft(Tier.BLOCK, "mine", Proposal(condition, "no"), stops, passes)


def sources(text: str = OTHER) -> Sources:
    return Sources((CONFIG,), (RuleFile("user", "f.rules", text.encode()),))


def test_the_first_draft_that_holds_is_taken() -> None:
    wrong, right = draft('command("mv")'), draft('command("rm")')
    assert first_sound([wrong, right], "f.rules", OTHER.encode(), sources(), CATALOGUE) == right
    assert first_sound([wrong], "g.rules", b"", sources(), CATALOGUE) is None


def test_examples_that_do_not_hold_are_left_out_but_for_the_first() -> None:
    many = draft('command("rm")', ("rm x", "mv x y"), ("rm --help", "ls"))
    found = first_sound([many], "g.rules", b"", sources(), CATALOGUE)
    assert found == draft('command("rm")')
    # A rule that leaves nothing alone is no rule.
    assert first_sound([draft('command("rm")', passes=("rm y",))], "g.rules", b"", sources(), CATALOGUE) is None


def test_what_is_broken_without_the_draft_is_an_error() -> None:
    with pytest.raises(PolicyError, match="failed-example"):
        first_sound([draft("x")], "g.rules", b"", sources(OTHER.replace("mv a b", "ls")), CATALOGUE)
    with pytest.raises(PolicyError, match="duplicate-rule"):
        first_sound([draft("x")], "g.rules", b"", sources(OTHER.replace("other", "mine")), CATALOGUE)


@pytest.mark.parametrize(
    ("before", "after"),
    [(b"", b"new\n"), (b"a\n", b"a\n\nnew\n"), (b"a", b"a\n\nnew\n"), (b"a\r\n\r\n", b"a\n\nnew\n")],
)
def test_a_rule_is_parted_from_what_stands_before_it(before: bytes, after: bytes) -> None:
    assert appended(before, "new\n") == after

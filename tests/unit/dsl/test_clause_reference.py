"""The page of tiers and clauses."""

from security_hooks.dsl.clause_reference import render
from security_hooks.dsl.vocabulary import WORDS
from security_hooks.model.decision import Tier


def test_every_tier_and_every_word_has_an_entry() -> None:
    page = render()
    for tier in Tier:
        assert f"## `{tier.value}`\n" in page
    for word in WORDS.values():
        assert f"## `{word.usage}`\n\n{word.doc}\n" in page


def test_a_clause_says_where_it_belongs_and_what_it_takes() -> None:
    page = render()
    assert "* In: `block`, `suspicious`, `watch`\n* Values: `ask`, `pass`\n" in page
    assert "`{path}`" in page.partition("* Placeholders:")[2]

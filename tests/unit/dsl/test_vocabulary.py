"""What is said of tiers and clauses covers all of them."""

from security_hooks.dsl.clauses import CLAUSES
from security_hooks.dsl.clauses import WORDS as KNOWN
from security_hooks.dsl.vocabulary import TIERS, WORDS
from security_hooks.model.decision import Tier


def test_every_tier_has_a_meaning() -> None:
    assert set(TIERS) == set(Tier)


def test_every_clause_has_a_meaning_and_its_own_tiers() -> None:
    assert set(KNOWN) <= set(WORDS)
    for word, kind in CLAUSES.items():
        assert (WORDS[word].usage, WORDS[word].tiers) == (kind.usage, kind.tiers)

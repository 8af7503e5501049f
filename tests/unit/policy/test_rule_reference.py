"""The page of shipped rules."""

from pathlib import Path

import pytest

from security_hooks.catalogue.load import shipped
from security_hooks.policy.build import BuildCache, build
from security_hooks.policy.config_types import Layer
from security_hooks.policy.rule_reference import comment_above, prose, render
from security_hooks.policy.source import RuleFile, Sources

ROOT = Path(__file__).parents[3]
RULES = """# About all of it,
# in two lines.

list l = "a",
  "b"

# Why there is this rule.
block "first"
  match command(l)
  match ^`x` <b>
  unless_regex ^y$
  severity high
  tags "t", "u"
  nudge "Use `a<b>` not <b>"
  example stop "a"
  example pass "c ````"

watch "second"
  match command("w")
  enabled true
"""


def page_of(rules: str) -> str:
    layer = Layer("shipped", "config.toml", (ROOT / "config.toml").read_bytes())
    sources = Sources((layer,), (RuleFile("shipped", "rules/a.rules", rules.encode()),))
    return render(sources, build(sources, BuildCache(), shipped()))


def test_a_rule_is_told_with_all_that_it_has() -> None:
    section = page_of(RULES).partition("## rules/a.rules\n")[2]
    assert section == (
        "\nAbout all of it, in two lines.\n\n### first\n\n"
        "`block`, severity high, tags `t`, `u`. In doubt it asks, as its predicates have it.\n\n"
        "Why there is this rule.\n\n"
        "````\nmatch command(l)\nmatch ^`x` <b>\nunless_regex ^y$\n````\n\n"
        "> Use `a<b>` not &lt;b>\n\n"
        "Stops:\n\n````\na\n````\n\nLets pass:\n\n`````\nc ````\n`````\n\n"
        "### second\n\n`watch`, severity medium. In doubt it only records, as its predicates have it.\n\n"
        '````\nmatch command("w")\n````\n'
    )


def test_the_rules_that_protect_the_guard_are_told_too() -> None:
    assert "| [guard-files](#guard-files) | block | critical | self-protection | protection.rules |" in page_of(RULES)


@pytest.mark.parametrize(("number", "comment"), [(1, ""), (4, ""), (8, "Why there is this rule.")])
def test_a_comment_belongs_to_the_line_right_below(number: int, comment: str) -> None:
    assert comment_above(RULES.split("\n"), number) == comment


def test_prose_is_shown_to_the_letter() -> None:
    assert prose("`<a>*` <b> *c*") == r"`<a>*` &lt;b> \*c\*"

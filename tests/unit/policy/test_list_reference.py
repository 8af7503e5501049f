"""The page of lists."""

from security_hooks.policy.config_schema import LIST_NAMES
from security_hooks.policy.list_reference import render
from security_hooks.policy.source import RuleFile, Sources

RULES = b"""# What it is for.
list inner = "a", "`"
list outer = inner, "b"
macro m = command(outer)
list lonely = "c"
block "user"
  match not (command(inner) and reads("x")) or m()
"""


def page() -> str:
    return render(Sources((), (RuleFile("shipped", "rules/a.rules", RULES),)))


def test_a_list_says_who_uses_it() -> None:
    text = page()
    assert (
        "### inner\n\nWhat it is for.\n\n* In: `rules/a.rules`\n"
        "* Used by: [user](rules.md#user), [outer](#outer)\n* Holds: `a`, `` ` ``\n"
    ) in text
    assert "### outer\n\n* In: `rules/a.rules`\n* Used by: the macro `m`\n* Holds: [inner](#inner), `b`\n" in text
    assert "### lonely\n\n* In: `rules/a.rules`\n* Used by: no shipped rule\n" in text


def test_every_list_of_the_configuration_is_there_with_the_predicates_that_hold_it() -> None:
    text = page()
    for name in LIST_NAMES:
        assert f"### {name}\n" in text
    section = text.partition("### sensitive_paths\n")[2].partition("###")[0]
    assert "`flow` with `sensitive`" in section

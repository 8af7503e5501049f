"""What words mean. In the texts, `|` stands behind the first character of the word."""

from collections.abc import Callable

import pytest

from security_hooks.dsl.parse import TIERS
from security_hooks.dsl.predicates import PREDICATES
from security_hooks.dsl.vocabulary import WORDS
from security_hooks.lsp.answers import Answers
from security_hooks.lsp.hover import Hover

Asked = Callable[..., Answers]


def hovered(asked: Asked, text: str) -> Hover | None:
    offset = text.index("|")
    answers = asked(text.replace("|", "", 1))
    return answers.hover(answers.position_of(offset))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('b|lock "x"', "verdict deny"),
        ("  n|udge", "What the agent reads"),
        ('  match c|ommand("rm")', "The program is one of these"),
        ("  match_c|ommand x", "The program is one of these"),
        ("  match f|orced()", 'macro forced = with_flags("--force")'),
        ("  match command(t|ools)", "`frob`, `grob`"),
        ("  match reads(s|ensitive_paths)", "Files that usually hold secrets"),
        ("list a = t|ools", "rules/shipped.rules:1"),
        ('list m|ine = "a"', "`a`"),
        ('  match command("g|it")', "Keep versions of files"),
        ('  match wrapped_by("/usr/bin/s|udo")', "**sudo**"),
        ('  match command("git") subcommand("p|ush")', "**git push**"),
        ('  match command("git") subcommand("r|emote add")', "**git remote add**"),
        ('  match command("git") subcommand("push") with_flags("-|-force")', "`--force`"),
        ('  match command("git") with_flags("-|C")', "`DIR`, chdir"),
        ('  match action("g|it_discard")', "severity high"),
        ('  for "s|hipped-rule"', "Do not frob {path}"),
        ("  unknown a|sk", "What a doubt is worth"),
        ("  severity h|igh", "How bad"),
    ],
)
def test_a_word_is_explained(asked: Asked, text: str, shown: str) -> None:
    found = hovered(asked, text)
    assert found is not None
    assert shown in found.markdown


@pytest.mark.parametrize(
    "text",
    [
        "|",
        "# bl|ock",
        "  match ^r|m",
        '  match command("no-such-pr|ogram")',
        "  match n|osuch()",
        '  match command("git") subcommand("nos|uch")',
        "  severity n|osuch",
        '  for "n|osuch"',
        "  match command(n|osuch)",
        'block "b|lock"',
    ],
)
def test_what_means_nothing_is_not_explained(asked: Asked, text: str) -> None:
    assert hovered(asked, text) is None


@pytest.mark.parametrize("word", [*TIERS, *WORDS])
def test_every_first_word_is_explained(asked: Asked, word: str) -> None:
    assert hovered(asked, f"{word[0]}|{word[1:]} x") is not None


@pytest.mark.parametrize("name", [predicate.name for predicate in PREDICATES])
def test_every_predicate_is_explained_without_links_that_lead_nowhere(asked: Asked, name: str) -> None:
    found = hovered(asked, f"  match {name[0]}|{name[1:]}(")
    assert found is not None
    assert found.markdown.startswith(f"`{name}(")
    assert ".md" not in found.markdown

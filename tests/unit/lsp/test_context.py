"""What is expected at a place. In the texts, `|` is the place."""

import pytest

from security_hooks.lsp.context import Kind, context_at
from security_hooks.lsp.document import Document

RULE = 'block "a"\n  nudge "n"\n'


@pytest.mark.parametrize(
    ("text", "kind", "word", "call"),
    [
        ("|", Kind.START, None, ""),
        ("bl|", Kind.START, "bl", ""),
        ('bl|ock "x"', Kind.START, "block", ""),
        ('block "|', Kind.HEADER, '"', ""),
        ("# bl|", Kind.NOTHING, None, ""),
        ("  match |", Kind.CONDITION, None, ""),
        ("  match comm|", Kind.CONDITION, "comm", ""),
        ("  match not (comm|", Kind.CONDITION, "comm", ""),
        ("  match x() and comm|", Kind.CONDITION, "comm", ""),
        ("  match a(b|", Kind.ARGUMENT, "b", "a"),
        ('  match a("x", "b|', Kind.ARGUMENT, '"b', "a"),
        ('  match a("x") b("y|")', Kind.ARGUMENT, '"y"', "b"),
        ('  match (a("x") or |', Kind.CONDITION, None, ""),
        ('  match a("(x") |', Kind.CONDITION, None, ""),
        ("  match rm -rf |", Kind.NOTHING, None, ""),
        ("  match a (b|", Kind.NOTHING, "b", ""),
        ("  match_regex a(|", Kind.NOTHING, None, ""),
        ("  match_command na|", Kind.ARGUMENT, "na", "command"),
        ("  severity hi|", Kind.VALUE, "hi", ""),
        ('  for "a", "b|', Kind.VALUE, '"b', ""),
        ('  nudge "{pa|', Kind.TEXT, '"{pa', ""),
        ("  example st|", Kind.VALUE, "st", ""),
        ('  example stop "rm|', Kind.TEXT, '"rm', ""),
        ("list a = b|", Kind.ELEMENT, "b", ""),
        ("list a|", Kind.HEADER, "a", ""),
        ('list a = "x",\n  "y", b|', Kind.ELEMENT, "b", ""),
        ('list a = "x",\n\n  |', Kind.ELEMENT, None, ""),
        ('list a = "x"\n  |', Kind.START, None, ""),
        ("macro a = com|", Kind.CONDITION, "com", ""),
        ("macro a = com(x|", Kind.ARGUMENT, "x", "com"),
        ("odd wo|", Kind.NOTHING, "wo", ""),
    ],
)
def test_the_place_says_what_is_expected(text: str, kind: Kind, word: str | None, call: str) -> None:
    offset = text.index("|")
    context = context_at(Document("x", text.replace("|", "", 1)), offset)
    assert (context.kind, None if context.word is None else context.word.text, context.call) == (kind, word, call)


def test_a_line_knows_its_rule() -> None:
    context = context_at(Document("x", f"{RULE}  "), len(RULE) + 2)
    assert (context.tier, context.given) == ("block", frozenset({"nudge"}))
    assert context_at(Document("x", f"\n{RULE}"), 0).tier is None


def test_the_calls_of_a_line_are_those_on_both_sides_of_the_place() -> None:
    text = '  match command("git") with_flags("") subcommand("push"'
    context = context_at(Document("x", text), text.index('("")') + 2)
    assert [(call.name.text, [word.value for word in call.arguments]) for call in context.others] == [
        ("command", ["git"]),
        ("with_flags", [""]),
        ("subcommand", ["push"]),
    ]


def test_a_line_that_cannot_be_read_expects_nothing() -> None:
    assert context_at(Document("x", "block \x00"), 3).kind is Kind.NOTHING
    assert context_at(Document("x", f"match {'x' * 20_000}"), 3).kind is Kind.NOTHING

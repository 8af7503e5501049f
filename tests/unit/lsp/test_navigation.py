"""Definitions and symbols."""

from collections.abc import Callable

import pytest

from security_hooks.lsp.answers import Answers
from security_hooks.lsp.document import Position
from security_hooks.lsp.navigation import SymbolKind

Asked = Callable[..., Answers]
OWN = "/config/rules/own.rules"


@pytest.mark.parametrize(
    ("text", "file", "name"),
    [
        ("  match f|orced()", "rules/shipped.rules", "forced"),
        ("  match command(t|ools)", "rules/shipped.rules", "tools"),
        ("  match reads(g|uard_own_files)", "protection.rules", "guard_own_files"),
        ('list mine = "a"\nlist more = m|ine', OWN, "mine"),
        ('except "e"\n  for "s|hipped-rule"', "rules/shipped.rules", '"shipped-rule"'),
    ],
)
def test_a_name_leads_to_its_definition(asked: Asked, text: str, file: str, name: str) -> None:
    offset = text.index("|")
    answers = asked(text.replace("|", "", 1))
    found = answers.definition(answers.position_of(offset))
    assert found is not None
    assert (found.document.file, found.document.text[found.span.start : found.span.end]) == (file, name)


@pytest.mark.parametrize(
    "text", ["  match c|ommand()", '  match command("t|ools")', "  match reads(guard_in|_use)", "|", '  for "n|o"']
)
def test_what_no_file_defines_leads_nowhere(asked: Asked, text: str) -> None:
    offset = text.index("|")
    answers = asked(text.replace("|", "", 1))
    assert answers.definition(answers.position_of(offset)) is None


def test_symbols_are_the_statements_with_all_their_lines(asked: Asked) -> None:
    text = 'list a = "x",\n  "y"\n\n# c\nblock "é"\n  match rm\n  nudge "n"\nmacro m = inside("loop")\n'
    found = asked(text).symbols()
    assert [(one.kind, one.name, one.detail) for one in found] == [
        (SymbolKind.LIST, "a", ""),
        (SymbolKind.RULE, "é", "block"),
        (SymbolKind.MACRO, "m", ""),
    ]
    assert [text[one.whole.start : one.whole.end] for one in found] == [
        'list a = "x",\n  "y"',
        'block "é"\n  match rm\n  nudge "n"',
        'macro m = inside("loop")',
    ]
    assert [text[one.named.start : one.named.end] for one in found] == ["a", '"é"', "m"]


def test_a_list_of_the_configuration_leads_to_its_key(asked: Asked) -> None:
    text = "  match reads(sensitive_paths)"
    found = asked(text).definition(Position(0, text.index("sensitive")))
    assert found is not None
    assert found.document.file == "config.toml"
    assert found.document.text[found.span.start :].startswith("sensitive = [")

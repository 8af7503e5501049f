"""Rule text to trees. What is said about bad text is in tests/golden/diagnostics."""

import pytest

from security_hooks.dsl.parse import MOST_NESTED, parse, parse_bytes
from security_hooks.dsl.syntax import Call, Conjunction, Disjunction, Matching, Negation, Regex, Setting, SourceFile
from security_hooks.model.decision import Tier


def what(line: str) -> object:
    source, diagnostics = parse(f'block "t"\n  {line}', "t.rules")
    assert diagnostics == ()
    (clause,) = source.rules[0].clauses
    assert isinstance(clause, Matching)
    return clause.what


def outline(node: object) -> object:
    match node:
        case Call(name=name, arguments=arguments):
            return (name.text, *(value.text for value in arguments))
        case Negation(condition=condition):
            return {"not": outline(condition)}
        case Conjunction(conditions=conditions):
            return {"and": [outline(part) for part in conditions]}
        case Disjunction(conditions=conditions):
            return {"or": [outline(part) for part in conditions]}
    return node


@pytest.mark.parametrize(
    "pattern",
    [
        r":\(\)\s*\{.*\|.*&\s*\}\s*;",
        "(curl|wget)",
        "((?i)rm)",
        "rm (-rf|-fr)",
        "not rm",
        "not(a|b)",
        "not_a",
        "foo.bar()",
        '"quoted"',
        "a # no comment",
        "a,",
        "^rm",
    ],
)
def test_all_else_is_a_pattern(pattern: str) -> None:
    found = what(f"match   {pattern}  \t")
    assert isinstance(found, Regex)
    assert found.pattern == pattern
    assert not found.explicit


@pytest.mark.parametrize("pattern", ['command("rm")', "not foo(", "(((", "x"])
def test_match_regex_is_always_a_pattern(pattern: str) -> None:
    found = what(f"match_regex {pattern}")
    assert isinstance(found, Regex)
    assert (found.pattern, found.explicit) == (pattern, True)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("a()", ("a",)),
        ('( not a("x", y))', {"not": ("a", "x", "y")}),
        ("a() b()", {"and": [("a",), ("b",)]}),
        ("a() and b() c()", {"and": [("a",), ("b",), ("c",)]}),
        ("a() or b() c()", {"or": [("a",), {"and": [("b",), ("c",)]}]}),
        ("(a() or b()) and c()", {"and": [{"or": [("a",), ("b",)]}, ("c",)]}),
        ("not a() b()", {"and": [{"not": ("a",)}, ("b",)]}),
        ("not (a() or b())", {"not": {"or": [("a",), ("b",)]}}),
        ("not not a()", {"not": {"not": ("a",)}}),
        ('a("\\"\\\\")', ("a", '"\\')),
        ("notify()", ("notify",)),
        ("a(\tx ,y )", ("a", "x", "y")),
    ],
)
def test_conditions_compose(condition: str, expected: object) -> None:
    assert outline(what(f"match {condition}")) == expected
    assert outline(what(f"match({condition})")) == expected


@pytest.mark.parametrize("line", ["match_x a, b", 'match x(a, "b")'])
def test_bare_clause_form_is_a_call(line: str) -> None:
    values = tuple("ab")
    assert outline(what(line)) == ("x", *values)


def test_a_file_in_full() -> None:
    text = 'list a = "x", b\nmacro m = x()\nexcept "e"\n  for "r"\n  until 2030-01-01\n  unless_regex x\nwatch "w"'
    source, diagnostics = parse(text, "t.rules")
    assert diagnostics == ()
    assert [value.text for value in source.lists[0].values] == ["x", "b"]
    assert outline(source.macros[0].condition) == ("x",)
    assert [(rule.tier, rule.name.text, rule.at.line) for rule in source.rules] == [
        (Tier.EXCEPT, "e", 3),
        (Tier.WATCH, "w", 7),
    ]
    removes, until, unless = source.rules[0].clauses
    assert isinstance(removes, Setting)
    assert isinstance(until, Setting)
    assert isinstance(unless, Matching)
    assert (removes.keyword.text, until.values[0].text, unless.keyword) == ("for", "2030-01-01", "unless")


def test_places_count_from_one_in_characters() -> None:
    source, _ = parse('# x\n\nblock "ä"\n\tmatch not ä("', "t.rules")
    clause = source.rules[0].clauses[0]
    assert isinstance(clause, Matching)
    assert isinstance(clause.what, Regex)
    assert (clause.at.line, clause.at.column, clause.what.at.column) == (4, 2, 8)


@pytest.mark.parametrize("condition", ["(" * 500 + "a()" + ")" * 500, "not " * 500 + "a()"])
def test_deep_conditions_are_refused_before_they_are_built(condition: str) -> None:
    _, (diagnostic,) = parse(f'block "t"\n  match {condition}', "t.rules")
    assert (diagnostic.code, diagnostic.line) == ("too-deep", 2)
    inner = "(" * (MOST_NESTED - 1) + "a()" + ")" * (MOST_NESTED - 1)
    assert parse(f'block "t"\n  match {inner}', "t.rules")[1] == ()


def test_complaints_about_one_file_end_somewhere() -> None:
    _, diagnostics = parse("?\n" * 10_000, "t.rules")
    assert len(diagnostics) == 101
    assert diagnostics[0].code == "too-many"


def test_parse_bytes_tells_what_is_no_text() -> None:
    source, (diagnostic,) = parse_bytes(b"\xff", "t.rules")
    assert source == SourceFile("t.rules")
    assert diagnostic.code == "encoding"
    assert parse_bytes(b'block "t"', "t.rules") == parse('block "t"', "t.rules")


@pytest.mark.parametrize("line", ['nudge "' + '\\"' * 8_000, 'nudge "' + '\\"' * 8_000 + "\\", "match " + "(" * 16_000])
def test_hostile_lines_take_linear_time(line: str) -> None:
    _, diagnostics = parse(f'block "t"\n{line}\n' * 20, "t.rules")
    assert len(diagnostics) == 20


def test_a_line_of_blanks_of_other_scripts_is_told() -> None:
    _, diagnostics = parse('block "x"\n\u00a0\n  match rm\n', "x.rules")
    assert [(found.line, found.code) for found in diagnostics] == [(2, "syntax")]

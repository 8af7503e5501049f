"""What a word of a rules file means, as Markdown."""

import re
from dataclasses import dataclass

from security_hooks.dsl.clauses import CLAUSES
from security_hooks.dsl.predicates import predicate_named
from security_hooks.dsl.predicates.signature import Predicate
from security_hooks.dsl.reference import usage
from security_hooks.dsl.scope import LayeredFile
from security_hooks.dsl.syntax import MacroStatement, Setting, Text
from security_hooks.dsl.vocabulary import TIERS, WORDS
from security_hooks.lsp.context import Called, Context, Kind, Token, context_at
from security_hooks.lsp.document import Document, Span
from security_hooks.lsp.programs import (
    describe_option,
    describe_program,
    is_of_programs,
    options_of,
    specs_of,
    subcommand_of,
)
from security_hooks.lsp.surroundings import Rule, Surroundings, meaning_of_given
from security_hooks.model.action import Action
from security_hooks.model.decision import Severity, Tier

MOST_SHOWN = 40
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_SHORTHAND = re.compile(r"(?:match|unless)_(?!regex$)(.+)")


@dataclass(frozen=True, slots=True)
class Hover:
    """What to show, and the part of the text that it is about."""

    span: Span
    markdown: str


def hover(document: Document, offset: int, around: Surroundings) -> Hover | None:
    """What the word at a place means; None where it means nothing."""
    context = context_at(document, offset)
    word = context.word
    if word is None:
        return None
    shown = _meaning(context, word, document, around)
    return None if not shown else Hover(Span(word.start, word.end), shown)


def describe_predicate(predicate: Predicate) -> str:
    """A predicate's page of the reference."""
    # A link to another page of the reference leads nowhere from an editor.
    doc = _LINK.sub(r"\1", predicate.doc)
    doubt = "asks" if predicate.asks else "passes"
    return (
        f"`{usage(predicate)}`\n\n{doc}\n\n"
        f"Without an `unknown` clause, UNKNOWN {doubt} in `block` and `suspicious` rules."
    )


def describe_tier(tier: Tier) -> str:
    """What a tier is for."""
    meaning = TIERS[tier]
    return f"**{tier.value}**: verdict {meaning.verdict}; {meaning.meaning}.\n\n{meaning.doc}"


def describe_word(word: str) -> str:
    """What a clause, `list` or `macro` is for."""
    found = WORDS[word]
    takers = ", ".join(f"`{tier.value}`" for tier in Tier if tier in found.tiers)
    where = f"\n\nIn {takers} rules." if takers and len(found.tiers) < len(Tier) else ""
    return f"`{found.usage}`\n\n{found.doc}{where}"


def describe_list(name: str, file: LayeredFile, around: Surroundings) -> str | None:
    """What a list is for and what it holds; None where the file sees none of this name."""
    held = around.held(name, file)
    if held is None:
        return None
    definition = around.definition(name, file)
    given = meaning_of_given(name) if name in around.lists else ""
    place = "a list of the configuration" if definition is None else f"a list, defined at {definition.place}"
    words = ", ".join(f"`{word}`" for word in held[:MOST_SHOWN])
    more = f" and {len(held) - MOST_SHOWN} more" if len(held) > MOST_SHOWN else ""
    return f"**{name}**: {place}.\n\n{given + chr(10) * 2 if given else ''}{words or 'It is empty.'}{more}"


def describe_macro(name: str, file: LayeredFile, around: Surroundings) -> str | None:
    """Where a macro is defined and what it stands for; None where the file sees none of this name."""
    definition = around.definition(name, file)
    if definition is None or not isinstance(definition.statement, MacroStatement):
        return None
    document = around.documents[definition.file.source.file]
    line = document.line_span(definition.statement.name.at.line)
    text = document.text[line.start : line.end].strip()
    return f"**{name}**: a macro, defined at {definition.place}.\n\n```\n{text}\n```"


def describe_rule(rule: Rule) -> str:
    """A rule's tier, place and nudge."""
    statement = rule.statement
    nudges = (
        value.text
        for clause in statement.clauses
        if isinstance(clause, Setting) and clause.keyword.text == "nudge"
        for value in clause.values
        if isinstance(value, Text)
    )
    nudge = next(nudges, "")
    shown = f'`{statement.tier.value} "{statement.name.text}"`, defined at {rule.place}.'
    return f"{shown}\n\n{nudge}" if nudge else shown


def _meaning(context: Context, word: Token, document: Document, around: Surroundings) -> str | None:
    file = around.file(document.file)
    match context.kind:
        case Kind.START:
            return _first_word(word.text)
        case Kind.HEADER if context.keyword == "list":
            return describe_list(word.text, file, around)
        case Kind.CONDITION:
            return _callable(word.text, file, around)
        case Kind.ELEMENT:
            return None if word.is_string else describe_list(word.text, file, around)
        case Kind.ARGUMENT:
            return _argument(context, word, file, around)
        case Kind.VALUE:
            return _value(context, word, around)
        case _:
            return None


def _first_word(word: str) -> str | None:
    tier = next((tier for tier in Tier if tier.value == word), None)
    if tier is not None:
        return describe_tier(tier)
    if word in WORDS:
        return describe_word(word)
    found = _SHORTHAND.fullmatch(word)
    predicate = None if found is None else predicate_named(found[1])
    return None if predicate is None else describe_predicate(predicate)


def _callable(name: str, file: LayeredFile, around: Surroundings) -> str | None:
    predicate = predicate_named(name)
    if predicate is not None:
        return describe_predicate(predicate)
    return describe_macro(name, file, around)


def _argument(context: Context, word: Token, file: LayeredFile, around: Surroundings) -> str | None:
    if not word.is_string:
        return describe_list(word.text, file, around)
    if is_of_programs(context.call):
        name = word.value.rpartition("/")[2]
        spec = around.catalogue.commands.get(name)
        return None if spec is None else describe_program(name, spec)
    match context.call:
        case "subcommand":
            return _subcommand(word.value, context.others, around)
        case "with_flags":
            found = (option for _, option in options_of(context.others, around.catalogue))
            asked = word.value.partition("=")[0]
            return next((describe_option(option) for option in found if asked in option.spellings), None)
        case "action":
            action = next((action for action in Action if action.value == word.value), None)
            return (
                None if action is None else f"The action `{action.value}`, usually of severity {action.severity.value}."
            )
        case _:
            return None


def _subcommand(words: str, calls: tuple[Called, ...], around: Surroundings) -> str | None:
    programs = specs_of([call for call in calls if call.name.text == "command"], around.catalogue)
    found = ((program, subcommand_of(program, words.split())) for program in programs)
    return next((describe_program(f"{one.name} {words}", sub) for one, sub in found if sub is not None), None)


def _value(context: Context, word: Token, around: Surroundings) -> str | None:
    if context.keyword == "for":
        rule = around.rule(word.value)
        return None if rule is None else describe_rule(rule)
    if context.keyword == "severity" and word.value in {severity.value for severity in Severity}:
        return describe_word(context.keyword)
    kind = CLAUSES.get(context.keyword)
    return describe_word(context.keyword) if kind is not None and word.value in kind.choices else None

"""What can stand at a place of a rules file: names and words, each with what it means."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import islice

from security_hooks.clients import CLIENTS
from security_hooks.dsl.clauses import CLAUSES, EXAMPLE
from security_hooks.dsl.nudge import PLACEHOLDERS, RULE
from security_hooks.dsl.predicates import PREDICATES, predicate_named
from security_hooks.dsl.predicates.signature import Params
from security_hooks.dsl.reference import usage
from security_hooks.dsl.scope import LayeredFile
from security_hooks.dsl.syntax import Setting
from security_hooks.dsl.vocabulary import TIERS, WORDS
from security_hooks.lsp.context import Context, Kind, context_at
from security_hooks.lsp.document import Document, Span
from security_hooks.lsp.hover import (
    describe_list,
    describe_macro,
    describe_predicate,
    describe_rule,
    describe_tier,
    describe_word,
)
from security_hooks.lsp.programs import describe_option, describe_program, options_of, specs_of, subcommand_of
from security_hooks.lsp.surroundings import Surroundings
from security_hooks.model.action import Action
from security_hooks.model.decision import Tier
from security_hooks.model.event import ToolKind

MOST_OFFERED = 200
# These stand in a rule as often as one likes.
_REPEATED = frozenset({"match", "match_regex", "unless", "unless_regex", EXAMPLE})
_PLACEHOLDER = re.compile(r"(?:[^{]|\{\{)*\{([A-Za-z0-9_]*)")


class OfferKind(Enum):
    """What is offered; editors show a sign for each."""

    KEYWORD = "keyword"
    PREDICATE = "predicate"
    MACRO = "macro"
    LIST = "list"
    CHOICE = "choice"
    PROGRAM = "program"
    OPTION = "option"
    RULE = "rule"
    PLACEHOLDER = "placeholder"


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that could stand there: what is shown, and what is put in the place of the span."""

    kind: OfferKind
    label: str
    text: str
    detail: str = ""
    markdown: str = ""


@dataclass(frozen=True, slots=True)
class Offers:
    """All that could stand at a place, in the place of `span`; `whole` is False where there are more."""

    span: Span
    offers: tuple[Offer, ...] = ()
    whole: bool = True


def complete(document: Document, offset: int, around: Surroundings) -> Offers:
    """What can stand at a place, as far as what is written there goes."""
    context = context_at(document, offset)
    word = context.word
    is_quoted = word is not None and word.is_string
    start = offset if word is None else word.inner.start
    end = offset if word is None else max(word.inner.end if is_quoted else word.end, offset)
    typed = document.text[start:offset]
    file = around.file(document.file)
    if context.kind is Kind.TEXT:
        return _placeholders(document, context, typed, offset)
    found = _offers(context, typed, file, around)
    if context.kind in (Kind.ARGUMENT, Kind.VALUE, Kind.ELEMENT):
        found = _quoted(found) if not is_quoted else (offer for offer in found if offer.kind is not OfferKind.LIST)
    fitting = (offer for offer in found if offer.label.startswith(typed) or offer.text.startswith(typed))
    taken = list(islice(fitting, MOST_OFFERED + 1))
    return Offers(Span(start, end), tuple(taken[:MOST_OFFERED]), len(taken) <= MOST_OFFERED)


def _offers(context: Context, typed: str, file: LayeredFile, around: Surroundings) -> Iterator[Offer]:
    match context.kind:
        case Kind.START:
            yield from _first_words(context)
            yield from _shorthands(typed)
        case Kind.CONDITION:
            yield from _conditions(file, around)
        case Kind.ARGUMENT:
            predicate = predicate_named(context.call)
            if predicate is not None:
                yield from _lists(file, around)
                yield from _arguments(predicate.params, context, typed, around)
        case Kind.ELEMENT:
            yield from _lists(file, around)
        case Kind.VALUE:
            yield from _values(context, around)
        case _:
            return


def _first_words(context: Context) -> Iterator[Offer]:
    if context.tier is not None:
        for word, found in WORDS.items():
            takes = any(tier.value == context.tier for tier in found.tiers)
            if takes and (word in _REPEATED or word not in context.given):
                yield Offer(OfferKind.KEYWORD, word, word, found.usage, describe_word(word))
    for tier, meaning in TIERS.items():
        yield Offer(OfferKind.KEYWORD, tier.value, tier.value, meaning.meaning, describe_tier(tier))
    for word in ("list", "macro"):
        yield Offer(OfferKind.KEYWORD, word, word, WORDS[word].usage, describe_word(word))


def _shorthands(typed: str) -> Iterator[Offer]:
    """`match_NAME` for each predicate, where somebody has begun one."""
    keyword, mark, _ = typed.partition("_")
    if mark and keyword in ("match", "unless"):
        for predicate in PREDICATES:
            if predicate.params.most != 0:
                word = f"{keyword}_{predicate.name}"
                yield Offer(OfferKind.PREDICATE, word, word, usage(predicate), describe_predicate(predicate))


def _conditions(file: LayeredFile, around: Surroundings) -> Iterator[Offer]:
    for predicate in PREDICATES:
        opened = "()" if predicate.params.most == 0 else "("
        text = f"{predicate.name}{opened}"
        yield Offer(OfferKind.PREDICATE, predicate.name, text, usage(predicate), describe_predicate(predicate))
    for name in around.macro_names(file):
        yield Offer(OfferKind.MACRO, name, f"{name}()", "macro", describe_macro(name, file, around) or "")
    for word in ("not", "and", "or"):
        yield Offer(OfferKind.KEYWORD, word, word)


def _lists(file: LayeredFile, around: Surroundings) -> Iterator[Offer]:
    for name in around.list_names(file):
        yield Offer(OfferKind.LIST, name, name, "list", describe_list(name, file, around) or "")


def _arguments(params: Params, context: Context, typed: str, around: Surroundings) -> Iterator[Offer]:
    for choice in params.choices or params.usual:
        action = next((action for action in Action if params.word == "action" and action.value == choice), None)
        detail = params.word if action is None else f"usually of severity {action.severity.value}"
        yield Offer(OfferKind.CHOICE, choice, choice, detail)
    match params.word:
        case "program":
            for name in sorted(around.catalogue.commands):
                if name.startswith(typed):
                    spec = around.catalogue.commands[name]
                    yield Offer(OfferKind.PROGRAM, name, name, spec.summary, describe_program(name, spec))
        case "subcommand":
            yield from _subcommands(context, typed, around)
        case "option":
            for spec, option in options_of(context.others, around.catalogue):
                for spelling in option.spellings:
                    if spelling.startswith("-"):
                        yield Offer(OfferKind.OPTION, spelling, spelling, spec.name, describe_option(option))
        case "client":
            yield from (Offer(OfferKind.CHOICE, client.name, client.name, "client") for client in CLIENTS)


def _subcommands(context: Context, typed: str, around: Surroundings) -> Iterator[Offer]:
    above = typed.split(" ")[:-1]
    for program in specs_of([call for call in context.others if call.name.text == "command"], around.catalogue):
        spec = subcommand_of(program, above)
        for name, found in sorted(spec.subcommands.items()) if spec is not None else ():
            words = " ".join((*above, name))
            yield Offer(
                OfferKind.CHOICE, words, words, program.name, describe_program(f"{program.name} {words}", found)
            )


def _values(context: Context, around: Surroundings) -> Iterator[Offer]:
    match context.keyword:
        case "for":
            for rule in around.rules():
                name = rule.statement.name.text
                # What an exception takes away is what others object to.
                if rule.statement.tier not in (Tier.ALLOW, Tier.EXCEPT):
                    yield Offer(OfferKind.RULE, name, name, rule.statement.tier.value, describe_rule(rule))
        case "client":
            yield from (Offer(OfferKind.CHOICE, client.name, client.name, "client") for client in CLIENTS)
        case "on":
            yield from (Offer(OfferKind.CHOICE, kind.value, kind.value, "kind of tool") for kind in ToolKind)
        case "tags":
            yield from (Offer(OfferKind.CHOICE, tag, tag, "tag") for tag in _tags(around))
        case "example":
            yield from (Offer(OfferKind.KEYWORD, word, word) for word in ("stop", "pass"))
        case keyword if keyword in CLAUSES:
            for choice in CLAUSES[keyword].choices:
                if not (keyword == "unknown" and context.tier == Tier.WATCH.value and choice == "ask"):
                    yield Offer(OfferKind.KEYWORD, choice, choice)


def _tags(around: Surroundings) -> Iterable[str]:
    clauses = (clause for rule in around.rules() for clause in rule.statement.clauses if isinstance(clause, Setting))
    return sorted({value.text for clause in clauses if clause.keyword.text == "tags" for value in clause.values})


def _quoted(offers: Iterable[Offer]) -> Iterator[Offer]:
    for offer in offers:
        if offer.kind in (OfferKind.LIST, OfferKind.KEYWORD):
            yield offer
        else:
            yield Offer(offer.kind, offer.label, f'"{offer.text}"', offer.detail, offer.markdown)


def _placeholders(document: Document, context: Context, typed: str, offset: int) -> Offers:
    found = _PLACEHOLDER.fullmatch(typed)
    if context.keyword != "nudge" or found is None:
        return Offers(Span(offset, offset))
    start = offset - len(found[1])
    closing = "" if document.text.startswith("}", offset) else "}"
    offers = (
        Offer(OfferKind.PLACEHOLDER, name, f"{name}{closing}")
        for name in sorted((*PLACEHOLDERS, RULE))
        if name.startswith(found[1])
    )
    return Offers(Span(start, offset), tuple(offers))

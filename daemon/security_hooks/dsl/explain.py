"""Why a rule answers as it does: the tree of its conditions with the truth of each, for `security-hooks explain`."""

from dataclasses import dataclass

from security_hooks.dsl.asking import compile_condition, known_predicate
from security_hooks.dsl.coverage import is_plain, speaks_of_wrappers
from security_hooks.dsl.globs import globs
from security_hooks.dsl.predicates.tool import is_tool
from security_hooks.dsl.regex import compile_pattern, found_text
from security_hooks.dsl.resolved import All, Any, Ask, Condition, Not, Pattern, Recall, ResolvedRule
from security_hooks.dsl.truth import Truth
from security_hooks.model.decision import Tier
from security_hooks.model.shell import Facts

MOST_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Explanation:
    """One condition: its text, its truth, what was looked at (`evidence`), and the conditions that it is made of."""

    text: str
    truth: Truth
    evidence: str = ""
    children: tuple["Explanation", ...] = ()


def explain_rule(rule: ResolvedRule, truth: Truth, facts: Facts, *, loosens: bool) -> Explanation:
    """The rule with its clauses; `truth` is the rule's own answer."""
    children: list[Explanation] = []
    call = facts.call
    if rule.clients:
        told = _truth(globs(rule.clients).match(call.event.client))
        children.append(Explanation(f"client {_listed(rule.clients)}", told, call.event.client))
    if rule.tools:
        told = _truth(is_tool(globs(rule.tools), call.tool))
        children.append(Explanation(f"on {_listed(rule.tools)}", told, f"{call.tool.name} ({call.tool.kind.value})"))
    children += (_clause("match", condition, facts, loosens=loosens) for condition in rule.matches)
    if rule.tier is Tier.ALLOW:
        plain = is_plain(facts, wrapped=all(map(speaks_of_wrappers, rule.matches)))
        children.append(Explanation("nothing beside the command", _truth(plain)))
    children += (_clause("unless", condition, facts, loosens=True) for condition in rule.unless)
    return Explanation(f'{rule.tier.value} "{rule.name}"', truth, children=tuple(children))


def _clause(keyword: str, condition: Condition, facts: Facts, *, loosens: bool) -> Explanation:
    inner = _explain(condition, facts, loosens=loosens)
    return Explanation(keyword, inner.truth, children=(inner,))


def _explain(condition: Condition, facts: Facts, *, loosens: bool) -> Explanation:
    truth = compile_condition(condition, loosens=loosens)(facts)
    match condition:
        case Pattern(pattern=pattern):
            return Explanation(_cut(pattern), truth, _cut(_found(pattern, facts)) if truth is not Truth.NO else "")
        case Ask(predicate=name, written=written, arguments=arguments):
            return Explanation(
                _cut(written or f"{name}({_listed(arguments)})"), truth, _cut(known_predicate(name).shows(facts))
            )
        case Recall(predicate=name, condition=inner, written=written):
            return Explanation(
                _cut(written),
                truth,
                known_predicate(name).shows(facts),
                children=(_explain(inner, facts, loosens=loosens),),
            )
        case Not(condition=inner):
            return Explanation("not", truth, children=(_explain(inner, facts, loosens=not loosens),))
        case All(conditions=conditions):
            return Explanation(
                "and", truth, children=tuple(_explain(part, facts, loosens=loosens) for part in conditions)
            )
        case Any(conditions=conditions):
            return Explanation(
                "or", truth, children=tuple(_explain(part, facts, loosens=loosens) for part in conditions)
            )


def _found(pattern: str, facts: Facts) -> str:
    searcher = compile_pattern(pattern)
    call, command = facts.call, facts.command
    texts = () if command is None else (command.text, command.folded)
    whole = (call.script.text,) if call.script is not None else tuple(string.value for string in call.tool.strings)
    return next((found for text in (*texts, *whole) if (found := found_text(searcher, text)) is not None), "")


def _truth(known: object) -> Truth:
    return Truth.YES if known else Truth.NO


def _listed(words: tuple[str, ...]) -> str:
    return _cut(", ".join(f'"{word}"' for word in words))


def _cut(text: str) -> str:
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."

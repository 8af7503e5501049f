"""The leaves of a rule's conditions, each with its place, and which of them a call exercises.

A leaf is exercised where it holds and that matters: everything that stands beside it in an `and` may hold, too. One
under a `not` is exercised where it holds and so keeps the rule from matching; one of an `unless` where the rule would
have matched.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from security_hooks.dsl.asking import compile_condition
from security_hooks.dsl.compile import LOOSENING
from security_hooks.dsl.predicates.signature import Matcher
from security_hooks.dsl.resolved import All, Any, Ask, Condition, Not, Pattern, Recall, ResolvedRule
from security_hooks.dsl.syntax import At, Call, Matching, Negation, Regex, RuleStatement
from security_hooks.dsl.syntax import Condition as Written
from security_hooks.dsl.syntax import Recall as WrittenRecall
from security_hooks.dsl.truth import Truth
from security_hooks.model.shell import Facts


@dataclass(frozen=True, slots=True)
class Leaf:
    """One predicate or pattern of a rule: its clause (`match` or `unless`), where it stands, and its text."""

    clause: str
    at: At
    text: str


@dataclass(frozen=True, slots=True)
class LeafMatcher:
    """A leaf that can be asked: `holds` itself, and `beside`, all that must not be NO for that to matter."""

    leaf: Leaf
    holds: Matcher
    beside: tuple[Matcher, ...]

    def is_exercised(self, facts: Facts) -> bool:
        """Whether these facts exercise the leaf."""
        return self.holds(facts) is Truth.YES and all(matcher(facts) is not Truth.NO for matcher in self.beside)


def leaves_of(rule: ResolvedRule, statement: RuleStatement) -> tuple[LeafMatcher, ...]:
    """Every leaf of the `match` and `unless` clauses, in order; what is in a macro stands where that is called."""
    loosens = rule.tier in LOOSENING
    clauses = [clause for clause in statement.clauses if isinstance(clause, Matching)]
    matches = [clause for clause in clauses if clause.keyword == "match"]
    exceptions = [clause for clause in clauses if clause.keyword != "match"]
    found: list[LeafMatcher] = []
    for clause, condition in zip(matches, rule.matches, strict=True):
        found += _leaves(clause, clause.what, condition, (), loosens=loosens)
    matched = compile_condition(Any(rule.matches), loosens=loosens)
    for clause, condition in zip(exceptions, rule.unless, strict=True):
        found += _leaves(clause, clause.what, condition, (matched,), loosens=True)
    return tuple(found)


def _leaves(
    clause: Matching,
    written: "Written | Regex | At",
    condition: Condition,
    beside: tuple[Matcher, ...],
    *,
    loosens: bool,
) -> Iterator[LeafMatcher]:
    """`written` is what the condition was resolved from; a place where that is inside of a macro."""
    match condition:
        case Pattern(pattern=text) | Ask(written=text) | Recall(written=text):
            holds = compile_condition(condition, loosens=loosens)
            yield LeafMatcher(Leaf(clause.keyword, _place(written), text), holds, beside)
        case Not(condition=inner):
            part = written.condition if isinstance(written, Negation) else _place(written)
            yield from _leaves(clause, part, inner, beside, loosens=not loosens)
        case All(conditions=conditions) | Any(conditions=conditions):
            parts = (
                [_place(written)] * len(conditions)
                if isinstance(written, Call | WrittenRecall | At)
                else _parts(written)
            )
            for position, (part, inner) in enumerate(zip(parts, conditions, strict=True)):
                others = conditions[:position] + conditions[position + 1 :] if isinstance(condition, All) else ()
                matchers = tuple(compile_condition(other, loosens=loosens) for other in others)
                yield from _leaves(clause, part, inner, beside + matchers, loosens=loosens)


def _parts(written: "Written | Regex") -> "tuple[Written, ...]":
    return () if isinstance(written, Call | WrittenRecall | Negation | Regex) else written.conditions


def _place(written: "Written | Regex | At") -> At:
    while not isinstance(written, At):
        match written:
            case Call(name=name) | WrittenRecall(name=name):
                return name.at
            case Regex(at=at):
                return at
            case Negation(condition=inner):
                written = inner
            case _:
                written = written.conditions[0]
    return written

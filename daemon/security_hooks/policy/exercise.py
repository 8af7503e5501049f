"""Which conditions of which rules the examples and cases exercise, and which nobody has ever tried."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from security_hooks.catalogue.entry import Catalogue
from security_hooks.dsl.compile import CompiledRule
from security_hooks.dsl.leaves import leaves_of
from security_hooks.dsl.scope import LayeredFile
from security_hooks.dsl.syntax import RuleStatement
from security_hooks.dsl.truth import Truth
from security_hooks.model.shell import Facts
from security_hooks.policy.cases import Case, client_of
from security_hooks.policy.example_call import example_call
from security_hooks.tools.facts import focus


@dataclass(frozen=True, slots=True)
class Exercised:
    """One leaf of a rule, or with an empty `condition` the rule itself, and how many texts exercise it."""

    rule: str
    file: str
    line: int
    column: int
    clause: str
    condition: str
    times: int


def exercise(
    rules: Sequence[CompiledRule], files: Sequence[LayeredFile], cases: Sequence[Case], catalogue: Catalogue
) -> tuple[Exercised, ...]:
    """A row for each rule and each of its leaves, by file and place.

    A rule is asked about its own examples, which claim something of it alone, and about all cases, which claim
    something of the policy as a whole. `rules` that stand in none of the `files` are left out.
    """
    statements = {(file.source.file, rule.name.text): rule for file in files for rule in file.source.rules}
    asked = tuple(focus(example_call(case.command, catalogue)) for case in cases)
    rows: list[Exercised] = []
    for rule in rules:
        statement = statements.get((rule.rule.file, rule.rule.name))
        if statement is not None:
            client = client_of(rule.rule)
            own = tuple(focus(example_call(example.text, catalogue, client)) for example in rule.rule.examples)
            rows += _rows(rule, statement, own + asked)
    return tuple(sorted(rows, key=lambda row: (row.file, row.line, row.column)))


def _rows(rule: CompiledRule, statement: RuleStatement, texts: Sequence[tuple[Facts, ...]]) -> Iterable[Exercised]:
    name, file, at = rule.rule.name, rule.rule.file, statement.at
    matched = sum(any(_matches(rule, facts) for facts in text) for text in texts)
    yield Exercised(name, file, at.line, at.column, rule.rule.tier.value, "", matched)
    for leaf in leaves_of(rule.rule, statement):
        times = sum(any(leaf.is_exercised(facts) for facts in text) for text in texts)
        place = leaf.leaf.at
        yield Exercised(name, file, place.line, place.column, leaf.leaf.clause, leaf.leaf.text, times)


def _matches(rule: CompiledRule, facts: Facts) -> bool:
    truth = rule.match(facts)
    return truth is Truth.YES or (truth is Truth.UNKNOWN and rule.asks(facts))

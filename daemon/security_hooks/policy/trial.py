"""Every claim that people make of a policy, tried: the examples of its rules and the cases of Markdown files.

A failing example refuses a build. So that the cases, and the other rules, can still be tried, such examples are taken
out and the rest is built.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from security_hooks.catalogue.entry import Catalogue
from security_hooks.dsl.clauses import EXAMPLE
from security_hooks.dsl.resolved import Example
from security_hooks.dsl.syntax import Setting
from security_hooks.model.diagnostic import Diagnostic, Level, PolicyError
from security_hooks.policy.build import BuildCache, build
from security_hooks.policy.built import Build, rules_of
from security_hooks.policy.cases import Case, Failing, failing_case, failing_example
from security_hooks.policy.snapshot import assemble_at_once
from security_hooks.policy.source import RuleFile, Sources

FAILED = "failed-example"


@dataclass(frozen=True, slots=True)
class Trial:
    """How many examples and cases were tried, and which of them do not hold."""

    examples: int
    cases: int
    failing: tuple[Failing, ...]


def build_without_failing(
    sources: Sources, cache: BuildCache, catalogue: Catalogue
) -> tuple[Build, tuple[Diagnostic, ...]]:
    """The build of the sources without the examples that do not hold, and those. Raises PolicyError for all else."""
    try:
        return build(sources, cache, catalogue), ()
    except PolicyError as error:
        failed = tuple(found for found in error.diagnostics if found.code == FAILED)
        others = [found for found in error.diagnostics if found.level is Level.ERROR and found.code != FAILED]
        if others:
            raise
    return build(_without(sources, {(found.file, found.line) for found in failed}), cache, catalogue), failed


def try_policy(
    sources: Sources, cases: Sequence[Case], catalogue: Catalogue, only: frozenset[str] | None = None
) -> Trial:
    """Try the examples of the rules in the files `only` (None: of all), and the cases. Raises PolicyError."""
    cache = BuildCache()
    made, failed = build_without_failing(sources, cache, catalogue)
    snapshot = assemble_at_once(made)
    asked = [rule for rule in rules_of(made) if only is None or rule.file in only]
    failed = tuple(found for found in failed if only is None or found.file in only)
    examples = _examples(sources, cache)
    rules = {rule.name: rule for rule in rules_of(made)}
    failing: list[Failing] = []
    for fault in failed:
        name, example = examples[fault.file, fault.line]
        failing.append(failing_example(rules[name], example, fault, snapshot))
    failing += [found for case in cases if (found := failing_case(case, snapshot)) is not None]
    return Trial(sum(len(rule.examples) for rule in asked) + len(failed), len(cases), tuple(failing))


def _without(sources: Sources, places: set[tuple[str, int]]) -> Sources:
    """The sources with these lines, which are whole clauses, empty: every other line keeps its number."""
    rules: list[RuleFile] = []
    for file in sources.rules:
        lines = file.data.split(b"\n")
        kept = [b"" if (file.path, number) in places else line for number, line in enumerate(lines, 1)]
        rules.append(msgspec.structs.replace(file, data=b"\n".join(kept)))
    return msgspec.structs.replace(sources, rules=tuple(rules))


def _examples(sources: Sources, cache: BuildCache) -> Mapping[tuple[str, int], tuple[str, Example]]:
    """Each example by file and line, with the name of its rule."""
    return {
        (file.path, clause.keyword.at.line): (rule.name.text, Example(kind.text == "stop", text.text, text.at.line))
        for file in sources.rules
        for rule in cache.parse(file)[0].rules
        for clause in rule.clauses
        if isinstance(clause, Setting) and clause.keyword.text == EXAMPLE
        for kind, text in [clause.values]
    }

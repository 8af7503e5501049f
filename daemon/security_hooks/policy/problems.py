"""All that is wrong with the sources of a policy: what refuses it, else what lint has to say of it. Never raises."""

from security_hooks.catalogue.entry import Catalogue
from security_hooks.dsl.lint import lint
from security_hooks.dsl.scope import LayeredFile
from security_hooks.model.diagnostic import Diagnostic, PolicyError
from security_hooks.policy.advice import lint_advice
from security_hooks.policy.build import BuildCache, build
from security_hooks.policy.built import is_in_force, rules_of
from security_hooks.policy.own_catalogue import replaced
from security_hooks.policy.snapshot import assemble_at_once
from security_hooks.policy.source import Sources


def problems_of(sources: Sources, cache: BuildCache, catalogue: Catalogue, now: int) -> tuple[Diagnostic, ...]:
    """Every diagnostic, by place; `catalogue` is the shipped one, `now` Unix time in seconds."""
    try:
        made = build(sources, cache, catalogue)
    except PolicyError as error:
        return error.diagnostics
    files = [LayeredFile(file.layer, cache.parse(file)[0]) for file in sources.rules]
    rules = rules_of(made)
    disabled = frozenset(rule.name for rule in rules if not is_in_force(rule, made.config))
    problems = made.diagnostics + lint(files, rules, made.config.lists, now, disabled)
    problems += lint_advice(assemble_at_once(made))
    return tuple(sorted((*problems, *replaced(sources.catalogue, catalogue)), key=_place))


def _place(problem: Diagnostic) -> tuple[str, int, int, str, str]:
    return (problem.file, problem.line, problem.column, problem.code, problem.message)

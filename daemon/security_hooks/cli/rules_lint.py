"""`security-hooks rules lint`: what is wrong with the rules, the configuration and the files of the catalogue."""

import argparse
import time

from security_hooks.catalogue.load import shipped
from security_hooks.cli.command import Command, Exit
from security_hooks.cli.problems import print_problems
from security_hooks.cli.rules_sources import (
    add_paths,
    add_sources,
    directories_of,
    rule_paths,
    sources_of,
    with_rules,
)
from security_hooks.dsl.lint import lint
from security_hooks.dsl.scope import LayeredFile
from security_hooks.model.diagnostic import Diagnostic, Level, PolicyError
from security_hooks.policy.advice import lint_advice
from security_hooks.policy.build import BuildCache, build
from security_hooks.policy.built import is_in_force, rules_of
from security_hooks.policy.own_catalogue import replaced
from security_hooks.policy.snapshot import assemble_at_once
from security_hooks.policy.source import Sources


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `rules lint`."""
    add_sources(parser)
    parser.add_argument("--strict", action="store_true", help="a warning is a `no` too")
    add_paths(parser, "tell only of these files or directories")


def run(arguments: argparse.Namespace) -> int:
    """65 where something refuses the policy; with `--strict` 1 where there is a warning."""
    only: frozenset[str] | None = None
    try:
        sources = sources_of(arguments)
        if arguments.paths:
            sources, only = with_rules(sources, rule_paths(arguments.paths), directories_of(arguments))
        problems = _problems(sources)
    except PolicyError as error:
        problems = error.diagnostics
    shown = [problem for problem in problems if only is None or problem.file in only]
    print_problems(shown, as_json=arguments.json)
    if any(problem.level is Level.ERROR for problem in shown):
        return Exit.POLICY
    return Exit.NO if shown and arguments.strict else Exit.OK


def _problems(sources: Sources) -> tuple[Diagnostic, ...]:
    cache = BuildCache()
    made = build(sources, cache, shipped())
    files = [LayeredFile(file.layer, cache.parse(file)[0]) for file in sources.rules]
    rules = rules_of(made)
    disabled = frozenset(rule.name for rule in rules if not is_in_force(rule, made.config))
    problems = made.diagnostics + lint(files, rules, made.config.lists, int(time.time()), disabled)
    problems += lint_advice(assemble_at_once(made))
    return tuple(sorted((*problems, *replaced(sources.catalogue, shipped())), key=_place))


def _place(problem: Diagnostic) -> tuple[str, int, int, str, str]:
    return (problem.file, problem.line, problem.column, problem.code, problem.message)


VERB = Command(
    name="lint",
    summary="print what is wrong with the rules and the configuration",
    example="security-hooks rules lint --strict",
    add_arguments=add_arguments,
    run=run,
)

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
from security_hooks.model.diagnostic import Level, PolicyError
from security_hooks.policy.build import BuildCache
from security_hooks.policy.problems import problems_of


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
        problems = problems_of(sources, BuildCache(), shipped(), int(time.time()))
    except PolicyError as error:
        problems = error.diagnostics
    shown = [problem for problem in problems if only is None or problem.file in only]
    print_problems(shown, as_json=arguments.json)
    if any(problem.level is Level.ERROR for problem in shown):
        return Exit.POLICY
    return Exit.NO if shown and arguments.strict else Exit.OK


VERB = Command(
    name="lint",
    summary="print what is wrong with the rules and the configuration",
    example="security-hooks rules lint --strict",
    add_arguments=add_arguments,
    run=run,
)

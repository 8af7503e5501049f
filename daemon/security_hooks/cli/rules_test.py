"""`security-hooks rules test`: the examples of rules and the cases in Markdown files, tried."""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict

from security_hooks.catalogue.load import shipped
from security_hooks.cli.command import Command, Exit
from security_hooks.cli.problems import problem_fields
from security_hooks.cli.rules_sources import (
    add_paths,
    add_sources,
    directories_of,
    read_cases,
    sources_of,
    split_paths,
    with_rules,
)
from security_hooks.cli.visible import visible
from security_hooks.policy.cases import Failing
from security_hooks.policy.trial import Trial, try_policy


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `rules test`."""
    add_sources(parser)
    add_paths(parser, "Markdown files with cases, rule files, or directories of both (default: all rules in force)")


def run(arguments: argparse.Namespace) -> int:
    """1 where an example or a case does not hold; raises PolicyError for rules and cases that cannot be read."""
    rules, files = split_paths(arguments.paths)
    sources, only = with_rules(sources_of(arguments), rules, directories_of(arguments))
    # Cases alone are asked of the whole policy, and then its examples are tried with them.
    trial = try_policy(sources, read_cases(files), shipped(), only if rules else None)
    if arguments.json:
        print(json.dumps(_report(trial), indent=2))
    else:
        for failing in trial.failing:
            for line in _lines(failing):
                print(visible(line))
        print(f"{trial.examples} examples, {trial.cases} cases, {len(trial.failing)} failures")
    return Exit.NO if trial.failing else Exit.OK


def _report(trial: Trial) -> dict[str, object]:
    rows = [
        problem_fields(failing.fault) | {name: value for name, value in asdict(failing).items() if name != "fault"}
        for failing in trial.failing
    ]
    return {"examples": trial.examples, "cases": trial.cases, "failures": rows}


def _lines(failing: Failing) -> Iterator[str]:
    yield str(failing.fault)
    yield f"  expected  {failing.expected}"
    yield f"  found     {failing.found}"
    yield f"  spoke     {', '.join(failing.spoken) or 'no rule'}"


VERB = Command(
    name="test",
    summary="try the examples of rules, and the cases in Markdown files",
    example="security-hooks rules test ~/.config/security-hooks/rules cases.md",
    add_arguments=add_arguments,
    run=run,
)

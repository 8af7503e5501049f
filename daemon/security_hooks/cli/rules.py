"""`security-hooks rules`: what rules there are, what is wrong with them, whether they do as claimed; and new ones.

One file for each verb, `rules_VERB.py`. All read and build the policy themselves; none needs a daemon.
"""

import argparse

from security_hooks.cli import rules_coverage, rules_fmt, rules_lint, rules_list, rules_new, rules_test
from security_hooks.cli.command import Command

VERBS = (
    rules_list.VERB,
    rules_lint.VERB,
    rules_test.VERB,
    rules_coverage.VERB,
    rules_fmt.VERB,
    rules_new.VERB,
)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    subparsers = parser.add_subparsers(required=True, metavar="|".join(verb.name for verb in VERBS))
    for verb in VERBS:
        subparser = subparsers.add_parser(
            verb.name, help=verb.summary, description=verb.summary, epilog=f"example: {verb.example}"
        )
        verb.add_arguments(subparser)
        subparser.set_defaults(verb=verb)


def _run(arguments: argparse.Namespace) -> int:
    verb: Command = arguments.verb
    return verb.run(arguments)


COMMAND = Command(
    name="rules",
    summary="list, check, test, format and write rules",
    example="security-hooks rules lint",
    add_arguments=_add_arguments,
    run=_run,
)

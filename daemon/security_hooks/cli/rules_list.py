"""`security-hooks rules list`: every rule, where it stands and whether it is in force."""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from security_hooks.catalogue.load import shipped
from security_hooks.cli.command import Command, Exit
from security_hooks.cli.rules_sources import add_sources, sources_of
from security_hooks.cli.table import table
from security_hooks.policy.build import BuildCache, build
from security_hooks.policy.built import Build, is_in_force, rules_of
from security_hooks.policy.source import Sources


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    tier: str
    file: str
    line: int
    layer: str
    enabled: bool
    tags: tuple[str, ...]


def run(arguments: argparse.Namespace) -> int:
    """0; raises PolicyError where there is no policy to list."""
    sources = sources_of(arguments)
    cache = BuildCache()
    made = build(sources, cache, shipped())
    rows = sorted(_rows(sources, cache, made), key=lambda row: (row.name, row.file, row.line))
    if arguments.json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
        return Exit.OK
    for line in table(
        (row.name, row.tier, f"{row.file}:{row.line}", row.layer, "on" if row.enabled else "off", ", ".join(row.tags))
        for row in rows
    ):
        print(line)
    return Exit.OK


def _rows(sources: Sources, cache: BuildCache, made: Build) -> Iterator[_Row]:
    resolved = {rule.name: rule for rule in rules_of(made)}
    for file in sources.rules:
        for statement in cache.parse(file)[0].rules:
            rule = resolved.get(statement.name.text)
            # One that is not there was switched off where it stands, or comes from a project that nobody trusts.
            enabled = rule is not None and is_in_force(rule, made.config)
            tags = rule.tags if rule is not None else ()
            yield _Row(
                statement.name.text, statement.tier.value, file.path, statement.at.line, file.layer, enabled, tags
            )


VERB = Command(
    name="list",
    summary="print every rule: name, tier, place, layer, whether it is in force, tags",
    example="security-hooks rules list --json",
    add_arguments=add_sources,
    run=run,
)

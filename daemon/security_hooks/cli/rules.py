"""`security-hooks rules list|lint|test`: what rules there are, what is wrong with them, and whether they do as claimed.

Reads and builds the policy itself; needs no daemon and changes nothing.
"""

import argparse
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec

from security_hooks.catalogue.load import shipped
from security_hooks.cli.command import Command, Exit
from security_hooks.cli.options import add_json, add_policy, add_state
from security_hooks.cli.problems import print_problems, problem_fields
from security_hooks.dsl.lint import lint
from security_hooks.dsl.scope import LayeredFile
from security_hooks.model.diagnostic import Diagnostic, Level, PolicyError
from security_hooks.policy.build import BuildCache, build
from security_hooks.policy.built import Build, is_in_force, rules_of
from security_hooks.policy.cases import failing_case, parse_cases
from security_hooks.policy.own_catalogue import replaced
from security_hooks.policy.snapshot import assemble_at_once
from security_hooks.policy.source import PolicyDirectories, RuleFile, Sources, read_file, read_sources
from security_hooks.service.load import policy_directories


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    tier: str
    file: str
    line: int
    layer: str
    enabled: bool
    tags: tuple[str, ...]


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    subparsers = parser.add_subparsers(required=True, metavar="list|lint|test")
    for name, summary, run in (
        ("list", "print every rule: name, tier, place, layer, whether it is in force, tags", _list),
        ("lint", "print what is wrong with the rules and the configuration", _lint),
        ("test", "run the examples of all rules, and the cases in Markdown files", _test),
    ):
        subparser = subparsers.add_parser(name, help=summary, description=summary)
        add_policy(subparser)
        add_state(subparser)
        add_json(subparser)
        subparser.add_argument("--project", type=Path, metavar="DIR", help="with the rules of this project")
        subparser.set_defaults(rules_run=run)
        if name == "lint":
            subparser.add_argument("--strict", action="store_true", help="a warning is a `no` too")
            subparser.add_argument(
                "paths", nargs="*", type=Path, metavar="PATH", help="only these files or directories"
            )
        if name == "test":
            subparser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="Markdown files with cases")


def _run(arguments: argparse.Namespace) -> int:
    status: int = arguments.rules_run(arguments)
    return status


def _directories(arguments: argparse.Namespace) -> PolicyDirectories:
    return policy_directories(arguments.config_dir, arguments.rules, arguments.state_dir)


def _sources(arguments: argparse.Namespace) -> Sources:
    root = None if arguments.project is None else str(arguments.project.resolve())
    return read_sources(_directories(arguments), root)


def _list(arguments: argparse.Namespace) -> int:
    sources = _sources(arguments)
    cache = BuildCache()
    made = build(sources, cache, shipped())
    rows = sorted(_rows(sources, cache, made), key=lambda row: (row.name, row.file, row.line))
    if arguments.json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
        return Exit.OK
    cells = [
        (row.name, row.tier, f"{row.file}:{row.line}", row.layer, "on" if row.enabled else "off", ", ".join(row.tags))
        for row in rows
    ]
    widths = [max((len(row[column]) for row in cells), default=0) for column in range(6)]
    for cell in cells:
        print("  ".join(text.ljust(width) for text, width in zip(cell, widths, strict=True)).rstrip())
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


def _lint(arguments: argparse.Namespace) -> int:
    only: frozenset[str] | None = None
    problems: tuple[Diagnostic, ...]
    try:
        sources = _sources(arguments)
        if arguments.paths:
            sources, only = _with_paths(sources, arguments.paths, _directories(arguments))
        cache = BuildCache()
        made = build(sources, cache, shipped())
        files = [LayeredFile(file.layer, cache.parse(file)[0]) for file in sources.rules]
        problems = made.diagnostics + lint(files, rules_of(made), made.config.lists)
        problems += tuple(replaced(sources.catalogue, shipped()))
    except PolicyError as error:
        problems = error.diagnostics
    shown = [problem for problem in problems if only is None or problem.file in only]
    print_problems(shown, as_json=arguments.json)
    if any(problem.level is Level.ERROR for problem in shown):
        return Exit.POLICY
    return Exit.NO if shown and arguments.strict else Exit.OK


def _with_paths(
    sources: Sources, paths: Iterable[Path], directories: PolicyDirectories
) -> tuple[Sources, frozenset[str]]:
    """The sources with these files among them, and the names that diagnostics will call those by."""
    known = {_real(file, directories): file.path for file in sources.rules}
    added: list[RuleFile] = []
    only: set[str] = set()
    for path in paths:
        for file in sorted(path.glob("*.rules")) if path.is_dir() else [path]:
            real = file.resolve()
            if real not in known:
                known[real] = str(file)
                added.append(RuleFile("user", str(file), _read(file)))
            only.add(known[real])
    return msgspec.structs.replace(sources, rules=sources.rules + tuple(added)), frozenset(only)


def _real(file: RuleFile, directories: PolicyDirectories) -> Path:
    folder = directories.rules if file.layer == "shipped" else ""
    return (Path(folder) / Path(file.path).name if folder else Path(file.path)).resolve()


def _read(path: Path) -> bytes:
    try:
        return read_file(str(path))
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise PolicyError((Diagnostic(str(path), 0, 0, "unreadable", f"cannot be read: {why}"),)) from None


def _test(arguments: argparse.Namespace) -> int:
    failures: list[Diagnostic] = []
    examples = cases = 0
    try:
        made: Build | None = build(_sources(arguments), BuildCache(), shipped())
    except PolicyError as error:
        failures = [problem for problem in error.diagnostics if problem.level is Level.ERROR]
        if any(problem.code != "failed-example" for problem in failures):
            raise
        made = None
    if made is not None:
        examples = sum(len(rule.examples) for rule in rules_of(made))
        snapshot = assemble_at_once(made)
        for file in arguments.files:
            found, problems = parse_cases(_read(file).decode("utf-8", "replace"), str(file))
            if problems:
                raise PolicyError(problems)
            cases += len(found)
            failures += [fault for case in found if (fault := failing_case(case, snapshot)) is not None]
    if arguments.json:
        rows = [problem_fields(failure) for failure in failures]
        print(json.dumps({"examples": examples, "cases": cases, "failures": rows}, indent=2))
    else:
        for failure in failures:
            print(failure)
        print(f"{examples} examples, {cases} cases, {len(failures)} failures")
    return Exit.NO if failures else Exit.OK


COMMAND = Command(
    name="rules",
    summary="list, check and test the rules",
    example="security-hooks rules lint",
    add_arguments=_add_arguments,
    run=_run,
)

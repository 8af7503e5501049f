"""What the verbs of `rules` work on: the policy's sources, with files and directories that a person names."""

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from security_hooks.cli.options import add_json, add_policy, add_state
from security_hooks.model.diagnostic import Diagnostic, PolicyError
from security_hooks.policy.cases import Case, parse_cases
from security_hooks.policy.source import RULES, PolicyDirectories, RuleFile, Sources, read_file, read_sources
from security_hooks.service.load import policy_directories

CASES = ".md"


def add_sources(parser: argparse.ArgumentParser) -> None:
    """The options that say which policy is meant, and `--json`."""
    add_policy(parser)
    add_state(parser)
    add_json(parser)
    parser.add_argument("--project", type=Path, metavar="DIR", help="with the rules of this project")


def add_paths(parser: argparse.ArgumentParser, summary: str) -> None:
    """`PATH...`."""
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help=summary)


def directories_of(arguments: argparse.Namespace) -> PolicyDirectories:
    """Where the policy is read from."""
    return policy_directories(arguments.config_dir, arguments.rules, arguments.state_dir)


def sources_of(arguments: argparse.Namespace) -> Sources:
    """The policy's files; raises PolicyError."""
    root = None if arguments.project is None else str(arguments.project.resolve())
    return read_sources(directories_of(arguments), root)


def with_rules(
    sources: Sources, paths: Iterable[Path], directories: PolicyDirectories
) -> tuple[Sources, frozenset[str]]:
    """The sources with these rule files among them, and the names that diagnostics will call those by."""
    known = {real_path(file, directories): file.path for file in sources.rules}
    added: list[RuleFile] = []
    only: set[str] = set()
    for path in paths:
        real = path.resolve()
        if real not in known:
            known[real] = str(path)
            added.append(RuleFile("user", str(path), read(path)))
        only.add(known[real])
    return msgspec.structs.replace(sources, rules=sources.rules + tuple(added)), frozenset(only)


def rule_paths(paths: Iterable[Path]) -> list[Path]:
    """The rule files among these: files as they are named, of directories what ends in `.rules`."""
    return [file for path in paths for file in (_inside(path, RULES) if path.is_dir() else [path])]


def split_paths(paths: Sequence[Path]) -> tuple[list[Path], list[tuple[Path, bool]]]:
    """Rule files and Markdown files; of the latter also whether each was named itself, and so must hold cases."""
    rules = rule_paths(path for path in paths if path.is_dir() or path.suffix == RULES)
    cases = [(path, True) for path in paths if not path.is_dir() and path.suffix != RULES]
    return rules, cases + [(file, False) for path in paths if path.is_dir() for file in _inside(path, CASES)]


def read_cases(files: Iterable[tuple[Path, bool]]) -> list[Case]:
    """The cases of Markdown files; raises PolicyError for lines that are none, and a file that should have some."""
    cases: list[Case] = []
    problems: list[Diagnostic] = []
    for path, is_named in files:
        found, wrong = parse_cases(read(path).decode("utf-8", "replace"), str(path))
        if is_named and not found and not wrong:
            hint = "write them in a block fenced as `cases`, see docs/writing-rules.md"
            problems.append(Diagnostic(str(path), 0, 0, "no-cases", "the file holds no cases", hint))
        cases += found
        problems += wrong
    if problems:
        raise PolicyError(tuple(problems))
    return cases


def read(path: Path) -> bytes:
    """The file's bytes; raises PolicyError."""
    try:
        return read_file(str(path))
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise PolicyError((Diagnostic(str(path), 0, 0, "unreadable", f"cannot be read: {why}"),)) from None


def _inside(folder: Path, suffix: str) -> list[Path]:
    return sorted(file for file in folder.glob(f"*{suffix}") if file.is_file())


def real_path(file: RuleFile, directories: PolicyDirectories) -> Path:
    """Where the file lies, links followed; shipped files are called by names that say nothing of that."""
    folder = directories.rules if file.layer == "shipped" else ""
    return (Path(folder) / Path(file.path).name if folder else Path(file.path)).resolve()

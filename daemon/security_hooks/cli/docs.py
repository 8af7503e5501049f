"""`security-hooks docs`: the reference pages, and the schema, that are made from the code and the shipped policy."""

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path

from security_hooks.audit.statement import predicate_schema
from security_hooks.catalogue import reference as commands
from security_hooks.catalogue.load import shipped, shipped_files
from security_hooks.cli.atomic import replace_file
from security_hooks.cli.command import Command, Exit
from security_hooks.cli.options import add_json
from security_hooks.dsl import clause_reference, reference
from security_hooks.model.failure import StartupError
from security_hooks.policy import list_reference, rule_reference
from security_hooks.policy.build import BuildCache, build
from security_hooks.policy.config_layers import fold_layers
from security_hooks.policy.config_reference import reference as config_reference
from security_hooks.policy.source import PolicyDirectories, Sources, read_sources
from security_hooks.service.directories import shipped_dir

# Of this page people write what stands before this line.
_CONFIGURATION = "configuration.md"
_MARK = "<!-- Made by `security-hooks docs`; a test fails when it is stale. -->\n\n"
_NOWHERE = "none"


def pages(sources: Sources) -> Mapping[str, Callable[[], str]]:
    """What makes each whole page, by its file's name; `sources` are the shipped ones."""
    return {
        "audit-range.schema.json": predicate_schema,
        "clauses.md": clause_reference.render,
        "commands.md": lambda: commands.render(shipped_files()),
        "lists.md": lambda: list_reference.render(sources),
        "predicates.md": reference.render,
        "rules.md": lambda: rule_reference.render(sources, build(sources, BuildCache(), shipped())),
    }


def shipped_sources() -> Sources:
    """The policy that comes with the program, and nothing of anybody's own. Raises PolicyError."""
    folder = str(shipped_dir())
    # No directory of this name is there: the layers above are empty.
    nobodys = f"{folder}/{_NOWHERE}"
    return read_sources(PolicyDirectories(folder, f"{folder}/rules", nobodys, nobodys, nobodys))


def configuration_page(before: str, sources: Sources) -> str:
    """The page of the configuration with its reference written anew; raises StartupError where it has no place."""
    written, mark, _ = before.partition(_MARK)
    if not mark:
        raise StartupError(f"{_CONFIGURATION} does not have the line `{_MARK.strip()}`", Exit.POLICY)
    effective, _ = fold_layers(sources.layers)
    return f"{written}{_MARK}{config_reference(effective.values)}\n"


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, metavar="DIR", default=Path("docs"), help="where the pages are (docs)")
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if a page is missing or stale")
    add_json(parser)


def _run(arguments: argparse.Namespace) -> int:
    """0, or with `--check` 1 where a page is not what it would be written as."""
    folder: Path = arguments.out
    if not folder.is_dir():
        raise StartupError(f"{folder} is no directory; name one with `--out DIR`", Exit.USAGE)
    stale = {name: text for name, text in _made(folder).items() if _text(folder / name) != text}
    if not arguments.check:
        for name, text in stale.items():
            replace_file(folder / name, text.encode())
    if arguments.json:
        print(json.dumps({"pages": sorted(stale), "written": not arguments.check}, indent=2))
    else:
        for name in sorted(stale):
            print(f"{folder / name} {'is stale: run `security-hooks docs`' if arguments.check else 'written'}")
    return Exit.NO if arguments.check and stale else Exit.OK


def _made(folder: Path) -> dict[str, str]:
    sources = shipped_sources()
    made = {name: render() for name, render in pages(sources).items()}
    configuration = _text(folder / _CONFIGURATION)
    if configuration is not None:
        made[_CONFIGURATION] = configuration_page(configuration, sources)
    return made


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise StartupError(f"{path} cannot be read: {error}", Exit.USAGE) from None


COMMAND = Command(
    name="docs",
    summary="write the reference pages: predicates, clauses, lists, shipped rules, commands, configuration",
    example="security-hooks docs --check",
    add_arguments=_add_arguments,
    run=_run,
)

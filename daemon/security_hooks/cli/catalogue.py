"""`security-hooks catalogue show|lint`: what is known of a command and from which file, and what is wrong with files.

Reads the files itself; needs no daemon and changes nothing.
"""

import argparse
import difflib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tomli_w

from security_hooks.catalogue.entry import CommandSpec
from security_hooks.catalogue.load import (
    SCHEMA,
    catalogue_with,
    load,
    pack_own,
    place_of,
    shipped,
    shipped_files,
)
from security_hooks.catalogue.written import Written, write_command
from security_hooks.cli.command import Command, Exit
from security_hooks.cli.options import add_json, add_policy, add_state
from security_hooks.cli.problems import print_problems
from security_hooks.model.diagnostic import Diagnostic, Level, PolicyError
from security_hooks.policy.own_catalogue import all_of, left_open, read_catalogue, replaced
from security_hooks.policy.source import CatalogueFile, PolicyDirectories, read_catalogue_files, read_file
from security_hooks.service.load import policy_directories
from security_hooks.shell.options import subcommand

SHIPPED = "shipped"


@dataclass(frozen=True, slots=True)
class _Place:
    layer: str
    file: str
    line: int


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    subparsers = parser.add_subparsers(required=True, metavar="show|lint")
    for name, summary, example, run in (
        ("show", "print what is known of a command, as it would stand in a file", "show git push", _show),
        ("lint", "print what is wrong with your catalogue, or with these files", "lint my-tools.toml", _lint),
    ):
        epilog = f"example: security-hooks catalogue {example}"
        subparser = subparsers.add_parser(name, help=summary, description=summary, epilog=epilog)
        add_policy(subparser)
        add_state(subparser)
        add_json(subparser)
        subparser.set_defaults(catalogue_run=run)
        if name == "show":
            subparser.add_argument("name", metavar="NAME", help="a command, by any of its names")
            subparser.add_argument("subcommands", nargs="*", metavar="SUBCOMMAND", help="one of its subcommands")
        else:
            subparser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="instead of your own files")


def _run(arguments: argparse.Namespace) -> int:
    status: int = arguments.catalogue_run(arguments)
    return status


def _show(arguments: argparse.Namespace) -> int:
    """0; 1 where nothing is known of it."""
    files = _own_files(arguments)
    read = [read_catalogue(file) for file in files]
    if problems := tuple(problem for file in read for problem in file.problems):
        raise PolicyError(problems)
    commands = catalogue_with(pack_own(all_of(file.catalogue for file in read))).commands
    spec = commands.get(arguments.name)
    if spec is None:
        print(f"nothing is known of `{arguments.name}`{_close(arguments.name, list(commands))}")
        return Exit.NO
    path, current = [spec.name], spec
    for word in arguments.subcommands:
        found = subcommand(current, word)
        if found is None:
            print(f"nothing is known of `{' '.join((*path, word))}`{_close(word, current.subcommands)}")
            return Exit.NO
        path.append(word if "*" in found.name else found.name)
        current = found
    place = _place(spec.name, files)
    entry = write_command(current)
    if arguments.json:
        row = {"name": path, "layer": place.layer, "file": place.file, "line": place.line, "entry": entry}
        print(json.dumps(row, indent=2))
        return Exit.OK
    where = f"{place.file}:{place.line} ({place.layer})"
    instead = ", in place of the shipped entry" if place.layer != SHIPPED and spec.name in shipped().commands else ""
    print(f"# {' '.join(path)}: {where}{instead}")
    print(_as_file(path, entry), end="")
    return Exit.OK


def _close(name: str, known: Sequence[str] | dict[str, CommandSpec]) -> str:
    close = difflib.get_close_matches(name, known, 1)
    return f"; did you mean `{close[0]}`?" if close else ""


def _place(name: str, own: Sequence[CatalogueFile]) -> _Place:
    """Where the entry that has this name as its own stands."""
    # The later file counts; few shipped ones hold the name at all, and reading all of them takes a while.
    shipped_ones = [CatalogueFile(SHIPPED, file, data) for file, data in shipped_files().items()]
    for file in (*reversed(own), *(file for file in shipped_ones if name.encode() in file.data)):
        found = load({file.path: file.data}).commands.get(name)
        if found is not None and found.name == name:
            return _Place(file.layer, file.path, place_of(file.path, file.data, name)[0])
    return _Place(SHIPPED, "", 0)


def _as_file(path: Sequence[str], entry: dict[str, Written]) -> str:
    table = entry
    for name in reversed(path[1:]):
        table = {"sub": {name: table}}
    return tomli_w.dumps({"schema": SCHEMA, "command": {path[0]: table}})


def _lint(arguments: argparse.Namespace) -> int:
    """0 unless a file is refused."""
    files: Sequence[CatalogueFile] = [CatalogueFile("user", str(file), _read(file)) for file in arguments.files]
    problems: tuple[Diagnostic, ...] = ()
    if not files:
        files, problems = read_catalogue_files(_directories(arguments))
    problems += tuple(problem for file in files for problem in read_catalogue(file).problems)
    problems += (*replaced(files, shipped()), *left_open(files))
    print_problems(problems, as_json=arguments.json)
    return Exit.POLICY if any(problem.level is Level.ERROR for problem in problems) else Exit.OK


def _own_files(arguments: argparse.Namespace) -> tuple[CatalogueFile, ...]:
    files, problems = read_catalogue_files(_directories(arguments))
    if problems:
        raise PolicyError(problems)
    return files


def _directories(arguments: argparse.Namespace) -> PolicyDirectories:
    return policy_directories(arguments.config_dir, arguments.rules, arguments.state_dir)


def _read(file: Path) -> bytes:
    try:
        return read_file(str(file))
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise PolicyError((Diagnostic(str(file), 0, 0, "unreadable", f"cannot be read: {why}"),)) from None


COMMAND = Command(
    name="catalogue",
    summary="show and check what is known of commands",
    example="security-hooks catalogue show git push",
    add_arguments=_add_arguments,
    run=_run,
)

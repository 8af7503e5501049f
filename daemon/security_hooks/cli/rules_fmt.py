"""`security-hooks rules fmt`: rule files in one layout, and nothing about them changed but blanks."""

import argparse
import difflib
import json
import sys
from collections.abc import Iterable
from pathlib import Path

from security_hooks.cli.atomic import replace_file
from security_hooks.cli.command import Command, Exit
from security_hooks.cli.options import add_json
from security_hooks.cli.rules_sources import add_paths, read, rule_paths
from security_hooks.cli.visible import visible
from security_hooks.dsl.format import format_rules
from security_hooks.dsl.lines import decode
from security_hooks.model.diagnostic import Diagnostic, PolicyError
from security_hooks.model.failure import StartupError

STDIN = "-"
_STDIN_NAME = "standard input"
_COLOURS = {"+": "32", "-": "31", "@": "36"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `rules fmt`."""
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--check", action="store_true", help="change nothing; 1 if a file is not formatted")
    how.add_argument("--diff", action="store_true", help="change nothing; print what would change")
    add_json(parser)
    add_paths(parser, "rule files, or directories of them; `-` reads one and prints it formatted")


def run(arguments: argparse.Namespace) -> int:
    """0, or with `--check` 1 where a file is not formatted. No file is written if one of them does not parse."""
    if not arguments.paths:
        raise StartupError("name the files to format, or `-`; see `security-hooks rules fmt --help`", Exit.USAGE)
    from_stdin = [str(path) for path in arguments.paths] == [STDIN]
    if from_stdin:
        texts = {_STDIN_NAME: _text(sys.stdin.buffer.read(), _STDIN_NAME)}
    else:
        texts = {str(path): _text(read(path), str(path)) for path in rule_paths(arguments.paths)}
    formatted = _formatted(texts)
    changed = [name for name in texts if formatted[name] != texts[name]]
    if from_stdin and not (arguments.check or arguments.diff or arguments.json):
        sys.stdout.write(formatted[_STDIN_NAME])
        return Exit.OK
    if not (from_stdin or arguments.check or arguments.diff):
        for name in changed:
            replace_file(Path(name), formatted[name].encode())
    _print(arguments, texts, formatted, changed)
    return Exit.NO if arguments.check and changed else Exit.OK


def _text(data: bytes, name: str) -> str:
    text, problems = decode(data, name)
    if text is None:
        raise PolicyError(problems)
    return text


def _formatted(texts: dict[str, str]) -> dict[str, str]:
    made: dict[str, str] = {}
    problems: list[Diagnostic] = []
    for name, text in texts.items():
        try:
            made[name] = format_rules(text, name)
        except PolicyError as error:
            problems += error.diagnostics
    if problems:
        raise PolicyError(tuple(problems))
    return made


def _print(
    arguments: argparse.Namespace, texts: dict[str, str], formatted: dict[str, str], changed: Iterable[str]
) -> None:
    if arguments.json:
        rows = [{"file": name, "diff": "".join(_diff(name, texts[name], formatted[name]))} for name in changed]
        print(json.dumps({"files": len(texts), "changed": rows}, indent=2))
    elif arguments.diff:
        in_colour = sys.stdout.isatty()
        for name in changed:
            for line in _diff(name, texts[name], formatted[name]):
                colour = _COLOURS.get(line[:1]) if in_colour else None
                text = visible(line.rstrip("\n"))
                print(text if colour is None else f"\033[{colour}m{text}\033[0m")
    else:
        for name in changed:
            print(f"{visible(name)} {'is not formatted' if arguments.check else 'formatted'}")


def _diff(name: str, before: str, after: str) -> Iterable[str]:
    return difflib.unified_diff(before.splitlines(keepends=True), after.splitlines(keepends=True), name, name)


VERB = Command(
    name="fmt",
    summary="lay rule files out alike: indentation and blanks, nothing else",
    example="security-hooks rules fmt --diff ~/.config/security-hooks/rules",
    add_arguments=add_arguments,
    run=run,
)

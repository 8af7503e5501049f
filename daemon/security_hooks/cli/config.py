"""`security-hooks config`: shows, checks and edits the configuration."""

import argparse
import difflib
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from security_hooks.cli.atomic import replace_file
from security_hooks.cli.command import Command, Exit
from security_hooks.cli.layers import read_here, read_machine
from security_hooks.cli.options import add_json, add_policy, add_state
from security_hooks.model.diagnostic import Diagnostic, Level, PolicyError
from security_hooks.model.failure import StartupError
from security_hooks.policy.config_edit import add_names, remove_names
from security_hooks.policy.config_layers import Effective, fold_layers
from security_hooks.policy.config_read import dotted
from security_hooks.policy.config_reference import reference
from security_hooks.policy.config_rows import Key, Names, Value
from security_hooks.policy.config_schema import LISTS_SECTION, ROWS, row_of
from security_hooks.policy.config_types import Layer
from security_hooks.policy.source_layers import FILES, shown
from security_hooks.service import directories

_SHOWN_ENTRIES = 8


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Verbs and options of `config`."""
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    show = _verb(verbs, "show", "print the values in force here", _show)
    show.add_argument("key", nargs="?", metavar="KEY", help="one key (`executables.allowed`), or a section")
    show.add_argument("--origin", action="store_true", help="say which files shaped each value")
    _verb(verbs, "path", "print where the layers are", _path)
    _verb(verbs, "check", "print what is wrong with the configuration", _check)
    for name, summary, work in (
        ("add", "add to a list, in your config.toml", add_names),
        ("remove", "take out of a list, in your config.toml", remove_names),
    ):
        verb = _verb(verbs, name, summary, _edit)
        verb.set_defaults(edit=work)
        verb.add_argument("key", metavar="SECTION.LIST", help="such as executables.allowed or rules.disabled")
        verb.add_argument("names", nargs="+", metavar="NAME")
    _verb(verbs, "reference", "print the reference of all keys as Markdown", _reference)


def run(arguments: argparse.Namespace) -> int:
    """Run one verb. 65 where the configuration cannot be used."""
    verb: Callable[[argparse.Namespace], int] = arguments.verb
    return verb(arguments)


def _verb(
    verbs: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    summary: str,
    work: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=summary, description=summary)
    add_policy(parser)
    add_state(parser)
    add_json(parser)
    parser.set_defaults(verb=work)
    return parser


def _show(arguments: argparse.Namespace) -> int:
    effective, diagnostics = _folded(read_here(arguments).layers)
    _warn(diagnostics)
    keys = [key for key in _in_order(effective) if _is_asked(arguments.key, key)]
    if not keys:
        raise StartupError(f"`{arguments.key}` is not a key; see `security-hooks config show`", Exit.USAGE)
    if arguments.json:
        print(json.dumps({"keys": [_as_json(effective, key) for key in keys]}, indent=2))
        return Exit.OK
    is_whole = len(keys) == 1
    for key in keys:
        notes = [f"from {', '.join(effective.origins[key])}"] if arguments.origin else []
        notes += ["locked"] if key in effective.locked else []
        comment = f"  # {'; '.join(notes)}" if notes else ""
        print(f"{dotted(key)} = {_as_text(effective.values[key], is_whole=is_whole)}{comment}")
    return Exit.OK


def _path(arguments: argparse.Namespace) -> int:
    here = read_here(arguments)
    trusted = {layer.path: layer.trusted for layer in here.layers}
    rows = [
        {"layer": name, "path": path, "exists": path in trusted, "trusted": trusted.get(path, name != "project")}
        for name, folder in here.folders
        for path in (shown(folder / file) for file in FILES)
    ]
    if arguments.json:
        print(json.dumps({"layers": rows}, indent=2))
        return Exit.OK
    for row in rows:
        state = "there" if row["exists"] else "missing"
        note = ", not trusted" if row["exists"] and not row["trusted"] else ""
        print(f"{row['layer']:<8} {state:<8} {row['path']}{note}")
    return Exit.OK


def _check(arguments: argparse.Namespace) -> int:
    here = read_here(arguments)
    _, diagnostics = fold_layers(here.layers)
    has_errors = any(found.level is Level.ERROR for found in diagnostics)
    if arguments.json:
        print(json.dumps({"usable": not has_errors, "diagnostics": list(map(_as_record, diagnostics))}, indent=2))
    else:
        for found in diagnostics:
            print(f"{found.level.value}: {found}")
        print("the configuration cannot be used" if has_errors else f"{len(here.layers)} layers can be used")
    return Exit.POLICY if has_errors else Exit.OK


def _edit(arguments: argparse.Namespace) -> int:
    row = _list_row(arguments.key, arguments.names)
    path = directories.config_dir(arguments.config_dir) / FILES[0]
    earlier, mine, later = _around(read_machine(arguments).layers, path)
    # A file with faults of its own is not edited: they are the person's to mend.
    base, _ = _folded(earlier)
    _folded((*earlier, mine))
    text = mine.text.decode("utf-8")
    edited: str = arguments.edit(text, mine.path, row, arguments.names, _entries(base.values.get(row.path)))
    after = Layer("user", mine.path, edited.encode())
    _, diagnostics = _folded((*earlier, after, *later))
    locked = tuple(found for found in diagnostics if found.code == "locked" and found.file == mine.path)
    if locked and row.path in base.locked:
        raise PolicyError(locked)
    _warn(diagnostics)
    diff = "".join(difflib.unified_diff(text.splitlines(True), edited.splitlines(True), mine.path, mine.path))
    if edited != text:
        replace_file(path, after.text)
    if arguments.json:
        print(json.dumps({"path": mine.path, "changed": edited != text, "diff": diff}, indent=2))
    else:
        print(diff or f"{mine.path} needs no change", end="" if diff else "\n")
    return Exit.OK


def _around(layers: tuple[Layer, ...], path: Path) -> tuple[tuple[Layer, ...], Layer, tuple[Layer, ...]]:
    """The layers before the user's `config.toml`, that one (empty where there is none), and the layers after it."""
    name = shown(path)
    mine = next((layer for layer in layers if layer.path == name), Layer("user", name, b""))
    return (
        tuple(layer for layer in layers if layer.name != "user"),
        mine,
        tuple(layer for layer in layers if layer.name == "user" and layer.path != name),
    )


def _folded(layers: Iterable[Layer]) -> tuple[Effective, tuple[Diagnostic, ...]]:
    """`fold_layers`, refusing errors."""
    effective, diagnostics = fold_layers(tuple(layers))
    errors = tuple(found for found in diagnostics if found.level is Level.ERROR)
    if errors:
        raise PolicyError(errors)
    return effective, diagnostics


def _entries(value: Value | None) -> frozenset[str]:
    return frozenset(value) if isinstance(value, tuple) else frozenset()


def _list_row(word: str, names: Iterable[str]) -> Names:
    key = tuple(word.split("."))
    row = row_of(key)
    if not isinstance(row, Names):
        known = ", ".join(dotted(row.path) for row in ROWS if isinstance(row, Names))
        raise StartupError(f"`{word}` is not a list; the lists are {known} and {LISTS_SECTION}.NAME", Exit.USAGE)
    for name in names:
        if not row.item.fits(name):
            raise StartupError(f"`{word}` holds {row.item.value[0]}; {name!r} is none", Exit.USAGE)
    return row


def _reference(arguments: argparse.Namespace) -> int:
    effective, _ = _folded(read_machine(arguments).layers[:1])
    text = reference(effective.values)
    print(json.dumps({"reference": text}) if arguments.json else text)
    return Exit.OK


def _in_order(effective: Effective) -> list[Key]:
    known = [row.path for row in ROWS]
    return known + sorted(key for key in effective.values if key not in set(known))


def _is_asked(word: str | None, key: Key) -> bool:
    return word is None or dotted(key) == word or dotted(key).startswith(f"{word}.")


def _as_json(effective: Effective, key: Key) -> dict[str, object]:
    return {
        "key": dotted(key),
        "value": effective.values[key],
        "origins": effective.origins[key],
        "locked": key in effective.locked,
    }


def _as_text(value: Value, *, is_whole: bool) -> str:
    if not isinstance(value, tuple):
        return json.dumps(value)
    if is_whole:
        return "[" + "".join(f"\n  {json.dumps(entry, ensure_ascii=False)}," for entry in value) + "\n]"
    first = ", ".join(json.dumps(entry, ensure_ascii=False) for entry in value[:_SHOWN_ENTRIES])
    more = len(value) - _SHOWN_ENTRIES
    return f"[{first}, ... {more} more]" if more > 0 else f"[{first}]"


def _as_record(found: Diagnostic) -> dict[str, object]:
    return {
        "file": found.file,
        "line": found.line,
        "column": found.column,
        "code": found.code,
        "message": found.message,
        "hint": found.hint,
        "level": found.level.value,
    }


def _warn(diagnostics: Iterable[Diagnostic]) -> None:
    for found in diagnostics:
        print(f"security-hooks: {found.level.value}: {found}", file=sys.stderr)


COMMAND = Command(
    name="config",
    summary="show, check and edit the configuration",
    example="security-hooks config add executables.allowed my-tool",
    add_arguments=add_arguments,
    run=run,
)

"""Catalogue files (TOML) to a `Catalogue`: checked whole, every mistake reported with its place, or nothing."""

import tomllib
from collections.abc import Mapping
from importlib import resources

from security_hooks.catalogue.entry import Catalogue, CommandSpec
from security_hooks.catalogue.places import Places
from security_hooks.catalogue.schema import read_command
from security_hooks.catalogue.schema_options import read_names
from security_hooks.model.diagnostic import Diagnostic, PolicyError

SCHEMA = 2


def load(files: Mapping[str, bytes]) -> Catalogue:
    """The catalogue that these files describe; of two entries for one command the later file's holds.

    Raises PolicyError with every diagnostic found.
    """
    commands: dict[str, CommandSpec] = {}
    builtins: set[str] = set()
    variables: set[str] = set()
    diagnostics: list[Diagnostic] = []
    for file, content in files.items():
        _load_file(file, content, commands, builtins, variables, diagnostics)
    if diagnostics:
        raise PolicyError(tuple(diagnostics))
    return Catalogue(commands, frozenset(builtins), frozenset(variables))


def shipped_files() -> dict[str, bytes]:
    """The catalogue files that come with the program, by name."""
    folder = resources.files("security_hooks.catalogue")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return {name: (folder / name).read_bytes() for name in names}


def shipped() -> Catalogue:
    """The catalogue that comes with the program."""
    return load(shipped_files())


def _load_file(
    file: str,
    content: bytes,
    commands: dict[str, CommandSpec],
    builtins: set[str],
    variables: set[str],
    diagnostics: list[Diagnostic],
) -> None:
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        diagnostics.append(Diagnostic(file, line, 0, "encoding", "the file is not UTF-8", "save it as UTF-8"))
        return
    places = Places(file, text, diagnostics)
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        places.report_syntax(str(error))
        return
    except RecursionError:
        places.report((), "depth", "arrays or tables are nested too deeply", "the schema needs three levels")
        return
    if table.get("schema") != SCHEMA:
        places.report(("schema",), "schema", f"`schema = {SCHEMA}` is missing or another number", "put it first")
        return
    places.check_keys((), table, ("schema", "builtins", "code_variables", "command"))
    builtins.update(read_names(places, ("builtins",), table.get("builtins", [])))
    variables.update(read_names(places, ("code_variables",), table.get("code_variables", [])))
    entries = table.get("command", {})
    if not isinstance(entries, dict):
        places.report(("command",), "type", "`command` is not a table", "write `[command.NAME]`")
        return
    for name, entry in entries.items():
        spec, others = read_command(places, ("command", name), name, entry)
        for known in (name, *others):
            commands[known] = spec


__all__ = ["SCHEMA", "Catalogue", "load", "shipped", "shipped_files"]

"""Catalogue files (TOML) to a `Catalogue`: checked whole, every mistake reported with its place, or nothing."""

import tomllib
from collections.abc import Mapping, MutableMapping
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path

import msgspec

from security_hooks.catalogue.commands import Commands
from security_hooks.catalogue.compiled import digest_of, once, pack, unpack
from security_hooks.catalogue.entry import Catalogue, CommandSpec
from security_hooks.catalogue.places import Places
from security_hooks.catalogue.schema import read_command
from security_hooks.catalogue.schema_options import check_aliases, read_names
from security_hooks.model.diagnostic import Diagnostic, PolicyError

SCHEMA = 2
# What the entries of a person are packed with: unlike shipped ones they are not looked for again by their files.
_OWN = "own"
_CATALOGUES = 8


def load(files: Mapping[str, bytes]) -> Catalogue:
    """The catalogue that these files describe; an entry of a later file replaces an earlier one of the same name.

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


def merged(below: Catalogue, above: Catalogue) -> Catalogue:
    """Both catalogues as one. An entry of `above` replaces the whole entry of `below` that has one of its names as its
    own, other names included; where that is only another name of it, it loses that name.
    """
    commands = below.commands.copy() if isinstance(below.commands, Commands) else dict(below.commands)
    for spec in once(above.commands.values()):
        _put(commands, spec)
    return Catalogue(commands, below.builtins | above.builtins, below.code_variables | above.code_variables)


def pack_own(own: Catalogue) -> bytes:
    """What a person describes, without the shipped catalogue; nothing where that is nothing."""
    return pack(own, _OWN) if own.commands or own.builtins or own.code_variables else b""


@lru_cache(maxsize=_CATALOGUES)
def catalogue_with(packed: bytes) -> Catalogue:
    """The shipped catalogue with what `pack_own` packed; the shipped one itself where that is nothing.

    One object for the same bytes. Raises PolicyError where another version packed them.
    """
    if not packed:
        return shipped()
    own = unpack(packed, _OWN)
    if own is None:
        message = "your own catalogue was read by another version of the program than this process runs"
        raise PolicyError((Diagnostic("catalogue", 0, 0, "other-version", message, "restart the daemon"),))
    return merged(shipped(), own)


def place_of(file: str, content: bytes, name: str) -> tuple[int, int]:
    """Line and column of a command's entry in a file that loads."""
    return Places(file, content.decode(), []).find(("command", name))


@cache
def shipped() -> Catalogue:
    """The catalogue that comes with the program: as it was compiled when it was built, or read from its files."""
    files = shipped_files()
    digest = digest_of(files)
    for place in _COMPILED:
        try:
            data = place.read_bytes()
        except OSError:
            continue
        compiled = unpack(data, digest)
        if compiled is not None:
            return compiled
    return load(files)


_PACKAGE = Path(__file__).parents[1]
# In the wheel, or in the tree of a checkout.
_COMPILED = (_PACKAGE / "shipped/catalogue.bin", _PACKAGE.parents[1] / "build/catalogue.bin")


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
    specs = [read_command(places, ("command", name), name, entry) for name, entry in entries.items()]
    check_aliases(places, ("command",), {spec.name: spec.aliases for spec in specs})
    for spec in specs:
        _put(commands, spec)


def _put(commands: MutableMapping[str, CommandSpec], spec: CommandSpec) -> None:
    """Add an entry, in place of what has its names. Each name in the table is one that its entry says of itself."""
    for known in (spec.name, *spec.aliases):
        old = commands.get(known)
        if old is None:
            continue
        for name in (old.name, *old.aliases):
            commands.pop(name, None)
        if old.name != known:
            kept = msgspec.structs.replace(old, aliases=tuple(alias for alias in old.aliases if alias != known))
            commands.update(dict.fromkeys((kept.name, *kept.aliases), kept))
    commands.update(dict.fromkeys((spec.name, *spec.aliases), spec))


__all__ = [
    "SCHEMA",
    "Catalogue",
    "catalogue_with",
    "load",
    "merged",
    "pack_own",
    "place_of",
    "shipped",
    "shipped_files",
]

"""One entry of a catalogue file to a `CommandSpec`: the schema, version 1. See `docs/catalogue.md`."""

import re
from types import MappingProxyType
from typing import Any, TypeVar

from security_hooks.catalogue.entry import Argument, CommandSpec, Kind, Option, Style, Wraps
from security_hooks.catalogue.places import Places

_OPTION = re.compile(
    r"(?P<spellings>[-+]\S*(?: [-+]\S*)*)(?: (?:(?P<required>[A-Z][A-Z0-9_-]*)|\[(?P<optional>[A-Z][A-Z0-9_-]*)\]))?"
)
_COMMAND_KEYS = (
    "aliases", "options", "style", "kind", "stops", "needs_operand", "inherits", "sub", "wraps", "decodes", "code",
    "modules", "setting", "code_settings",
)  # fmt: skip
_WRAPS_FLAGS = ("dashes", "assignments", "appends", "keep", "shell")
_WRAPS_OPTIONS = ("code", "split", "exec", "replace", "unless")
_DEEPEST = 20
_REST = ("words", "code", "each", "none")

E = TypeVar("E", Style, Kind)
Path = tuple[str, ...]


def read_command(places: Places, path: Path, name: str, entry: Any) -> tuple[CommandSpec, tuple[str, ...]]:
    """The command of this entry and its other names. What is wrong with it is reported and left out."""
    if not isinstance(entry, dict):
        places.report(path, "type", f"`{name}` is not a table", f"write `[{'.'.join(path)}]`")
        return CommandSpec(name), ()
    if not entry:
        return CommandSpec(name), ()
    if len(path) > _DEEPEST:
        places.report(path, "depth", f"`{name}` is nested too deeply", "no command has that many subcommands")
        return CommandSpec(name), ()
    places.check_keys(path, entry, _COMMAND_KEYS)
    options = _read_options(places, (*path, "options"), entry.get("options", []))
    subcommands: dict[str, CommandSpec] = {}
    subs = entry.get("sub", {})
    if not isinstance(subs, dict):
        places.report((*path, "sub"), "type", "`sub` is not a table", f"write `[{'.'.join(path)}.sub.NAME]`")
        subs = {}
    for sub, sub_entry in subs.items():
        spec, others = read_command(places, (*path, "sub", sub), sub, sub_entry)
        for known in (sub, *others):
            subcommands[known] = spec
    spec = CommandSpec(
        name=name,
        options=MappingProxyType(options),
        style=_read_enum(places, (*path, "style"), entry.get("style", "gnu"), Style),
        kind=_read_enum(places, (*path, "kind"), entry.get("kind", "program"), Kind),
        stops=_read_flag(places, (*path, "stops"), entry.get("stops", False)),
        needs_operand=_read_flag(places, (*path, "needs_operand"), entry.get("needs_operand", False)),
        inherits=_read_flag(places, (*path, "inherits"), entry.get("inherits", False)),
        subcommands=MappingProxyType(subcommands),
        wraps=_read_wraps(places, (*path, "wraps"), entry.get("wraps"), options),
        decodes=_read_references(places, (*path, "decodes"), entry.get("decodes", []), options),
        modules=_read_references(places, (*path, "modules"), entry.get("modules", []), options),
        setting=_read_references(places, (*path, "setting"), entry.get("setting", []), options),
        code_settings=read_names(places, (*path, "code_settings"), entry.get("code_settings", [])),
        code=_read_references(places, (*path, "code"), entry.get("code", []), options),
    )
    return spec, read_names(places, (*path, "aliases"), entry.get("aliases", []))


def read_names(places: Places, path: Path, value: Any) -> tuple[str, ...]:
    """A list of strings, none of them empty."""
    if isinstance(value, list) and all(isinstance(item, str) and item for item in value):
        return tuple(value)
    places.report(path, "type", f"`{path[-1]}` is not a list of strings", f'write `{path[-1]} = ["..."]`')
    return ()


def _read_options(places: Places, path: Path, value: Any) -> dict[str, Option]:
    options: dict[str, Option] = {}
    for text in read_names(places, path, value):
        found = _OPTION.fullmatch(text)
        if found is None:
            hint = "spellings, then `VALUE`, `[VALUE]` or nothing: `-o --output FILE`"
            places.report(path, "option", f"`{text}` does not read as an option", hint, text)
            continue
        argument = Argument.REQUIRED if found["required"] else Argument.OPTIONAL if found["optional"] else Argument.NONE
        option = Option(tuple(found["spellings"].split(" ")), argument, found["required"] or found["optional"] or "")
        for spelling in option.spellings:
            if spelling in options:
                places.report(path, "option", f"`{spelling}` is there twice", "an option belongs to one entry", text)
            options[spelling] = option
    return options


def _read_wraps(places: Places, path: Path, value: Any, options: dict[str, Option]) -> Wraps | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        places.report(path, "type", "`wraps` is not a table", "write `wraps = { skip = 1 }`")
        return None
    places.check_keys(path, value, ("rest", "skip", "drop", *_WRAPS_FLAGS, *_WRAPS_OPTIONS))
    rest = value.get("rest", "words")
    if rest not in _REST:
        places.report(
            (*path, "rest"), "value", f"`{rest}` is no way to read the rest", "`words`, `code`, `each` or `none`"
        )
        rest = "words"
    skip = value.get("skip", 0)
    if not isinstance(skip, int) or isinstance(skip, bool) or skip < 0:
        places.report((*path, "skip"), "type", "`skip` is not a count", "write `skip = 1`")
        skip = 0
    flags = {key: _read_flag(places, (*path, key), value.get(key, False)) for key in _WRAPS_FLAGS}
    named = {key: _read_references(places, (*path, key), value.get(key, []), options) for key in _WRAPS_OPTIONS}
    drop = read_names(places, (*path, "drop"), value.get("drop", []))
    return Wraps(rest=rest, skip=skip, drop=drop, **flags, **named)  # type: ignore[arg-type]  # the keys are the fields' names


def _read_references(places: Places, path: Path, value: Any, options: dict[str, Option]) -> frozenset[str]:
    """Options of the same command, by any spelling; the canonical names."""
    names = set()
    for text in read_names(places, path, value):
        option = options.get(text)
        if option is None:
            places.report(path, "unknown-option", f"`{text}` is not among this command's options", "add it there", text)
        else:
            names.add(option.spellings[0])
    return frozenset(names)


def _read_flag(places: Places, path: Path, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    places.report(path, "type", f"`{path[-1]}` is neither true nor false", f"write `{path[-1]} = true`")
    return False


def _read_enum(places: Places, path: Path, value: Any, kind: type[E]) -> E:
    for member in kind:
        if member.value == value:
            return member
    choices = ", ".join(f"`{member.value}`" for member in kind)
    places.report(path, "value", f"`{value}` is no {path[-1]}", f"one of {choices}")
    return next(iter(kind))

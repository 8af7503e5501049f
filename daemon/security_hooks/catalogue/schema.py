"""One entry of a catalogue file to a `CommandSpec`: the schema, version 2. See `docs/catalogue.md`."""

from typing import Any, TypeVar

from security_hooks.catalogue.entry import Builds, CommandSpec, Kind, Operand, Option, Style, Variant, Verbs, Wraps
from security_hooks.catalogue.places import Places
from security_hooks.catalogue.role import PLACES, TAKEN, Role
from security_hooks.catalogue.schema_options import (
    Path,
    check_aliases,
    read_deeds,
    read_names,
    read_operands,
    read_options,
    read_references,
    role_named,
)
from security_hooks.catalogue.schema_variants import read_action, read_severity, read_values, read_variants

_COMMAND_KEYS = (
    "aliases", "options", "style", "kind", "stops", "needs_operand", "inherits", "sub", "wraps", "decodes", "code",
    "modules", "setting", "code_settings", "operands", "effects", "recursive", "variants", "language", "stdin",
    "action", "severity", "example", "summary", "others", "ends", "builds", "narrows", "listed", "dashed", "verbs",
)  # fmt: skip
_WRAPS_FLAGS = ("dashes", "assignments", "appends", "keep", "shell", "remote", "connected", "known")
_WRAPS_OPTIONS = ("code", "split", "exec", "replace", "unless", "program")
_DEEPEST = 20
_REST = ("words", "code", "each", "none")

ALWAYS = "always"
NAMELESS = CommandSpec("")

E = TypeVar("E", Style, Kind, Builds, Verbs)


def read_command(places: Places, path: Path, name: str, entry: Any, above: CommandSpec = NAMELESS) -> CommandSpec:
    """The command of this entry. What is wrong with it is reported and left out.

    A subcommand that says nothing of its action, severity or language has those of the command `above` it, whose
    options its variants may name.
    """
    if not isinstance(entry, dict):
        places.report(path, "type", f"`{name}` is not a table", f"write `[{'.'.join(path)}]`")
        return CommandSpec(name)
    if not entry:
        return CommandSpec(name, action=above.action, severity=above.severity, language=above.language)
    if len(path) > _DEEPEST:
        places.report(path, "depth", f"`{name}` is nested too deeply", "no command has that many subcommands")
        return CommandSpec(name)
    places.check_keys(path, entry, _COMMAND_KEYS)
    options = read_options(places, (*path, "options"), entry.get("options", []))
    action = read_action(places, (*path, "action"), entry.get("action")) or above.action
    severity = read_severity(places, (*path, "severity"), entry.get("severity"))
    if severity is None and "action" not in entry:
        severity = above.severity
    language = _read_text(places, (*path, "language"), entry.get("language", above.language))
    everywhere = above.options | options
    passed = CommandSpec(name, action=action, severity=severity, language=language, options=everywhere)
    subcommands: dict[str, CommandSpec] = {}
    subs = entry.get("sub", {})
    if not isinstance(subs, dict):
        places.report((*path, "sub"), "type", "`sub` is not a table", f"write `[{'.'.join(path)}.sub.NAME]`")
        subs = {}
    for sub, sub_entry in subs.items():
        spec = read_command(places, (*path, "sub", sub), sub, sub_entry, passed)
        subcommands |= dict.fromkeys((sub, *spec.aliases), spec)
    check_aliases(places, (*path, "sub"), {sub: subcommands[sub].aliases for sub in subs})
    operands = read_operands(places, (*path, "operands"), entry.get("operands"))
    variants = read_variants(places, (*path, "variants"), entry.get("variants", []), everywhere)
    return CommandSpec(
        name=name,
        aliases=read_names(places, (*path, "aliases"), entry.get("aliases", [])),
        options=options,
        style=_read_enum(places, (*path, "style"), entry.get("style", "gnu"), Style),
        kind=_read_enum(places, (*path, "kind"), entry.get("kind", "program"), Kind),
        stops=_read_flag(places, (*path, "stops"), entry.get("stops", False)),
        needs_operand=_read_flag(places, (*path, "needs_operand"), entry.get("needs_operand", False)),
        inherits=_read_flag(places, (*path, "inherits"), entry.get("inherits", False)),
        subcommands=subcommands,
        wraps=_read_wraps(places, (*path, "wraps"), entry.get("wraps"), options),
        decodes=read_references(places, (*path, "decodes"), entry.get("decodes", []), options),
        modules=read_references(places, (*path, "modules"), entry.get("modules", []), options),
        setting=read_references(places, (*path, "setting"), entry.get("setting", []), options),
        code_settings=read_names(places, (*path, "code_settings"), entry.get("code_settings", [])),
        code=read_references(places, (*path, "code"), entry.get("code", []), options),
        operands=operands,
        effects=read_deeds(places, (*path, "effects"), entry.get("effects", [])),
        recursive=_read_recursive(places, (*path, "recursive"), entry.get("recursive", []), options),
        variants=variants,
        language=language,
        stdin=role_named(places, (*path, "stdin"), entry.get("stdin", Role.READ.value)),
        action=action,
        severity=severity,
        example=_read_text(places, (*path, "example"), entry.get("example", "")),
        summary=_read_text(places, (*path, "summary"), entry.get("summary", "")),
        others=role_named(places, (*path, "others"), entry["others"]) if "others" in entry else None,
        gathers=_gathers(options, operands),
        shells=_takes_code(options, operands, variants, language),
        builds=_read_enum(places, (*path, "builds"), entry["builds"], Builds) if "builds" in entry else None,
        ends=read_references(places, (*path, "ends"), entry.get("ends", []), options),
        globs=tuple(name for name in subcommands if "*" in name),
        narrows=read_references(places, (*path, "narrows"), entry.get("narrows", []), options),
        listed=_read_recursive(places, (*path, "listed"), entry.get("listed", []), options),
        dashed=_read_flag(places, (*path, "dashed"), entry.get("dashed", False)),
        verbs=_read_enum(places, (*path, "verbs"), entry["verbs"], Verbs) if "verbs" in entry else None,
    )


def _read_wraps(places: Places, path: Path, value: Any, options: dict[str, Option]) -> Wraps | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        places.report(path, "type", "`wraps` is not a table", "write `wraps = { skip = 1 }`")
        return None
    places.check_keys(path, value, ("rest", "skip", "drop", "means", "where", *_WRAPS_FLAGS, *_WRAPS_OPTIONS))
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
    named = {key: read_references(places, (*path, key), value.get(key, []), options) for key in _WRAPS_OPTIONS}
    drop = read_names(places, (*path, "drop"), value.get("drop", []))
    means = value.get("means", {})
    if not isinstance(means, dict) or not all(isinstance(word, str) and word.split() for word in means.values()):
        places.report((*path, "means"), "type", "`means` is not a table of commands", 'write `means = { copy = "cp" }`')
        means = {}
    where = read_values(places, (*path, "where"), value.get("where", {}), options)
    return Wraps(rest=rest, skip=skip, drop=drop, means=means, where=where, **flags, **named)  # type: ignore[arg-type]  # the keys are the fields' names


def _gathers(options: dict[str, Option], operands: tuple[Operand, ...] | None) -> bool:
    """Whether any number of files are taken to a place: the last operand, or a directory of an option."""
    if not operands or not any(operand.repeats and operand.role in TAKEN for operand in operands):
        return False
    return operands[-1].role in PLACES or any(
        option.role in PLACES and option.metavar.startswith("DIR") for option in options.values()
    )


def _takes_code(
    options: dict[str, Option], operands: tuple[Operand, ...] | None, variants: tuple[Variant, ...], language: str
) -> bool:
    """Whether an operand is shell text, or an argument is code of a language that has no name."""
    given = [*(operands or ()), *(operand for variant in variants for operand in variant.operands or ())]
    if any(operand.role is Role.SHELL for operand in given):
        return True
    roles = [operand.role for operand in given] + [option.role for option in options.values()]
    return not language and Role.CODE in roles


def _read_recursive(places: Places, path: Path, value: Any, options: dict[str, Option]) -> frozenset[str]:
    return frozenset((ALWAYS,)) if value is True else read_references(places, path, value, options)


def _read_text(places: Places, path: Path, value: Any) -> str:
    if isinstance(value, str):
        return value
    places.report(path, "type", f"`{path[-1]}` is not a string", f'write `{path[-1]} = "..."`')
    return ""


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

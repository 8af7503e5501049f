"""An entry as it would stand in a catalogue file: what `schema.py` reads as that very entry again."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeAlias

import msgspec

from security_hooks.catalogue.entry import Argument, CommandSpec, Deed, Operand, Option
from security_hooks.catalogue.role import Role
from security_hooks.catalogue.schema import ALWAYS, NAMELESS

Written: TypeAlias = "str | int | bool | list[Written] | dict[str, Written]"

# Fields by the keys that they are read from; None: worked out from others, or written apart.
_KEYS: Mapping[str, str | None] = {
    "name": None,
    "shells": None,
    "gathers": None,
    "globs": None,
    "language": None,
    "subcommands": None,
    "some": "with",
    "values": "value",
}


def write_command(spec: CommandSpec, above: CommandSpec = NAMELESS) -> dict[str, Written]:
    """The table of this entry; `above` is the command that it is a subcommand of."""
    entry = _fields(spec)
    if spec.language != above.language:
        entry["language"] = spec.language
    if spec.subcommands:
        entry["sub"] = {name: write_command(sub, spec) for name, sub in spec.subcommands.items() if name == sub.name}
    return entry


def _fields(struct: msgspec.Struct) -> dict[str, Written]:
    """Every field that is not as it would be without its key."""
    written: dict[str, Written] = {}
    for field in msgspec.structs.fields(struct):
        key = _KEYS.get(field.name, field.name)
        value = getattr(struct, field.name)
        if key is None or value == _default(field):
            continue
        written[key] = True if value == frozenset((ALWAYS,)) else _value(value)
    return written


def _default(field: msgspec.structs.FieldInfo) -> object:
    factory = field.default_factory
    return field.default if factory is msgspec.NODEFAULT else factory()


def _value(value: object) -> Written:
    match value:
        case Option():
            return _option(value)
        case Operand():
            return f"{_with_role(value.role, value.name)}{'...' if value.repeats else ''}"
        case Deed():
            return f"{value.role.value}:{value.target}"
        case msgspec.Struct():
            return _fields(value)
        case Enum():
            return str(value.value)
        case frozenset():
            return [*sorted(str(item) for item in value)]
        case tuple():
            return [_value(item) for item in value]
        case dict():
            if all(isinstance(item, Option) for item in value.values()):
                # By every spelling in the table, once in the file.
                return [_value(option) for option in {id(option): option for option in value.values()}.values()]
            return {str(name): _value(item) for name, item in value.items()}
        case bool() | int() | str():
            return value
    raise TypeError(type(value))


def _option(option: Option) -> str:
    spellings = " ".join(option.spellings)
    match option.argument:
        case Argument.NONE:
            return spellings
        case Argument.REQUIRED:
            values = [_with_role(option.role, option.metavar), *(_with_role(role, "VALUE") for role in option.more)]
            return f"{spellings} {' '.join(values)}"
        case Argument.OPTIONAL:
            return f"{spellings} [{_with_role(option.role, option.metavar)}]"


def _with_role(role: Role, name: str) -> str:
    return name if role is Role.TEXT else f"{role.value}:{name}"

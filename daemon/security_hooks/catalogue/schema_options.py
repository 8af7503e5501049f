"""Options and operands of a catalogue entry: `-o --output write:FILE`, `read:FILE...`."""

import re
from collections.abc import Mapping
from typing import Any

from security_hooks.catalogue.entry import Argument, Deed, Operand, Option
from security_hooks.catalogue.places import Places
from security_hooks.catalogue.role import Role

_METAVAR = r"(?:[a-z]+:)?[A-Z][A-Z0-9_-]*"
_SPELLING = r"(?:[-+]\S*|[A-Za-z][\w:-]*=)"
_OPTION = re.compile(
    rf"(?P<spellings>{_SPELLING}(?: {_SPELLING})*)"
    rf"(?: (?:(?P<required>{_METAVAR})(?P<more>(?: {_METAVAR})*)|\[(?P<optional>{_METAVAR})\]))?"
)
_OPERAND = re.compile(r"(?P<name>(?:[a-z]+:)?[A-Z][A-Z0-9_-]*)(?P<repeats>\.\.\.)?")
_ROLES = {role.value: role for role in Role}

Path = tuple[str, ...]


def read_names(places: Places, path: Path, value: Any) -> tuple[str, ...]:
    """A list of strings, none of them empty."""
    if isinstance(value, list) and all(isinstance(item, str) and item for item in value):
        return tuple(value)
    places.report(path, "type", f"`{path[-1]}` is not a list of strings", f'write `{path[-1]} = ["..."]`')
    return ()


def check_aliases(places: Places, path: Path, aliases: Mapping[str, tuple[str, ...]]) -> None:
    """Report every other name of an entry of the table at `path` that means another one already, or the same."""
    owners = {name: name for name in aliases}
    for name, others in aliases.items():
        for alias in others:
            owner = owners.setdefault(alias, name)
            at = (*path, name, "aliases")
            if alias in aliases or owner != name or others.count(alias) > 1:
                means = "has an entry of its own" if alias in aliases else f"is another name of `{owner}` already"
                places.report(at, "alias", f"`{alias}` {means}", "take it off this list", alias)


def read_options(places: Places, path: Path, value: Any) -> dict[str, Option]:
    """The options by every spelling."""
    options: dict[str, Option] = {}
    for text in read_names(places, path, value):
        found = _OPTION.fullmatch(text)
        if found is None:
            hint = "spellings, then `VALUE`, `[VALUE]` or nothing, a role before it: `-o --output write:FILE`"
            places.report(path, "option", f"`{text}` does not read as an option", hint, text)
            continue
        argument = Argument.REQUIRED if found["required"] else Argument.OPTIONAL if found["optional"] else Argument.NONE
        role, metavar = _split(places, path, found["required"] or found["optional"] or "", text)
        more = tuple(_split(places, path, word, text)[0] for word in (found["more"] or "").split())
        option = Option(tuple(found["spellings"].split(" ")), argument, metavar, role, more)
        for spelling in option.spellings:
            if spelling in options:
                places.report(path, "option", f"`{spelling}` is there twice", "an option belongs to one entry", text)
            if spelling.endswith("=") and argument is not Argument.REQUIRED:
                places.report(path, "option", f"`{spelling}` needs a value", f"write `{spelling} VALUE`", text)
            options[spelling] = option
    return options


def read_operands(places: Places, path: Path, value: Any) -> tuple[Operand, ...] | None:
    """What the operands mean, in order; at most one of them repeats."""
    if value is None:
        return None
    operands: list[Operand] = []
    for text in read_names(places, path, value):
        found = _OPERAND.fullmatch(text)
        if found is None:
            places.report(
                path, "operand", f"`{text}` does not read as an operand", "`read:FILE`, `TEXT...`, `write:FILE`", text
            )
            continue
        role, name = _split(places, path, found["name"], text)
        operands.append(Operand(name, role, found["repeats"] is not None))
    if sum(operand.repeats for operand in operands) > 1:
        places.report(path, "operand", "two operands repeat", "only one of them can have `...`")
    return tuple(operands)


def read_deeds(places: Places, path: Path, value: Any) -> tuple[Deed, ...]:
    """Effects on what no argument names: `delete:.`, `env:*`."""
    deeds: list[Deed] = []
    for text in read_names(places, path, value):
        role, colon, target = text.partition(":")
        if not colon or not target or role not in _ROLES:
            places.report(
                path, "effect", f"`{text}` does not read as an effect", "a role, a colon, a target: `delete:.`", text
            )
            continue
        deeds.append(Deed(_ROLES[role], target))
    return tuple(deeds)


def role_named(places: Places, path: Path, word: Any) -> Role:
    """The role of this name."""
    role = _ROLES.get(word) if isinstance(word, str) else None
    if role is None:
        places.report(path, "role", f"`{word}` is no role", "one of " + ", ".join(f"`{name}`" for name in _ROLES))
        return Role.TEXT
    return role


def read_references(places: Places, path: Path, value: Any, options: dict[str, Option]) -> frozenset[str]:
    """Options of the same command, by any spelling; the canonical names."""
    names = set()
    for text in read_names(places, path, value):
        option = options.get(text)
        if option is None:
            places.report(path, "unknown-option", f"`{text}` is not among this command's options", "add it there", text)
        else:
            names.add(option.spellings[0])
    return frozenset(names)


def _split(places: Places, path: Path, text: str, near: str) -> tuple[Role, str]:
    role, colon, name = text.partition(":")
    if not colon:
        return Role.TEXT, text
    if role not in _ROLES:
        places.report(path, "role", f"`{role}` is no role", "one of " + ", ".join(f"`{word}`" for word in _ROLES), near)
    return _ROLES.get(role, Role.TEXT), name

"""Variants of a catalogue entry: what a command means with other options or operands."""

from typing import Any

from security_hooks.catalogue.entry import Option, Variant
from security_hooks.catalogue.places import Places
from security_hooks.catalogue.role import Role
from security_hooks.catalogue.schema_options import (
    Path,
    read_deeds,
    read_names,
    read_operands,
    read_references,
    role_named,
)
from security_hooks.model.action import Action
from security_hooks.model.decision import Severity

_KEYS = (
    "with",
    "all",
    "without",
    "operand",
    "value",
    "least",
    "most",
    "action",
    "severity",
    "operands",
    "roles",
    "effects",
)
_ACTIONS = {action.value: action for action in Action}
_SEVERITIES = {severity.value: severity for severity in Severity}


def read_variants(places: Places, path: Path, value: Any, options: dict[str, Option]) -> tuple[Variant, ...]:
    """The variants in their order."""
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        places.report(path, "type", "`variants` is not a list of tables", 'write `variants = [{ with = ["-f"], .. }]`')
        return ()
    return tuple(_read_variant(places, path, entry, options) for entry in value)


def read_action(places: Places, path: Path, value: Any) -> Action | None:
    """The action type of this name."""
    if value is None:
        return None
    action = _ACTIONS.get(value) if isinstance(value, str) else None
    if action is None:
        places.report(
            path, "action", f"`{value}` is no action type", "one of " + ", ".join(f"`{name}`" for name in _ACTIONS)
        )
    return action


def read_severity(places: Places, path: Path, value: Any) -> Severity | None:
    """The severity of this name."""
    if value is None:
        return None
    severity = _SEVERITIES.get(value) if isinstance(value, str) else None
    if severity is None:
        places.report(
            path, "severity", f"`{value}` is no severity", "one of " + ", ".join(f"`{name}`" for name in _SEVERITIES)
        )
    return severity


def _read_variant(places: Places, path: Path, entry: dict[str, Any], options: dict[str, Option]) -> Variant:
    places.check_keys(path, entry, _KEYS)
    return Variant(
        some=read_references(places, path, entry.get("with", []), options),
        all=read_references(places, path, entry.get("all", []), options),
        without=read_references(places, path, entry.get("without", []), options),
        operand=read_names(places, path, entry.get("operand", [])),
        values=read_values(places, (*path, "value"), entry.get("value", {}), options),
        least=_read_count(places, (*path, "least"), entry.get("least", 0)),
        most=_read_count(places, (*path, "most"), entry["most"]) if "most" in entry else None,
        action=read_action(places, path, entry.get("action")),
        severity=read_severity(places, path, entry.get("severity")),
        operands=read_operands(places, path, entry.get("operands")),
        roles=_read_roles(places, path, entry.get("roles", {}), options),
        effects=read_deeds(places, path, entry.get("effects", [])),
    )


def _read_roles(places: Places, path: Path, value: Any, options: dict[str, Option]) -> dict[str, Role]:
    if not isinstance(value, dict):
        places.report(path, "type", "`roles` is not a table", 'write `roles = { "-f" = "write" }`')
        return {}
    named = read_references(places, path, list(value), options)
    return {
        name: role_named(places, path, word)
        for spelling, word in value.items()
        for name in _of(spelling, options) & named
    }


def _read_count(places: Places, path: Path, value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    places.report(path, "type", f"`{path[-1]}` is not a count", f"write `{path[-1]} = 2`")
    return 0


def read_values(places: Places, path: Path, value: Any, options: dict[str, Option]) -> dict[str, tuple[str, ...]]:
    """Globs for the values of options, by canonical name."""
    if not isinstance(value, dict):
        places.report(path, "type", f"`{path[-1]}` is not a table", f'write `{path[-1]} = {{ "-X" = ["DELETE"] }}`')
        return {}
    named = read_references(places, path, list(value), options)
    return {
        name: read_names(places, (*path, spelling), globs)
        for spelling, globs in value.items()
        for name in _of(spelling, options) & named
    }


def _of(spelling: str, options: dict[str, Option]) -> frozenset[str]:
    option = options.get(spelling)
    return frozenset() if option is None else frozenset((option.spellings[0],))

"""Layers folded into effective values, each with the layers that made it; locks and distrust hold here.

INVARIANT: a project that is not trusted, and any layer on a locked key, moves a value in the stricter direction or
not at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from security_hooks.model.diagnostic import Diagnostic, Level
from security_hooks.policy.config_read import Action, Edit, LayerEdits, Remark, dotted, locate, read_layer
from security_hooks.policy.config_rows import Key, Pins, Row, Sinks, Value
from security_hooks.policy.config_schema import LISTS_SECTION, ROWS, is_for_projects, row_of
from security_hooks.policy.config_tighten import table_name, tighten, with_tables
from security_hooks.policy.config_types import Layer

_IN_ORDER = tuple(Action)
_SHOWN = 5
# What a lock holds is the value that these layers agreed on.
_LOCKERS = frozenset({"shipped", "system"})


@dataclass(frozen=True, slots=True)
class Effective:
    """Every key's value, and the paths of the layers that shaped it, in order."""

    values: dict[Key, Value]
    origins: dict[Key, tuple[str, ...]]
    locked: frozenset[Key]


@dataclass(slots=True)
class _Fold:
    values: dict[Key, Value] = field(default_factory=dict)
    origins: dict[Key, tuple[str, ...]] = field(default_factory=dict)
    locked: frozenset[Key] = frozenset()


def fold_layers(layers: Sequence[Layer]) -> tuple[Effective, tuple[Diagnostic, ...]]:
    """Apply layers in order. With an ERROR among the diagnostics, the values must not be used."""
    fold = _Fold()
    diagnostics: list[Diagnostic] = []
    readings = []
    for layer in layers:
        edits, found = read_layer(layer)
        readings.append(edits)
        diagnostics += found
    system = [edits for edits in readings if edits.layer.name == "system"]
    for edits in readings:
        if edits.layer.name in _LOCKERS:
            diagnostics += locate(edits.layer, _apply(fold, edits))
    for edits in system:
        diagnostics += locate(edits.layer, _lock(fold, edits))
    for edits in readings:
        if edits.layer.name not in _LOCKERS:
            diagnostics += locate(edits.layer, _apply(fold, edits))
    if not any(diagnostic.level is Level.ERROR for diagnostic in diagnostics):
        diagnostics += _missing(fold, layers)
    return Effective(fold.values, fold.origins, fold.locked), tuple(diagnostics)


def _apply(fold: _Fold, edits: LayerEdits) -> list[Remark]:
    """Let one layer change the values, as far as it may."""
    remarks: list[Remark] = []
    by_key: dict[Key, list[Edit]] = {}
    for edit in sorted(edits.edits, key=lambda edit: _IN_ORDER.index(edit.action)):
        by_key.setdefault(edit.row.path, []).append(edit)
    for key, group in by_key.items():
        row = group[0].row
        before = fold.values.get(key)
        if edits.layer.name == "project" and not is_for_projects(row):
            message = f"`{dotted(key)}` is never read from a project; ignored"
            remarks.append(Remark(group[0].spelled, "not-for-projects", message, level=Level.WARNING))
            continue
        wanted = before
        for edit in group:
            remarks += _unknown_names(edit, wanted)
            wanted = _edited(edit, wanted)
        after = wanted
        if key in fold.locked or not edits.layer.trusted:
            after = before if before is None or wanted is None else tighten(row, before, wanted)
        if after is None or wanted is None:
            continue
        if _differ(after, wanted):
            remarks.append(_refusal(group, after, wanted, is_locked=key in fold.locked))
        if after != before:
            fold.values[key] = after
            fold.origins[key] = (*fold.origins.get(key, ()), edits.layer.path)
    return remarks


def _edited(edit: Edit, value: Value | None) -> Value:
    listed = value if isinstance(value, tuple) else ()
    match edit.action, edit.value, edit.row:
        case Action.APPEND, tuple(entries), (Pins() | Sinks()) as row:
            return with_tables(listed, entries, table_name(row))
        case Action.EXCLUDE, tuple(entries), (Pins() | Sinks()) as row:
            name_of = table_name(row)
            return tuple(text for text in listed if name_of(text) not in entries)
        case Action.APPEND, tuple(entries), _:
            return tuple(dict.fromkeys((*listed, *entries)))
        case Action.EXCLUDE, tuple(entries), _:
            gone = frozenset(entries)
            return tuple(entry for entry in listed if entry not in gone)
    return edit.value


def _unknown_names(edit: Edit, value: Value | None) -> list[Remark]:
    """Names to exclude that are not there, and lists to change that nobody made."""
    if edit.action is Action.SET or not isinstance(edit.value, tuple):
        return []
    if value is None and edit.row.path[0] == LISTS_SECTION:
        message = f"no earlier layer has a list `{edit.row.path[1]}`"
        hint = f"make it with `{edit.row.path[1]} = [...]`"
        return [Remark(edit.spelled, "unknown-list", message, hint, Level.WARNING)]
    if edit.action is not Action.EXCLUDE:
        return []
    listed: frozenset[str | None] = frozenset(value) if isinstance(value, tuple) else frozenset()
    if isinstance(edit.row, Pins | Sinks):
        listed = frozenset(map(table_name(edit.row), value if isinstance(value, tuple) else ()))
    return [
        Remark(
            (*edit.spelled, index),
            "unknown-name",
            f"`{entry}` is not in `{dotted(edit.row.path)}`, so excluding it does nothing",
            level=Level.WARNING,
        )
        for index, entry in enumerate(edit.value)
        if entry not in listed
    ]


def _differ(one: Value, other: Value) -> bool:
    """Whether two values mean different things; the order of a list means nothing."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        return frozenset(one) != frozenset(other)
    return one != other


def _refusal(group: list[Edit], after: Value, wanted: Value, *, is_locked: bool) -> Remark:
    """Why a layer did not get what it wanted."""
    key = dotted(group[0].row.path)
    edit = group[-1]
    refused = ""
    if isinstance(wanted, tuple) and isinstance(after, tuple):
        names = [entry for entry in (*wanted, *after) if (entry in wanted) != (entry in after)]
        edit = next((edit for edit in group if _mentions(edit, names)), group[0])
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        refused = f": {', '.join(f'`{name}`' for name in names[:_SHOWN])}{more}" if names else ""
    if is_locked:
        message = f"`{key}` is locked by the system configuration and cannot be loosened; ignored{refused}"
        return Remark(edit.spelled, "locked", message, level=Level.WARNING)
    message = f"this project is not trusted, so it cannot loosen `{key}`; ignored{refused}"
    hint = "a person who has read its files can run `security-hooks trust`"
    return Remark(edit.spelled, "untrusted", message, hint, Level.WARNING)


def _mentions(edit: Edit, names: list[str]) -> bool:
    return isinstance(edit.value, tuple) and any(name in edit.value for name in names)


def _lock(fold: _Fold, edits: LayerEdits) -> list[Remark]:
    remarks = []
    for index, word in enumerate(edits.locked):
        key = _key_of(word)
        if key is None or (key[0] == LISTS_SECTION and key not in fold.values):
            message = f"`{word}` cannot be locked: it is not a key"
            remarks.append(Remark(("locked", index), "unknown-key", message, "write `section.key`"))
        else:
            fold.locked |= {key}
    return remarks


def _key_of(word: str) -> Key | None:
    key = tuple(word.split("."))
    return key if row_of(key) is not None else None


def _missing(fold: _Fold, layers: Sequence[Layer]) -> list[Diagnostic]:
    missing: list[Row] = [row for row in ROWS if row.path not in fold.values]
    file = next((layer.path for layer in layers if layer.name == "shipped"), "config.toml")
    hint = "the shipped config.toml must set every key"
    return [Diagnostic(file, 0, 0, "missing-key", f"no layer sets `{dotted(row.path)}`", hint) for row in missing]

"""The reference of `docs/configuration.md`, made from the schema and the shipped defaults."""

from collections.abc import Iterator, Mapping

import msgspec

from security_hooks.model.sink import Sink, SinkKind
from security_hooks.policy.config_read import Action, dotted, spellings_of
from security_hooks.policy.config_rows import Choice, Key, Names, Number, Pins, Row, Sinks, Text, Value
from security_hooks.policy.config_schema import ROWS, is_for_projects
from security_hooks.policy.config_sinks import FIELDS

_STRICTER = {
    "fewer": "fewer entries",
    "more": "more entries",
    "lower": "a lower number",
    "longer": "a larger number, or 0; never read from a project",
    "narrower": "fewer entries, but not none",
    "capped": "a lower number, but not 0",
    "scoped": "entries within those that are there, and more with `!`",
}


def reference(defaults: Mapping[Key, Value]) -> str:
    """Every key as Markdown, given the shipped values."""
    return "\n".join(line for row in ROWS for line in _entry(row, defaults[row.path])).rstrip("\n")


def _entry(row: Row, default: Value) -> Iterator[str]:
    yield f"### `{dotted(row.path)}`"
    yield ""
    yield row.doc
    yield ""
    yield f"* Value: {_value(row)}"
    yield f"* Default: {_default(default)}"
    yield f"* Stricter: {_stricter(row)}"
    if isinstance(row, Names | Pins | Sinks):
        changes = [f"`{dotted(key)}`" for key, action in spellings_of(row) if action is not Action.SET]
        yield f"* Changed with: {', '.join(changes)}"
        if not isinstance(row, Sinks) and row.list_name:
            yield f"* Name in rules: `{row.list_name}`"
    if isinstance(row, Sinks):
        yield ""
        yield from _sink_keys()
    yield ""


def _sink_keys() -> Iterator[str]:
    yield "| Key | For | Value | Default | Meaning |"
    yield "| --- | --- | --- | --- | --- |"
    defaults = {field.name: field.default for field in msgspec.structs.fields(Sink)}
    for field in FIELDS:
        kinds = "all" if len(field.kinds) == len(SinkKind) else ", ".join(f"`{kind}`" for kind in sorted(field.kinds))
        default = defaults[field.name]
        shown = f"`{default}`" if isinstance(default, str | int) and default != "" else "none"
        yield f"| `{field.name}` | {kinds} | {field.must} | {shown} | {field.doc} |"


def _value(row: Row) -> str:
    match row:
        case Choice():
            return ", ".join(f'`"{word}"`' for word in row.words)
        case Number():
            return f"a whole number from {row.minimum} to {row.maximum}"
        case Names():
            return f"a list of {row.item.value[0]}"
        case Pins():
            return "a table of its own for each server, `[mcp.servers.NAME]`"
        case Sinks():
            return "a table of its own for each sink, `[[sinks]]`"
        case Text():
            return row.must


def _default(default: Value) -> str:
    if isinstance(default, tuple):
        return "see `config.toml`" if default else "`[]`"
    return f'`"{default}"`' if isinstance(default, str) else f"`{default}`"


def _stricter(row: Row) -> str:
    if not is_for_projects(row) and not (isinstance(row, Number) and row.stricter):
        return "no direction, so never read from a project"
    if isinstance(row, Choice):
        return f'later in the list of values, up to `"{row.words[-1]}"`'
    if isinstance(row, Text):
        return "what surely lets no more through: fewer, or in a longer time"
    if isinstance(row, Pins):
        return "more servers"
    return _STRICTER[row.stricter.value] if isinstance(row, Number | Names) and row.stricter else ""

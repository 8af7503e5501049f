"""Of a step from one value of a key to another, the part that makes the policy stricter; and tables joined by name."""

from collections.abc import Callable

from security_hooks.dsl.globs import globs, is_literal
from security_hooks.model.server import decode_pin
from security_hooks.model.sink import decode_sink
from security_hooks.policy.config_rows import Choice, Item, Names, Number, Pins, Row, Sinks, Stricter, Text, Value
from security_hooks.policy.config_scope import is_host_of, lies_in, narrowed


def tighten(row: Row, base: Value, wanted: Value) -> Value:
    """The part of the step from `base` to `wanted` that goes in the stricter direction; `base` where there is none."""
    match row, base, wanted:
        case Choice(ordered=True, words=words), str(), str():
            return max(base, wanted, key=words.index)
        case Number(stricter=Stricter.LOWER), int(), int():
            return min(base, wanted)
        case Number(stricter=Stricter.CAPPED), int(), int():
            return min(base, wanted) if base and wanted else base or wanted
        case Number(stricter=Stricter.LONGER), int(), int():
            return max(base, wanted) if base and wanted else 0
        case Text(stricter=stricter), str(), str() if stricter is not None:
            return stricter(base, wanted)
        case Names(stricter=Stricter.FEWER), tuple(), tuple():
            left = frozenset(wanted)
            return tuple(entry for entry in base if entry in left)
        case Names(stricter=Stricter.MORE), tuple(), tuple():
            return tuple(dict.fromkeys((*base, *wanted)))
        case Names(stricter=Stricter.NARROWER), tuple(), tuple():
            known = globs(base)
            kept = tuple(entry for entry in wanted if entry in base or (is_literal(entry) and known.match(entry)))
            return kept or base if base else wanted
        case Names(stricter=Stricter.SCOPED, item=item), tuple(), tuple():
            return narrowed(base, wanted, lies_in if item is Item.ENTRY else is_host_of)
        case Pins(), tuple(), tuple():
            # A pin that is there stays as it is; another one can only make more calls be denied.
            return with_pins(wanted, base)
    return base


def with_pins(base: tuple[str, ...], added: tuple[str, ...]) -> tuple[str, ...]:
    """The pins of both; of two for one server the added one."""
    return with_tables(base, added, _pin_name)


def table_name(row: Pins | Sinks) -> Callable[[str], str | None]:
    """What tells the name that a table, encoded, goes by."""
    return _pin_name if isinstance(row, Pins) else _sink_name


def with_tables(base: tuple[str, ...], added: tuple[str, ...], name_of: Callable[[str], str | None]) -> tuple[str, ...]:
    """The tables of both; of two with one name the added one."""
    by_name = {name: text for text in (*base, *added) if (name := name_of(text)) is not None}
    return tuple(by_name[name] for name in sorted(by_name))


def _pin_name(text: str) -> str | None:
    pin = decode_pin(text)
    return None if pin is None else pin.name


def _sink_name(text: str) -> str | None:
    sink = decode_sink(text)
    return None if sink is None else sink.name

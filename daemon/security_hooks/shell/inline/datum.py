"""What an expression stands for: a text with holes, a number, a list, something known by its name, an instance."""

from collections.abc import Iterable, Iterator

import msgspec

from security_hooks.model.word import Hole, HoleKind, Origin
from security_hooks.shell.inline.reading import Value
from security_hooks.shell.inline.syntax import Function

MOST_TEXT = 1 << 16
_MOST_CHOICES = 8
_MOST_VALUES = 4000
# Stands among sources for those that were not looked for: where its data go, the budget is exceeded.
MANY = -1
_GRAVITY = (Origin.LITERAL, Origin.FILE, Origin.UNKNOWN, Origin.DECODED, Origin.NETWORK)

Plain = str | bytes | int | float | bool | None


class Datum(msgspec.Struct, frozen=True, gc=False):
    """One value. At most one of `parts` (a text), `plain` (with `is_plain`: bytes, a number, nothing), `items`, `pairs`
    and `function` says what it is. `name` is the dotted name of something that exists outside of the code, or, for an
    instance, the name of its type; `of` is then what it was made from, and `is_text` says that it is used as that (a
    path). A name with `of` that is no instance is a method of it.

    `sources` are the effects whose data are in it, `sinks` those into which goes what is written to it. `others` are
    values that it may have instead.
    """

    parts: Value | None = None
    plain: bytes | int | float | bool | None = None
    is_plain: bool = False
    items: tuple["Datum", ...] | None = None
    pairs: tuple[tuple[str, "Datum"], ...] | None = None
    function: Function | None = None
    name: str = ""
    is_instance: bool = False
    is_text: bool = False
    of: "Datum | None" = None
    sources: tuple[int, ...] = ()
    sinks: tuple[int, ...] = ()
    origin: Origin = Origin.LITERAL
    others: tuple["Datum", ...] = ()


UNKNOWN = Datum(origin=Origin.UNKNOWN)
NOTHING = Datum(is_plain=True)
ANY = Hole(HoleKind.OTHER, "...")


def text(value: str) -> Datum:
    """A text without holes."""
    return Datum(parts=(value,) if value else ())


def plain(value: Plain) -> Datum:
    """What this constant stands for."""
    if isinstance(value, str):
        return text(value)
    return Datum(plain=value, is_plain=True)


def named(name: str) -> Datum:
    """Something outside of the code."""
    return Datum(name=name)


def alternatives(datum: Datum) -> Iterator[Datum]:
    """All values that it may have."""
    yield datum
    yield from datum.others


def either(data: Iterable[Datum]) -> Datum:
    """One of these."""
    seen: list[Datum] = []
    for datum in data:
        for choice in alternatives(datum):
            bare = msgspec.structs.replace(choice, others=()) if choice.others else choice
            if bare not in seen:
                seen.append(bare)
        if len(seen) > _MOST_CHOICES:
            return derived(seen)
    if not seen:
        return UNKNOWN
    first = seen[0]
    return first if len(seen) == 1 else msgspec.structs.replace(first, others=tuple(seen[1:]))


def derived(data: Iterable[Datum], origin: Origin | None = None) -> Datum:
    """Something unknown, made out of these."""
    seen = tuple(data)
    worst = gravest([datum.origin for datum in seen])
    if origin is not None:
        worst = gravest((worst, origin))
    if worst is Origin.LITERAL:
        worst = Origin.UNKNOWN
    return Datum(sources=sources_of(seen), sinks=tuple(sorted({s for d in seen for s in d.sinks})), origin=worst)


def gravest(origins: Iterable[Origin]) -> Origin:
    """The most doubtful of these origins."""
    return max(origins, key=_GRAVITY.index, default=Origin.LITERAL)


def sources_of(data: Iterable[Datum]) -> tuple[int, ...]:
    """The effects whose data are in any of these, whatever they are put together from; `MANY` among them where these
    are too many to be looked at.
    """
    found: set[int] = set()
    stack = list(data)
    seen: set[int] = set()
    while stack:
        datum = stack.pop()
        if id(datum) in seen:
            continue
        seen.add(id(datum))
        if len(seen) > _MOST_VALUES:
            found.add(MANY)
            break
        found.update(datum.sources)
        stack.extend(datum.others)
        stack.extend(datum.items or ())
        stack.extend([value for _, value in datum.pairs or ()])
        if datum.of is not None:
            stack.append(datum.of)
    return tuple(sorted(found))


def bare(datum: Datum) -> Datum:
    """What an instance that is used as a text was made from; anything else itself."""
    while datum.is_text and datum.of is not None:
        datum = datum.of
    return datum


def value_of(datum: Datum) -> Value:
    """The value as text with holes, as a path or an argument would be made of it."""
    if datum.parts is not None:
        return datum.parts
    if datum.is_plain:
        if isinstance(datum.plain, bytes):
            return (datum.plain.decode("utf-8", "replace"),)
        return (str(datum.plain),) if datum.plain is not None else ()
    if datum.is_text and datum.of is not None:
        return value_of(datum.of)
    return (ANY,)


def literal_of(datum: Datum) -> str | None:
    """The text, where all of it is known and it is one."""
    if datum.others or datum.parts is None or len(datum.parts) > 1:
        return None
    if not datum.parts:
        return ""
    first = datum.parts[0]
    return first if isinstance(first, str) else None


def joined(data: Iterable[Datum], between: str = "") -> Datum:
    """The texts of these, one behind the other."""
    seen = tuple(data)
    parts: list[str | Hole] = []
    literal: list[str] = []
    size = 0
    for number, datum in enumerate(seen):
        for part in ((between,) if number and between else ()) + value_of(datum):
            if isinstance(part, str):
                size += len(part)
                literal.append(part)
                continue
            if literal:
                parts.append("".join(literal))
                literal = []
            parts.append(part)
        if size > MOST_TEXT:
            return derived(seen)
    if literal:
        parts.append("".join(literal))
    origin = gravest([datum.origin for datum in seen])
    return Datum(parts=tuple([part for part in parts if part != ""]), sources=sources_of(seen), origin=origin)

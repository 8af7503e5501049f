"""What a condition needs a command to have before it can be anything but NO: the index of a snapshot goes by it."""

from collections.abc import Sequence
from dataclasses import dataclass

from security_hooks.dsl.asking import known_predicate
from security_hooks.dsl.marks import marks_of_tools
from security_hooks.dsl.resolved import All, Any, Ask, Condition


@dataclass(frozen=True, slots=True)
class Keys:
    """One of these programs (the command's own, or one of its wrappers), or one of these marks."""

    programs: frozenset[str] = frozenset()
    marks: int = 0


def keys_of(conditions: Sequence[Condition]) -> Keys | None:
    """The keys of alternatives; None where a command without any can match."""
    programs: set[str] = set()
    marks = 0
    for condition in conditions:
        keys = _keys(condition)
        if keys is None:
            return None
        programs |= keys.programs
        marks |= keys.marks
    return Keys(frozenset(programs), marks)


def keys_within(tools: Sequence[str], keys: Keys | None) -> Keys | None:
    """The keys of a rule about these tools only, whose conditions have such keys."""
    needed = marks_of_tools(tools) if tools else None
    if needed is None or (keys is not None and _rarity(keys) <= _rarity(Keys(marks=needed))):
        return keys
    return Keys(marks=needed)


def _keys(condition: Condition) -> Keys | None:
    match condition:
        case Ask(predicate=name, arguments=arguments):
            predicate = known_predicate(name)
            needed = None if predicate.marks is None else predicate.marks(arguments)
            if needed is not None:
                return Keys(marks=needed)
            programs = None if predicate.programs is None else predicate.programs(arguments)
            return None if programs is None else Keys(programs)
        case All(conditions=conditions):
            known = [keys for part in conditions if (keys := _keys(part)) is not None]
            return min(known, key=_rarity) if known else None
        case Any(conditions=conditions):
            return keys_of(conditions)
        case _:
            return None


def _rarity(keys: Keys) -> tuple[int, int]:
    return (keys.marks.bit_count(), len(keys.programs))

"""What a condition needs a command to be before it can be anything but NO: the index of rules goes by it."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from security_hooks.dsl.asking import known_predicate
from security_hooks.dsl.aspect import Aspect
from security_hooks.dsl.marks import marks_of_tools
from security_hooks.dsl.recall import FIRST_TIME
from security_hooks.dsl.resolved import All, Any, Ask, Condition, Recall

Need: TypeAlias = Callable[[Aspect], bool]


def need_of(condition: Condition) -> Need | None:
    """Whether the condition can hold, or be in doubt, for a command of some aspect; None where it can for any."""
    match condition:
        case Ask():
            return _need_of_ask(condition)
        case Recall(predicate=name, condition=inner) if name == FIRST_TIME:
            return need_of(inner)
        case All(conditions=conditions):
            known = [need for need in map(need_of, conditions) if need is not None]
            return (lambda aspect: all(need(aspect) for need in known)) if known else None
        case Any(conditions=conditions):
            needs = [need_of(part) for part in conditions]
            sound = [need for need in needs if need is not None]
            return (lambda aspect: any(need(aspect) for need in sound)) if len(sound) == len(needs) else None
        case _:
            return None


def need_of_tools(tools: Sequence[str]) -> Need | None:
    """The same of an `on` clause."""
    marks = marks_of_tools(tools) if tools else None
    return None if marks is None else lambda aspect: bool(marks & aspect.marks)


def programs_of(condition: Condition) -> frozenset[str] | None:
    """The only programs for which the condition can hold, where the rule names them one by one."""
    match condition:
        case Ask(predicate=name, arguments=arguments):
            predicate = known_predicate(name)
            wanted = None if predicate.programs is None else predicate.programs(arguments)
            return None if wanted is None or wanted.pattern is not None else wanted.literals
        case Recall(predicate=name, condition=inner) if name == FIRST_TIME:
            return programs_of(inner)
        case All(conditions=conditions):
            known = [names for part in conditions if (names := programs_of(part)) is not None]
            return min(known, key=len) if known else None
        case Any(conditions=conditions):
            return programs_of_any(conditions)
        case _:
            return None


def programs_of_any(conditions: Sequence[Condition]) -> frozenset[str] | None:
    """The same of alternatives."""
    programs: set[str] = set()
    for condition in conditions:
        names = programs_of(condition)
        if names is None:
            return None
        programs |= names
    return frozenset(programs)


def _need_of_ask(ask: Ask) -> Need | None:
    predicate = known_predicate(ask.predicate)
    marks = None if predicate.marks is None else predicate.marks(ask.arguments)
    names = None if predicate.programs is None else predicate.programs(ask.arguments)
    if names is None:
        return None if marks is None else lambda aspect: bool(marks & aspect.marks)

    def need(aspect: Aspect) -> bool:
        if marks is not None and not marks & aspect.marks:
            return False
        return not aspect.is_named or any(map(names.match, aspect.programs))

    return need

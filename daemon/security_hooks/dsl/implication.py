"""What can be proved of resolved conditions without asking them: that one implies another, that one never holds.

Conditions are three-valued, and each is compiled in one of two ways: as it is, or `surely` (where a YES makes the
verdict looser), which never answers more than the other. Everything here is sound and none of it complete: what is
claimed holds for every call, and of what is not claimed nothing is said.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

from security_hooks.dsl.asking import known_predicate
from security_hooks.dsl.globs import globs, is_literal
from security_hooks.dsl.predicates.signature import Predicate
from security_hooks.dsl.regex import compile_pattern, encode
from security_hooks.dsl.resolved import All, Any, Ask, Condition, Not, Pattern, Recall

# Their arguments narrow them: the more are named, the less they match.
_NARROWED = frozenset({"base_command_not_in"})
# Of whose arguments some widen and some narrow them.
_WHOLE = frozenset({"changes_outside", "reads_outside", "connects_outside"})
# Whose arguments are globs about one whole text each, and nothing else.
_GLOBBING = frozenset({"command", "wrapped_by", "pipeline_to", "pipeline_from", "tool", "client", "permission_mode"})
# Of which a command or a call has just one, so that two different ones never hold together.
_SINGLE = frozenset({"client", "permission_mode", "action", "origin"})
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _-/:=,@%~'\"<>&;!#")
# A proof looks at pairs of parts; what is larger than any person writes is left unproved.
MOST_PAIRS = 20_000


@dataclass(frozen=True, slots=True)
class Asked:
    """A condition and how it is compiled."""

    condition: Condition
    surely: bool


def implies(premise: Asked, conclusion: Asked) -> bool:
    """Whether the conclusion is never answered with less than the premise (NO < UNKNOWN < YES)."""
    return _Proof().implies(premise, conclusion)


def never_holds(asked: Asked) -> bool:
    """Whether the condition is never answered YES."""
    return _Proof().never(asked)


def is_everything(condition: Condition) -> bool:
    """Whether the condition holds for every command: nothing in it is particular."""
    match condition:
        case Pattern(pattern=pattern):
            return compile_pattern(pattern).search(b"") is not None
        case Ask(predicate="command" | "tool" | "client", arguments=arguments):
            return any(argument.strip("*") == "" for argument in arguments)
        case All(conditions=conditions):
            return all(map(is_everything, conditions))
        case Any(conditions=conditions):
            return any(map(is_everything, conditions))
        case _:
            return False


def only_denies(condition: Condition) -> bool:
    """Whether the condition says only what is not so: it then holds for nearly everything."""
    match condition:
        case Not():
            return True
        case All(conditions=conditions):
            return all(map(only_denies, conditions))
        case Any(conditions=conditions):
            return any(map(only_denies, conditions))
        case _:
            return False


class _Proof:
    """One proof, and how much of it has been looked at."""

    def __init__(self) -> None:
        self._pairs = 0

    def implies(self, premise: Asked, conclusion: Asked) -> bool:
        self._pairs += 1
        if self._pairs > MOST_PAIRS:
            return False
        if premise.condition == conclusion.condition and _at_least(premise, conclusion):
            return True
        match premise.condition, conclusion.condition:
            case Any(conditions=parts), _:
                return all(self.implies(Asked(part, premise.surely), conclusion) for part in parts)
            case _, All(conditions=parts):
                return all(self.implies(premise, Asked(part, conclusion.surely)) for part in parts)
            case Not(condition=denied), Not(condition=other):
                return self.implies(Asked(other, not conclusion.surely), Asked(denied, not premise.surely))
            case Ask() as ask, Ask() as wider:
                return _covers(ask, wider) and _fits(ask, premise.surely, conclusion.surely)
            case Pattern(pattern=longer), Pattern(pattern=shorter):
                return _holds_all(longer, shorter) and (premise.surely or not conclusion.surely)
        return self._by_part(premise, conclusion)

    def never(self, asked: Asked) -> bool:
        self._pairs += 1
        match asked.condition:
            case Any(conditions=parts):
                return all(self.never(Asked(part, asked.surely)) for part in parts)
            case All(conditions=parts):
                return any(self.never(Asked(part, asked.surely)) for part in parts) or self._contradicts(
                    _flat(parts), asked.surely
                )
        return False

    def _by_part(self, premise: Asked, conclusion: Asked) -> bool:
        if isinstance(premise.condition, All):
            parts = premise.condition.conditions
            if any(self.implies(Asked(part, premise.surely), conclusion) for part in parts):
                return True
        if isinstance(conclusion.condition, Any):
            return any(
                self.implies(premise, Asked(part, conclusion.surely)) for part in conclusion.condition.conditions
            )
        return False

    def _contradicts(self, parts: Sequence[Condition], surely: bool) -> bool:
        for one, other in permutations(parts, 2):
            if isinstance(other, Not) and self.implies(Asked(one, surely), Asked(other.condition, not surely)):
                return True
            if isinstance(one, Ask) and isinstance(other, Ask) and excludes(one, other):
                return True
        return False


def excludes(one: Ask, other: Ask) -> bool:
    """Whether two conditions ask for different values of what has only one."""
    if one.predicate != other.predicate or one.predicate not in _SINGLE:
        return False
    words = (*one.arguments, *other.arguments)
    return all(map(is_literal, words)) and set(one.arguments).isdisjoint(other.arguments)


def _flat(parts: Sequence[Condition]) -> list[Condition]:
    found: list[Condition] = []
    waiting = list(reversed(parts))
    while waiting:
        part = waiting.pop()
        if isinstance(part, All):
            waiting += reversed(part.conditions)
        else:
            found.append(part)
    return found


def _at_least(premise: Asked, conclusion: Asked) -> bool:
    """Whether the same condition, compiled the second way, answers no less than compiled the first."""
    if premise.surely or not conclusion.surely:
        return True
    return not isinstance(premise.condition, Pattern) and not _has_sure_form(premise.condition)


def _has_sure_form(condition: Condition) -> bool:
    match condition:
        case Ask(predicate=name):
            return known_predicate(name).build_sure is not None
        case Not(condition=inner):
            return _has_sure_form(inner)
        case All(conditions=conditions) | Any(conditions=conditions):
            return any(map(_has_sure_form, conditions))
        case Pattern() | Recall():
            return True


def _fits(ask: Ask, surely: bool, other_surely: bool) -> bool:
    return surely or not other_surely or known_predicate(ask.predicate).build_sure is None


def _covers(ask: Ask, wider: Ask) -> bool:
    """Whether what the first asks for is among what the second asks for."""
    if ask.predicate != wider.predicate:
        return False
    predicate = known_predicate(ask.predicate)
    given, held = ask.arguments, wider.arguments
    if ask.predicate in _WHOLE:
        return bool(given) and given == held
    if ask.predicate in _NARROWED:
        return set(held) <= set(given)
    if predicate.params.last:
        return given[-1:] == held[-1:] and set(given[:-1]) <= set(held[:-1])
    if not held:
        return True
    return bool(given) and all(_is_among(word, held, predicate) for word in given)


def _is_among(word: str, held: Sequence[str], predicate: Predicate) -> bool:
    if word in held:
        return True
    if predicate.name not in _GLOBBING or "/" in word or not is_literal(word):
        return False
    return globs(other for other in held if "/" not in other).match(word)


def _holds_all(longer: str, shorter: str) -> bool:
    """Whether the second is found wherever the first is: both are plain words, or the same."""
    if longer == shorter:
        return True
    return (
        set(longer) <= _PLAIN and set(shorter) <= _PLAIN and compile_pattern(shorter).search(encode(longer)) is not None
    )

"""What a rule objected to: of the deeds of a call that it denied, those that were the reason, each with its aim.

A denied `rm -rf build ~/.ssh` was denied for `~/.ssh` alone; and `sudo rm x`, by a rule about `sudo`, for nothing that
may not be done otherwise.
"""

from collections.abc import Iterator

import msgspec

from security_hooks.dsl.asking import compile_condition
from security_hooks.dsl.resolved import All, Any, Ask, Condition, Not, Pattern, ResolvedRule
from security_hooks.dsl.truth import Truth
from security_hooks.memory.aims import DELETING, GRAVE, HOSTS, NAMING, NARROWING, RAISING, ROWS, Aim, AimRow
from security_hooks.model.deed import Deed, Deeds, Passage
from security_hooks.model.effect import Effect, EffectKind
from security_hooks.model.event import HookEvent, Place, ToolCall
from security_hooks.model.shell import CallFacts, Facts
from security_hooks.model.word import Word

# A rule with this tag is about the way something is done, whatever it looks at.
ABOUT_THE_WAY = "about-the-way"
_NETWORK = "network"
# They ask about one effect and nothing else.
_PLAIN = frozenset({"deletes", "moves", "writes", "reads"})
_BY_PREDICATE: dict[str, AimRow] = {name: row for row in ROWS for name in row.predicates}
_ACTIONS = {action.value: action for action in DELETING | GRAVE}


class Objection(msgspec.Struct, frozen=True, gc=False):
    """One thing that a rule objected to. For SEND `deed` is where the data comes from, None where that is not known,
    and `host` where it goes; `is_bound` says that other hosts are not objected to. `is_judged`: of whatever does the
    very same, by any program, the rule itself says whether it objects.
    """

    aim: Aim
    deed: Deed | None
    host: str | None = None
    is_bound: bool = False
    is_judged: bool = False


class _Alternative(msgspec.Struct, frozen=True):
    asks: tuple[Ask, ...]
    is_naming: bool
    is_bound: bool


def objections(
    rule: ResolvedRule, command: int | None, deeds: Deeds, event: HookEvent, tool: ToolCall, place: Place
) -> tuple[Objection, ...]:
    """What a rule objected to in one command of a call (None: in the call itself)."""
    if ABOUT_THE_WAY in rule.tags:
        return ()
    mine = [deed for deed in deeds.deeds if deed.command == command]
    found: dict[Objection, None] = {}
    for condition in rule.matches:
        alternative = _alternative(condition)
        if alternative is not None:
            is_naming = alternative.is_naming or bool(rule.tools)
            for objection in _of(alternative, is_naming, command, mine, deeds.passages, (event, tool, place)):
                found[objection] = None
    return tuple(found)


def _alternative(condition: Condition) -> _Alternative | None:
    """One `match` line; None where it is about the way."""
    asks = tuple(_asks(condition, wanted=True))
    for ask in asks:
        if ask is None or (ask.predicate not in _BY_PREDICATE and ask.predicate not in NARROWING):
            return None
        if ask.predicate == "command" and not RAISING.isdisjoint(ask.arguments):
            return None
    known = tuple(ask for ask in asks if ask is not None)
    is_bound = any(ask is not None and ask.predicate in HOSTS for ask in _asks(condition, wanted=False))
    return _Alternative(known, any(ask.predicate in NAMING for ask in known), is_bound)


def _asks(condition: Condition, *, wanted: bool, negated: bool = False) -> Iterator[Ask | None]:
    """The predicates that must hold (`wanted`) or must not; None for a pattern, which is about nothing known."""
    match condition:
        case Pattern():
            yield None
        case Ask():
            if negated is not wanted:
                yield condition
        case Not(condition=inner):
            yield from _asks(inner, wanted=wanted, negated=not negated)
        case All(conditions=conditions) | Any(conditions=conditions):
            for part in conditions:
                yield from _asks(part, wanted=wanted, negated=negated)


def _of(
    alternative: _Alternative,
    is_naming: bool,
    command: int | None,
    mine: list[Deed],
    passages: tuple[Passage, ...],
    where: tuple[HookEvent, ToolCall, Place],
) -> Iterator[Objection]:
    effects = [ask for ask in alternative.asks if ask.predicate in _BY_PREDICATE]
    if not effects:
        yield from _by_action(alternative, mine)
    is_about_sending = any(_BY_PREDICATE[ask.predicate].aim is Aim.SEND for ask in effects)
    for ask in effects:
        row = _BY_PREDICATE[ask.predicate]
        if row.aim is Aim.SEND:
            if ask.predicate != "flow" or ask.arguments[-1] == _NETWORK:
                is_judged = ask.predicate == "flow" and not is_naming
                yield from _sent(command, passages, is_bound=alternative.is_bound, is_judged=is_judged)
        elif is_about_sending:
            # To read what must not be sent is nothing that was denied.
            continue
        elif row.is_final or not is_naming:
            asked = compile_condition(ask, loosens=False)
            for deed in mine:
                if deed.kind is row.kind and _target(deed) and asked(_alone(deed, where)) is Truth.YES:
                    yield Objection(row.aim, deed, is_judged=ask.predicate in _PLAIN and not is_naming)


def _by_action(alternative: _Alternative, mine: list[Deed]) -> Iterator[Objection]:
    named = {name for ask in alternative.asks if ask.predicate == "action" for name in ask.arguments}
    if not alternative.is_naming or (named and named.isdisjoint(_ACTIONS)):
        return
    for deed in mine:
        if deed.kind is EffectKind.DELETES and deed.target is not None and deed.action in DELETING:
            yield Objection(Aim.DESTROY, deed)
        elif deed.kind is EffectKind.MUTATES and deed.action in GRAVE:
            yield Objection(Aim.MUTATE, deed)


def _sent(
    command: int | None, passages: tuple[Passage, ...], *, is_bound: bool, is_judged: bool
) -> Iterator[Objection]:
    for passage in passages:
        source, sink = passage.source, passage.sink
        if sink.kind is EffectKind.CONNECTS and command in (source.command, sink.command):
            known = source if source.kind in (EffectKind.READS, EffectKind.READS_ENV) and source.target else None
            if known is not None or sink.target is not None:
                yield Objection(Aim.SEND, known, sink.target, is_bound, is_judged)


def _target(deed: Deed) -> bool:
    return deed.target is not None or deed.kind is EffectKind.MUTATES


def _alone(deed: Deed, where: tuple[HookEvent, ToolCall, Place]) -> Facts:
    """A call that does this and nothing else."""
    effect = Effect(
        deed.kind,
        _word(deed.target),
        deed.scope,
        recursive=deed.recursive,
        contents=deed.contents,
        object=deed.object,
        real=_word(deed.real),
    )
    return Facts(CallFacts(*where, None, (effect,)), None)


def _word(text: str | None) -> Word | None:
    return None if text is None else Word((text,), (0, len(text)), text)

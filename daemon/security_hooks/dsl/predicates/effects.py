"""What predicates about effects share: whose effects are looked at, and what several of them answer together."""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from security_hooks.dsl.predicates.signature import NO, UNKNOWN, YES, Matcher, without_command
from security_hooks.dsl.truth import Truth
from security_hooks.model.effect import Effect, EffectKind
from security_hooks.model.shell import Facts
from security_hooks.model.word import Word

# None: the effect is not one that the predicate is about.
Judge: TypeAlias = Callable[[Effect, Facts], "Truth | None"]
MOST_SHOWN = 5


def effects_of(facts: Facts) -> tuple[Effect, ...]:
    """The effects of the command, or of the tool call. A command may be a tool of its client in disguise."""
    command, own = facts.command, facts.call.effects
    if command is None:
        return own
    return (*command.effects, *own) if own else command.effects


def some(kinds: frozenset[EffectKind], judge: Judge) -> Matcher:
    """Whether one of the effects of these kinds is such a one."""

    def match(facts: Facts) -> Truth:
        best = NO
        for effect in effects_of(facts):
            if effect.kind in kinds:
                truth = judge(effect, facts)
                if truth is not NO and truth is not None:
                    # What is done only perhaps is never sure.
                    if truth is YES and effect.certain:
                        return YES
                    best = UNKNOWN
        return best if best is not NO or facts.command is not None else without_command(facts)

    return match


def every(kinds: frozenset[EffectKind], judge: Judge) -> Matcher:
    """Whether each effect of these kinds surely is such a one; asked where a YES makes the verdict looser."""

    def match(facts: Facts) -> Truth:
        worst: Truth | None = None
        for effect in effects_of(facts):
            if effect.kind in kinds:
                truth = judge(effect, facts)
                if truth is NO:
                    return NO
                if truth is None:
                    continue
                # What is done only perhaps, or perhaps somewhere else, vouches for nothing.
                if not effect.certain:
                    truth = UNKNOWN
                if worst is None or truth < worst:
                    worst = truth
        if worst is None:
            return NO if facts.command is not None else without_command(facts)
        return worst

    return match


def shows(kinds: frozenset[EffectKind]) -> Callable[[Facts], str]:
    """What `explain` prints: the effects of these kinds."""

    def show(facts: Facts) -> str:
        found = [effect for effect in effects_of(facts) if effect.kind in kinds]
        told = "; ".join(describe(effect) for effect in found[:MOST_SHOWN])
        return told or f"no such effect ({_listed(kinds)})"

    return show


def describe(effect: Effect) -> str:
    """`deletes /x (recursive, perhaps)`."""
    notes = [effect.object] if effect.object else []
    notes += [
        note
        for note, holds in (
            ("recursive", effect.recursive),
            ("its contents", effect.contents),
            ("sends", effect.sends),
            (effect.origin.value, effect.kind is EffectKind.EXECUTES),
            ("on another machine", effect.remote),
            ("perhaps", not effect.certain),
        )
        if holds
    ]
    target = "something" if effect.target is None else folded(effect.target)
    noted = f" ({', '.join(notes)})" if notes else ""
    return f"{effect.kind.value} {target}{noted}"


def folded(word: Word) -> str:
    """A word as text, holes as written."""
    return "".join(part if isinstance(part, str) else part.source for part in word.parts)


def _listed(kinds: Iterable[EffectKind]) -> str:
    return ", ".join(sorted(kind.value for kind in kinds))

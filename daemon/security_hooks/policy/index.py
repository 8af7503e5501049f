"""The rules in force, indexed so that a command asks only those that can match it, and of these only what it can meet.

What is asked about commands of one aspect is worked out at the first of them and kept. Patterns stand apart: one look
at a text tells which of them it may hold, which of nearly all texts is none.
"""

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, cast

from security_hooks.dsl.asking import compile_condition
from security_hooks.dsl.aspect import Aspect, aspect_of
from security_hooks.dsl.compile import CompiledRule
from security_hooks.dsl.needs import Need, need_of
from security_hooks.dsl.predicates.signature import Matcher
from security_hooks.dsl.recall import Question, key_of, question_of
from security_hooks.dsl.regex import Screen
from security_hooks.dsl.resolved import Recall
from security_hooks.dsl.texts import own_texts, whole_texts
from security_hooks.model.decision import Tier
from security_hooks.model.shell import Facts

# Aspects kept: a person's commands have some hundreds.
MOST_ASPECTS = 2_048
# Patterns of one screen: a save may change only so many at once.
PATTERNS_OF_SCREEN = 16
_RULES_AT_ONCE = 64

# A rule, and as much of its `match` as is to be asked.
Asking: TypeAlias = tuple[CompiledRule, Matcher]


@dataclass(frozen=True, slots=True)
class Asked:
    """Rules to ask, by what a match of theirs does: object (or watch), allow, or take findings away; and what is to be
    remembered of the command, by its key: conditions that rules ask of earlier calls.
    """

    objecting: tuple[Asking, ...] = ()
    allowing: tuple[Asking, ...] = ()
    excepting: tuple[Asking, ...] = ()
    remembering: tuple[tuple[str, Matcher], ...] = ()


@dataclass(frozen=True, slots=True)
class Remembered:
    """A condition that rules ask of earlier calls, under its key; and what a command must be to meet it."""

    key: str
    meets: Matcher
    need: Need | None


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """`rules` in an order that means nothing but never changes. `by_program` holds the positions of those that name
    their programs one by one, `others` those of the rest; `patterned` the rules of each pattern. `is_dated`: one of
    them holds until some day. `questions` are what rules ask of earlier calls.
    """

    rules: tuple[CompiledRule, ...]
    by_program: Mapping[str, Sequence[int]]
    others: tuple[int, ...]
    patterned: Mapping[str, Sequence[CompiledRule]]
    screens: tuple[Screen, ...]
    everything: Asked
    is_dated: bool
    remembered: tuple[Remembered, ...]
    questions: tuple[Question, ...]
    _known: dict[Aspect, Asked] = field(default_factory=dict)

    def asked(self, facts: Facts) -> Asked:
        """The rules that can match, but for those that do by their patterns alone: see `sighted`."""
        aspect = aspect_of(facts)
        if aspect is None:
            return self.everything
        known = self._known.get(aspect)
        if known is None:
            if len(self._known) >= MOST_ASPECTS:
                self._known.clear()
            remembering = (one for one in self.remembered if one.need is None or one.need(aspect))
            known = self._known[aspect] = _by_tier(self._narrowed(aspect), remembering)
        return known

    def sighted(self, facts: Facts) -> tuple[CompiledRule, ...]:
        """The rules of which a pattern may be found in the call or this command: they must be asked whole."""
        if not self.screens:
            return ()
        memo = facts.call.memo
        found = cast("dict[str, None] | None", memo.get(self))
        if found is None:
            found = memo[self] = dict.fromkeys(self._possible(whole_texts(facts.call)))
        own = own_texts(facts)
        if own:
            found = found | dict.fromkeys(self._possible(own))
        if not found:
            return ()
        rules = {id(rule): rule for pattern in found for rule in self.patterned[pattern]}
        return tuple(rules.values())

    def _possible(self, texts: Iterable[bytes]) -> Iterable[str]:
        return (pattern for text in texts for screen in self.screens for pattern in screen.possible(text))

    def _narrowed(self, aspect: Aspect) -> Iterable[Asking]:
        positions: Iterable[int] = range(len(self.rules))
        if aspect.is_named:
            named = (self.by_program.get(program, ()) for program in aspect.programs)
            positions = sorted({*self.others, *(position for found in named for position in found)})
        for position in positions:
            rule = self.rules[position]
            match = rule.narrowed(aspect)
            if match is not None:
                yield rule, match


def index_in_steps(rules: Sequence[CompiledRule], previous: Index | None = None) -> Generator[None, None, Index]:
    """The index of rules, which are in a stable order, as the generator's return value.

    Screens of `previous` whose patterns all stand are taken over.
    """
    by_program: dict[str, list[int]] = {}
    others: list[int] = []
    patterned: dict[str, list[CompiledRule]] = {}
    for position, rule in enumerate(rules):
        if position % _RULES_AT_ONCE == 0:
            yield
        for pattern in rule.patterns:
            patterned.setdefault(pattern, []).append(rule)
        programs = rule.programs
        if programs is None:
            others.append(position)
        else:
            for program in programs:
                by_program.setdefault(program, []).append(position)
    screens = yield from _screens(tuple(patterned), () if previous is None else previous.screens)
    recalls = {question_of(recall): recall for rule in rules for recall in rule.recalls}
    remembered = _remembered(recalls.values())
    everything = _by_tier(((rule, rule.match) for rule in rules), remembered)
    is_dated = any(rule.rule.until is not None for rule in rules)
    return Index(
        tuple(rules), by_program, tuple(others), patterned, screens, everything, is_dated, remembered, tuple(recalls)
    )


def _screens(patterns: Sequence[str], before: Iterable[Screen]) -> Generator[None, None, tuple[Screen, ...]]:
    """Screens of these patterns, as many from `before` as are full and still hold nothing else."""
    wanted = frozenset(patterns)
    screens = [
        screen for screen in before if len(screen.patterns) == PATTERNS_OF_SCREEN and wanted.issuperset(screen.patterns)
    ]
    left = wanted.difference(*(screen.patterns for screen in screens))
    rest = [pattern for pattern in patterns if pattern in left]
    for start in range(0, len(rest), PATTERNS_OF_SCREEN):
        yield
        screens.append(Screen(rest[start : start + PATTERNS_OF_SCREEN]))
    return tuple(screens)


def _remembered(recalls: Iterable[Recall]) -> tuple[Remembered, ...]:
    conditions = {key_of(recall.condition): recall.condition for recall in recalls}
    return tuple(
        Remembered(key, compile_condition(condition, loosens=False), need_of(condition))
        for key, condition in conditions.items()
    )


def _by_tier(asking: Iterable[Asking], remembered: Iterable[Remembered]) -> Asked:
    objecting: list[Asking] = []
    allowing: list[Asking] = []
    excepting: list[Asking] = []
    for rule, match in asking:
        match rule.rule.tier:
            case Tier.ALLOW:
                allowing.append((rule, match))
            case Tier.EXCEPT:
                excepting.append((rule, match))
            case _:
                objecting.append((rule, match))
    return Asked(tuple(objecting), tuple(allowing), tuple(excepting), tuple((one.key, one.meets) for one in remembered))

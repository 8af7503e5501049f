"""A resolved rule to a compiled one: what the daemon asks about each command of each call."""

from collections.abc import Callable
from dataclasses import dataclass

from security_hooks.dsl.asking import any_of, compile_condition, known_predicate
from security_hooks.dsl.aspect import Aspect
from security_hooks.dsl.coverage import is_plain, speaks_of_wrappers
from security_hooks.dsl.explain import Explanation, explain_rule
from security_hooks.dsl.globs import Globs, globs
from security_hooks.dsl.needs import Need, need_of, need_of_tools, programs_of_any
from security_hooks.dsl.nudge import fill
from security_hooks.dsl.predicates.signature import Matcher
from security_hooks.dsl.predicates.tool import is_tool
from security_hooks.dsl.recall import recalls_in
from security_hooks.dsl.resolved import All, Any, Ask, Condition, Not, Pattern, Recall, ResolvedRule
from security_hooks.dsl.truth import Truth
from security_hooks.model.decision import Tier
from security_hooks.model.shell import Facts

__all__ = ["LOOSENING", "CompiledRule", "Explanation", "compile_rule"]

LOOSENING = frozenset({Tier.ALLOW, Tier.EXCEPT})
_NO, _UNKNOWN, _YES = Truth.NO, Truth.UNKNOWN, Truth.YES


def _unchanged(match: Matcher) -> Matcher:
    return match


@dataclass(frozen=True, slots=True)
class Alternative:
    """One `match` line of a rule: what a command must be to meet it, or that it is a pattern.

    Patterns of `allow` and `except` rules are like any condition: those look at one command alone.
    """

    match: Matcher
    need: Need | None
    pattern: str | None


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule that can be asked. `match` counts everything in: `on`, `client`, `match`, `unless`.

    An `allow` or `except` rule never answers UNKNOWN. `asks` says whether an UNKNOWN that `match` gave is worth a
    question. `need` is that of the `on` clause; `finish` makes of some of the alternatives a matcher that counts in all
    the rest. `programs` are the only ones that meet an alternative that is no pattern, where the rule names them one by
    one; `recalls` is what it asks of earlier calls. Without alternatives the rule must be asked about everything.
    """

    rule: ResolvedRule
    match: Matcher
    asks: Callable[[Facts], bool]
    alternatives: tuple[Alternative, ...] = ()
    need: Need | None = None
    finish: Callable[[Matcher], Matcher] = _unchanged
    programs: frozenset[str] | None = None
    recalls: tuple[Recall, ...] = ()

    def narrowed(self, aspect: Aspect) -> Matcher | None:
        """What answers as `match` does for all commands of this aspect in which no pattern of the rule is found; None
        where that is NO for all of them.
        """
        if not self.alternatives:
            return self.match
        if self.need is not None and not self.need(aspect):
            return None
        met = [
            alternative.match
            for alternative in self.alternatives
            if alternative.pattern is None and (alternative.need is None or alternative.need(aspect))
        ]
        if not met:
            return None
        return self.match if len(met) == len(self.alternatives) else self.finish(any_of(met))

    @property
    def patterns(self) -> tuple[str, ...]:
        """The patterns that may be found anywhere."""
        return tuple(alternative.pattern for alternative in self.alternatives if alternative.pattern is not None)

    def fill_nudge(self, facts: Facts) -> str:
        """The nudge for these facts."""
        return fill(self.rule.nudge, self.rule.name, facts)

    def explain(self, facts: Facts) -> Explanation:
        """How `match` comes to its answer."""
        return explain_rule(self.rule, self.match(facts), facts, loosens=self.rule.tier in LOOSENING)


def compile_rule(rule: ResolvedRule) -> CompiledRule:
    """Compile one rule. Raises PolicyError where it was resolved by a version with other predicates."""
    loosens = rule.tier in LOOSENING
    alternatives = tuple(_alternative(condition, loosens=loosens) for condition in rule.matches)
    finish = _finish(rule)
    match = finish(any_of([alternative.match for alternative in alternatives]))
    recalls = tuple(recalls_in((*rule.matches, *rule.unless)))
    pairs = zip(rule.matches, alternatives, strict=True)
    programs = programs_of_any([condition for condition, alternative in pairs if alternative.pattern is None])
    return CompiledRule(rule, match, _asks(rule), alternatives, need_of_tools(rule.tools), finish, programs, recalls)


def _alternative(condition: Condition, *, loosens: bool) -> Alternative:
    pattern = condition.pattern if isinstance(condition, Pattern) and not loosens else None
    return Alternative(compile_condition(condition, loosens=loosens), need_of(condition), pattern)


def _finish(rule: ResolvedRule) -> Callable[[Matcher], Matcher]:
    """What a rule says besides its `match` lines."""
    exceptions = tuple(compile_condition(condition, loosens=True) for condition in rule.unless)
    tools = globs(rule.tools) if rule.tools else None
    clients = globs(rule.clients) if rule.clients else None
    wrapped = all(map(speaks_of_wrappers, rule.matches))

    def finish(matches: Matcher) -> Matcher:
        match = _except_where(matches, exceptions)
        if rule.tier is Tier.ALLOW:
            match = _plain_only(match, wrapped=wrapped)
        if rule.tier in LOOSENING:
            match = _known_only(match)
        return _within(match, tools, clients) if tools is not None or clients is not None else match

    return finish


def _except_where(matches: Matcher, exceptions: tuple[Matcher, ...]) -> Matcher:
    if not exceptions:
        return matches
    excepted = any_of(exceptions)

    def match(facts: Facts) -> Truth:
        truth = matches(facts)
        return _NO if truth is not _NO and excepted(facts) is _YES else truth

    return match


def _plain_only(matches: Matcher, *, wrapped: bool) -> Matcher:
    def match(facts: Facts) -> Truth:
        truth = matches(facts)
        return truth if truth is _NO or is_plain(facts, wrapped=wrapped) else _NO

    return match


def _known_only(matches: Matcher) -> Matcher:
    return lambda facts: _YES if matches(facts) is _YES else _NO


def _within(matches: Matcher, tools: Globs | None, clients: Globs | None) -> Matcher:
    def match(facts: Facts) -> Truth:
        call = facts.call
        if clients is not None and not clients.match(call.event.client):
            return _NO
        if tools is not None and not is_tool(tools, call.tool):
            return _NO
        return matches(facts)

    return match


def _asks(rule: ResolvedRule) -> Callable[[Facts], bool]:
    """Without an `unknown` clause, only a doubt of a predicate that asks is worth a question.

    `command("cat") and argument("*.pem")` doubts `cat "$F"` because of the argument, and `$F x.pem` because of the
    program: the first is recorded, the second asked about.
    """
    if rule.unknown_given or not rule.unknown_asks:
        return lambda _facts: rule.unknown_asks
    doubting = tuple(
        compile_condition(ask, loosens=loosens)
        for condition in rule.matches
        for ask, loosens in _leaves(condition, loosens=False)
        if known_predicate(ask.predicate).asks
    )
    return lambda facts: any(matcher(facts) is _UNKNOWN for matcher in doubting)


def _leaves(condition: Condition, *, loosens: bool) -> tuple[tuple[Ask, bool], ...]:
    match condition:
        case Ask():
            return ((condition, loosens),)
        case Not(condition=inner):
            return _leaves(inner, loosens=not loosens)
        case All(conditions=conditions) | Any(conditions=conditions):
            return tuple(leaf for part in conditions for leaf in _leaves(part, loosens=loosens))
        case Pattern() | Recall():
            return ()

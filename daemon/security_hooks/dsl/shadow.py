"""Rules that another rule makes idle: shadowed by a stricter one, lifted by an exception, opposed by an objection.

What is said is proved (`implication.py`), for every call; most of what is so is not said.
"""

from collections.abc import Iterable, Sequence

from security_hooks.dsl.asking import known_predicate
from security_hooks.dsl.clauses import SELF_PROTECTION
from security_hooks.dsl.compile import LOOSENING
from security_hooks.dsl.complaints import Complaints, quoted
from security_hooks.dsl.coverage import speaks_of_wrappers
from security_hooks.dsl.implication import Asked, implies
from security_hooks.dsl.resolved import All, Any, Ask, Condition, Not, Pattern, Recall, ResolvedRule
from security_hooks.dsl.scope import LAYERS
from security_hooks.dsl.syntax import At
from security_hooks.model.decision import Tier

_STRICTER = {
    Tier.BLOCK: frozenset({Tier.BLOCK}),
    Tier.SUSPICIOUS: frozenset({Tier.BLOCK, Tier.SUSPICIOUS}),
    Tier.ALLOW: frozenset({Tier.ALLOW}),
    Tier.WATCH: frozenset({Tier.WATCH}),
    Tier.EXCEPT: frozenset({Tier.EXCEPT}),
}
_OBJECTING = frozenset({Tier.BLOCK, Tier.SUSPICIOUS})


def lint_shadows(rules: Sequence[ResolvedRule], complaints: Complaints) -> None:
    """Tell of every rule that does nothing which another does not do as well."""
    exceptions = [rule for rule in rules if rule.tier is Tier.EXCEPT]
    for position, rule in enumerate(rules):
        for other_position, other in enumerate(rules):
            if other is rule or other.tier not in _STRICTER[rule.tier] or not _may_shadow(other, rule, exceptions):
                continue
            if not _covers(other, rule):
                continue
            # Of two that say the same, the later is the one too many; twins are told as such.
            is_twin = rule.tier is other.tier and _covers(rule, other)
            if not is_twin or (position > other_position and not _same_words(rule, other)):
                message = f"{quoted(other.name)} at {other.file}:{other.line} matches whenever {quoted(rule.name)} does"
                hint = "leave one of them out, unless its nudge, severity or tags are worth having"
                complaints.warn(rule.file, At(rule.line, 1), "shadowed", message, hint)
                break


def lint_contradictions(rules: Sequence[ResolvedRule], complaints: Complaints) -> None:
    """Tell of exceptions that leave nothing certain of a rule, and of approvals that a rule always objects to."""
    judging = [rule for rule in rules if rule.tier in _OBJECTING]
    lifted_names = {name for rule in rules for name in rule.removes}
    lasting = [rule for rule in judging if rule.name not in lifted_names]
    for rule in rules:
        if rule.tier is Tier.EXCEPT:
            for lifted in judging:
                if lifted.name in rule.removes and _swallows(rule, lifted):
                    message = f"the exception {quoted(rule.name)} takes away all that {quoted(lifted.name)} is sure of"
                    hint = f"ask for less, or name {quoted(lifted.name)} in `[rules] disabled`"
                    complaints.warn(rule.file, At(rule.line, 1), "contradiction", message, hint)
        elif rule.tier is Tier.ALLOW:
            opposed = next((other for other in lasting if _opposes(other, rule)), None)
            if opposed is not None:
                message = f"{quoted(rule.name)} allows nothing: {quoted(opposed.name)} objects to all that it matches"
                hint = f"write an `except` for {quoted(opposed.name)}"
                complaints.warn(rule.file, At(rule.line, 1), "contradiction", message, hint)


def _may_shadow(other: ResolvedRule, rule: ResolvedRule, exceptions: Iterable[ResolvedRule]) -> bool:
    # A layer may come and go without those below it (a project's does).
    if LAYERS.index(other.layer) > LAYERS.index(rule.layer):
        return False
    if SELF_PROTECTION in rule.tags and SELF_PROTECTION not in other.tags:
        return False
    if rule.tier is Tier.EXCEPT:
        lasts = other.until is None or (rule.until is not None and other.until >= rule.until)
        return lasts and set(rule.removes) <= set(other.removes)
    # What lifts the other's findings alone leaves this one's standing.
    return not any(other.name in lifting.removes and rule.name not in lifting.removes for lifting in exceptions)


def _covers(other: ResolvedRule, rule: ResolvedRule) -> bool:
    """Whether the other matches, as surely, whatever the rule matches."""
    surely = rule.tier in LOOSENING
    return (
        _reaches(other, rule)
        and (surely or _asks_as_much(other, rule))
        and (rule.tier is not Tier.ALLOW or _passes_wrapped(other, rule))
        and all(_implied(condition, other.matches, surely, surely) for condition in rule.matches)
        and all(_implied(let_off, rule.unless, True, True) for let_off in other.unless)
    )


def _passes_wrapped(other: ResolvedRule, rule: ResolvedRule) -> bool:
    # An approval that does not speak of wrappers covers no command that has one.
    return all(map(speaks_of_wrappers, other.matches)) or not all(map(speaks_of_wrappers, rule.matches))


def _swallows(exception: ResolvedRule, rule: ResolvedRule) -> bool:
    return (
        _reaches(exception, rule)
        and not exception.unless
        and exception.until is None
        and all(_implied(condition, exception.matches, True, True) for condition in rule.matches)
    )


def _opposes(other: ResolvedRule, rule: ResolvedRule) -> bool:
    return (
        _reaches(other, rule)
        and not other.unless
        and LAYERS.index(other.layer) <= LAYERS.index(rule.layer)
        and all(_implied(condition, other.matches, True, False) for condition in rule.matches)
    )


def _reaches(other: ResolvedRule, rule: ResolvedRule) -> bool:
    """Whether the other is about every tool and client that the rule is about."""
    return all(
        not wider or (narrower and set(narrower) <= set(wider))
        for wider, narrower in ((other.tools, rule.tools), (other.clients, rule.clients))
    )


def _implied(condition: Condition, others: Sequence[Condition], surely: bool, other_surely: bool) -> bool:
    # Several `match` lines are alternatives, as the parts of an `or` are.
    return implies(Asked(condition, surely), Asked(Any(tuple(others)), other_surely))


def _asks_as_much(other: ResolvedRule, rule: ResolvedRule) -> bool:
    """Whether a doubt that makes the rule ask makes the other ask, too."""
    if not rule.unknown_asks:
        return True
    if not other.unknown_asks:
        return False
    return other.unknown_given or all(map(_all_ask, other.matches))


def _all_ask(condition: Condition) -> bool:
    match condition:
        case Ask(predicate=name):
            return known_predicate(name).asks
        case Not(condition=inner):
            return _all_ask(inner)
        case All(conditions=conditions) | Any(conditions=conditions):
            return all(map(_all_ask, conditions))
        case Recall():
            return False
        case Pattern():
            return True


def _same_words(rule: ResolvedRule, other: ResolvedRule) -> bool:
    return (rule.matches, rule.unless, rule.tools, rule.clients) == (
        other.matches,
        other.unless,
        other.tools,
        other.clients,
    )

"""Resolved conditions to closures over one `Facts`.

`loosens` says that a YES of this condition makes the verdict looser: it stands in an `allow`, an `unless` or an
`except`, or under a `not` elsewhere. Predicates then answer YES only where they are sure, and patterns look at
commands alone: neither a script's other commands nor what a tool would write may vouch for anything.
"""

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import cast

from security_hooks.dsl.marks import ARGUMENTS, COMMAND, marks_of
from security_hooks.dsl.predicates import predicate_named
from security_hooks.dsl.predicates.signature import Cost, Matcher, Predicate, without_command
from security_hooks.dsl.recall import recall_matcher
from security_hooks.dsl.regex import Searcher, compile_pattern, encode
from security_hooks.dsl.resolved import All, Any, Ask, Condition, Not, Pattern, Recall
from security_hooks.dsl.texts import own_texts, whole_texts
from security_hooks.dsl.truth import Truth, negate
from security_hooks.model.diagnostic import Diagnostic, PolicyError
from security_hooks.model.shell import Facts

NO, UNKNOWN, YES = Truth.NO, Truth.UNKNOWN, Truth.YES
_NOT_YET = object()


def compile_condition(condition: Condition, *, loosens: bool) -> Matcher:
    """The matcher of a resolved condition. Raises PolicyError for a predicate that does not exist."""
    match condition:
        case Pattern(pattern=pattern):
            searcher = compile_pattern(pattern)
            return _search_surely(searcher) if loosens else _search(searcher)
        case Ask(predicate=name, arguments=arguments):
            predicate = known_predicate(name)
            build = predicate.build_sure if loosens and predicate.build_sure is not None else predicate.build
            return build(arguments)
        case Recall(condition=inner):
            return recall_matcher(condition, compile_condition(inner, loosens=loosens), loosens=loosens)
        case Not(condition=inner):
            return _not(compile_condition(inner, loosens=not loosens))
        case All(conditions=conditions):
            # The cheapest first: the first NO is the answer.
            parts = [part for part in sorted(conditions, key=_cost) if not _denied_marks(part)]
            denied = [part for part in conditions if _denied_marks(part)]
            matchers = tuple(compile_condition(part, loosens=loosens) for part in parts)
            if not denied:
                return _all(matchers)
            none_of = _none_of(
                reduce(or_, map(_denied_marks, denied)),
                _all(tuple(compile_condition(part, loosens=loosens) for part in denied)),
            )
            return _all((*matchers, none_of))
        case Any(conditions=conditions):
            return any_of(tuple(compile_condition(part, loosens=loosens) for part in conditions))


def _denied_marks(condition: Condition) -> int:
    """Of `not reads(..)` and its like the marks without which it holds; 0 of anything else."""
    match condition:
        case Not(condition=Ask(predicate=name, arguments=arguments)):
            needed = known_predicate(name).marks
            marks = 0 if needed is None else needed(arguments) or 0
            # What every command has would lead each of them to all of these conditions.
            return 0 if marks & (COMMAND | ARGUMENTS) else marks
        case _:
            return 0


def _none_of(marks: int, matcher: Matcher) -> Matcher:
    """Several such conditions at once: a command without any of the marks need not be asked about each."""

    def match(facts: Facts) -> Truth:
        return YES if facts.command is not None and not marks & marks_of(facts) else matcher(facts)

    return match


def _cost(condition: Condition) -> Cost:
    match condition:
        case Ask(predicate=name):
            return known_predicate(name).cost
        case Not(condition=inner):
            return _cost(inner)
        case Pattern() | Recall():
            return Cost.TEXTS
        case All(conditions=conditions) | Any(conditions=conditions):
            return max(map(_cost, conditions), default=Cost.LOOK)


def known_predicate(name: str) -> Predicate:
    """The predicate of this name. Raises PolicyError where rules were resolved by another version."""
    predicate = predicate_named(name)
    if predicate is None:
        raise PolicyError((Diagnostic("", 0, 0, "unknown-name", f"`{name}` is not a predicate"),))
    return predicate


def any_of(matchers: Sequence[Matcher]) -> Matcher:
    """`or`."""
    if len(matchers) == 1:
        return matchers[0]

    def match(facts: Facts) -> Truth:
        best = NO
        for matcher in matchers:
            truth = matcher(facts)
            if truth is YES:
                return YES
            if truth is UNKNOWN:
                best = UNKNOWN
        return best

    return match


def _all(matchers: Sequence[Matcher]) -> Matcher:
    def match(facts: Facts) -> Truth:
        worst = YES
        for matcher in matchers:
            truth = matcher(facts)
            if truth is NO:
                return NO
            if truth is UNKNOWN:
                worst = UNKNOWN
        return worst

    return match


def _not(matcher: Matcher) -> Matcher:
    return lambda facts: negate(matcher(facts))


def _search(searcher: Searcher) -> Matcher:
    search = searcher.search
    key = object()

    def match(facts: Facts) -> Truth:
        call = facts.call
        # Texts that were searched in vain: scripts repeat themselves.
        searched = cast("set[bytes] | None", call.memo.get(key, _NOT_YET))
        if searched is _NOT_YET:
            whole = whole_texts(call)
            searched = None if any(map(search, whole)) else set(whole)
            call.memo[key] = searched
        if searched is None:
            return YES
        for text in own_texts(facts):
            if text not in searched:
                if search(text):
                    return YES
                searched.add(text)
        return NO

    return match


def _search_surely(searcher: Searcher) -> Matcher:
    search = searcher.search

    def match(facts: Facts) -> Truth:
        command = facts.command
        if command is None:
            return without_command(facts)
        if not any(search(encode(text)) for text in {command.text, command.folded}):
            return NO
        return YES if all(word.literal is not None for word in command.words) else UNKNOWN

    return match

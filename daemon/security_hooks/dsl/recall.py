"""Predicates about earlier calls: what must be remembered for them, and how they are answered.

What a rule asks about the past is a question: how many earlier calls of the session met a condition. Memory counts the
calls that met it while the rule was in force; here is only what to count, and what the count is worth.
"""

from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from typing import cast

import msgspec

from security_hooks.dsl.predicates.signature import Matcher
from security_hooks.dsl.resolved import All, Any, Condition, Not, Recall
from security_hooks.dsl.truth import Truth
from security_hooks.model.session import Count
from security_hooks.model.shell import CallFacts, Facts

AFTER, COUNT, FIRST_TIME = "after", "count", "first_time"
MOST_COUNTED = 1_000
_NO, _YES = Truth.NO, Truth.YES
_NOTHING = Count("", 0, 0)


class Question(msgspec.Struct, frozen=True, gc=False):
    """How many calls met the condition that `key` stands for, within `seconds` (0: ever), counted up to `most`."""

    name: str
    key: str
    seconds: int
    most: int


def question_of(recall: Recall) -> Question:
    """What memory is asked."""
    key = key_of(recall.condition)
    most = recall.more_than + 1
    return Question(f"{key}/{recall.seconds}/{most}", key, recall.seconds, most)


def key_of(condition: Condition) -> str:
    """A name for the condition: the same for conditions that say the same in the same words."""
    return blake2b(msgspec.msgpack.encode(condition), digest_size=12).hexdigest()


def recalls_in(conditions: Iterable[Condition]) -> Iterator[Recall]:
    """Every predicate about earlier calls in the conditions, those inside of others too."""
    waiting = list(conditions)
    while waiting:
        match waiting.pop():
            case Recall(condition=inner) as recall:
                yield recall
                waiting.append(inner)
            case Not(condition=inner):
                waiting.append(inner)
            case All(conditions=parts) | Any(conditions=parts):
                waiting += parts
            case _:
                pass


def recall_matcher(recall: Recall, meets: Matcher, *, loosens: bool) -> Matcher:
    """The matcher; `meets` is that of the inner condition."""
    question = question_of(recall)
    answer = _ANSWERS[recall.predicate](question, meets)
    return answer.surely if loosens else answer.perhaps


class _Answers:
    """A predicate's two matchers: `surely` where a YES makes the verdict looser."""

    __slots__ = ("perhaps", "surely")

    def __init__(self, perhaps: Matcher, surely: Matcher) -> None:
        self.perhaps = perhaps
        self.surely = surely


def _after(question: Question, meets: Matcher) -> _Answers:
    def perhaps(facts: Facts) -> Truth:
        if _count(facts, question).times:
            return _YES
        return _YES if _met_before(facts, question.key, meets) else _NO

    # That a command stands before another in one script does not say that it ran, or how it ended.
    return _Answers(perhaps, lambda facts: _YES if _count(facts, question).sure else _NO)


def _counted(question: Question, meets: Matcher) -> _Answers:
    def perhaps(facts: Facts) -> Truth:
        times = _count(facts, question).times
        if times >= question.most:
            return _YES
        is_met = bool(met_by(facts.call, question.key, meets)) if times + 1 == question.most else False
        return _YES if is_met else _NO

    return _Answers(perhaps, lambda facts: _YES if _count(facts, question).sure >= question.most else _NO)


def _first(question: Question, meets: Matcher) -> _Answers:
    def perhaps(facts: Facts) -> Truth:
        if _count(facts, question).times:
            return _NO
        truth = meets(facts)
        return _NO if truth is _NO or _met_before(facts, question.key, meets) else truth

    return _Answers(perhaps, perhaps)


_ANSWERS: dict[str, Callable[[Question, Matcher], _Answers]] = {AFTER: _after, COUNT: _counted, FIRST_TIME: _first}


def _count(facts: Facts, question: Question) -> Count:
    name = question.name
    for count in facts.call.session.counts:
        if count.question == name:
            return count
    return _NOTHING


def _met_before(facts: Facts, key: str, meets: Matcher) -> bool:
    """Whether an earlier command of the same script meets the condition."""
    command = facts.command
    if command is None or not command.index:
        return False
    return any(index < command.index for index in met_by(facts.call, key, meets))


def met_by(call: CallFacts, key: str, meets: Matcher) -> tuple[int, ...]:
    """The numbers of the call's commands that meet the condition, 0 for a call without any; worked out once."""
    memo_key = ("met", key)
    known = call.memo.get(memo_key)
    if known is None:
        # First, because conditions about earlier calls may stand in each other.
        call.memo[memo_key] = ()
        commands = () if call.script is None else call.script.commands
        if commands:
            found = tuple(command.index for command in commands if meets(Facts(call, command)) is _YES)
        else:
            found = (0,) if meets(Facts(call, None)) is _YES else ()
        known = call.memo[memo_key] = found
    return cast("tuple[int, ...]", known)

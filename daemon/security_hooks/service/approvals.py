"""Lines of the audit log to what became of each ask: it ran, so a person approved it, or it is not known to have run.
The same of what would have been asked about in observe mode, where nobody approved what ran.

What ran with another input than was asked about was not approved.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from security_hooks.insight.answers import Answer, Answered, Joiner
from security_hooks.insight.ask_event import Ask, AskEvent, ask_event
from security_hooks.service.recall import Case, recall

# What a line tells of asks, by `since`: `ask_event`, or `observed_event` for what would have been asked.
Reader: TypeAlias = Callable[[bytes, str], AskEvent | None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """An ask, when it was put (as the log writes times), and whether it is known to have run. `is_blind`: it was
    approved before anybody can have read it.
    """

    case: Case
    at: str
    ran: bool
    is_blind: bool = False


def outcomes(
    lines: Iterable[bytes], home: str, blind_ms: int, since: str = "", read: Reader = ask_event
) -> Iterator[Outcome]:
    """What became of each ask since then that was put to a person or permitted by one, as far as its call can be
    recalled; in the order in which they were put.
    """
    joiner = Joiner()
    cases: dict[int, Case] = {}
    for line in lines:
        event = read(line, since)
        if event is None:
            continue
        if isinstance(event, Ask):
            case = recall(line, home)
            if isinstance(case, Case):
                cases[event.seq] = case
        yield from _recalled(joiner.take(event), cases, blind_ms)
    yield from _recalled(joiner.rest(), cases, blind_ms)


def _recalled(found: Iterable[Answered], cases: dict[int, Case], blind_ms: int) -> Iterator[Outcome]:
    for answered in found:
        case = cases.pop(answered.ask.seq, None)
        if case is not None and (answered.ask.is_put or answered.answer is Answer.PERMITTED):
            yield Outcome(case, answered.ask.at, answered.ran_as_asked, answered.is_blind(blind_ms))

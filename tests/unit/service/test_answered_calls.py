import pytest

from security_hooks.model.event import ToolCall, ToolKind
from security_hooks.model.transcript import ToolUse
from security_hooks.service.answered_calls import MOST, AnsweredCalls, Match

CALL = ToolCall("Bash", ToolKind.SHELL, "id", script="ls")
USE = ToolUse("k", "Bash", "id", "", 1.0)


@pytest.mark.parametrize(
    ("denied", "ran", "match"),
    [
        ([], True, Match.NOTHING),
        ([], False, Match.NOTHING),
        ([False], True, Match.LET_RUN),
        ([True], True, Match.DENIED),
        ([True], False, Match.DENIED),
        ([False], False, Match.LET_RUN),
        ([True, False], True, Match.LET_RUN),
        ([False, True], False, Match.DENIED),
    ],
)
def test_an_answer_that_fits_is_taken(denied: list[bool], ran: bool, match: Match) -> None:
    answered = AnsweredCalls()
    for is_denied in denied:
        answered.add(CALL, is_denied=is_denied)
    assert answered.take(USE, ran=ran) is match


def test_each_answer_is_taken_once() -> None:
    answered = AnsweredCalls()
    for _ in range(2):
        answered.add(CALL, is_denied=False)
    assert [answered.take(USE, ran=True) for _ in range(3)] == [Match.LET_RUN, Match.LET_RUN, Match.NOTHING]


def test_the_oldest_is_forgotten() -> None:
    answered = AnsweredCalls()
    for number in range(MOST + 1):
        answered.add(ToolCall("Bash", ToolKind.SHELL, str(number)), is_denied=False)
    uses = [ToolUse("k", "Bash", str(number), "", 1.0) for number in (0, 1, MOST)]
    assert [answered.take(use, ran=True) for use in uses] == [Match.NOTHING, Match.LET_RUN, Match.LET_RUN]

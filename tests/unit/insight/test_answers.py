from collections.abc import Callable

import pytest
from msgspec.structs import replace
from tests.logs.asks import CLAUDE, CODEX, GEMINI, AskLog

from security_hooks.insight.answers import MOST_HELD, Answer, Joiner, answers
from security_hooks.insight.ask_event import AskEvent, ask_event
from security_hooks.model.record import RecordKind

APPROVED, PERMITTED, REJECTED, UNANSWERED = Answer
Told = tuple[Answer, int | None, bool, bool]
NOTHING: Told = (UNANSWERED, None, False, False)


def events(log: AskLog) -> list[AskEvent]:
    return [event for event in map(ask_event, log.lines) if event is not None]


def told(log: AskLog) -> list[Told]:
    """Answer, milliseconds, whether these are exact, and whether the call ran as it was asked about."""
    return [
        (each.answer, each.wait_ms, each.is_exact, each.ran_as_asked)
        for each in sorted(answers(events(log)), key=lambda each: each.ask.seq)
    ]


def approved(log: AskLog) -> None:
    log.ask(0)
    log.ran(10, took=7_000)


def approved_in_a_client_that_tells_no_times(log: AskLog) -> None:
    log.ask(0, client=GEMINI)
    log.ran(10, client=GEMINI)


def rejected(log: AskLog) -> None:
    log.ask(0)
    log.prompt(60)


def nobody_answered(log: AskLog) -> None:
    log.ask(0)
    log.prompt(60, session_id="another")
    log.prompt(60, client=GEMINI)


def a_prompt_while_it_runs(log: AskLog) -> None:
    log.ask(0)
    log.prompt(60)
    log.ran(70, took=69_000)


def a_sub_agents_ask(log: AskLog) -> None:
    log.ask(0, call="a", agent_id="sub")
    log.ask(1, call="b", agent_id="sub")
    log.ran(4, call="b", took=1_000, agent_id="sub")
    log.prompt(9)


def sessions_at_once(log: AskLog) -> None:
    log.ask(0, call="a", session_id="one")
    log.ask(1, call="a", session_id="two")
    log.ask(2, call="a", client=GEMINI)
    log.ran(3, call="a", session_id="two")
    log.ran(5, call="a", client=GEMINI)
    log.ran(9, call="a", session_id="one", took=1_000)


def the_same_command_twice_by_id(log: AskLog) -> None:
    log.ask(0, call="a")
    log.ask(1, call="b")
    log.ran(2, call="b")


def the_same_command_twice_by_content(log: AskLog) -> None:
    log.ask(0, client=GEMINI)
    log.ask(1, client=GEMINI)
    log.ran(2, client=GEMINI)
    log.ran(3, client=GEMINI)


def asked_again_and_then_told_otherwise(log: AskLog) -> None:
    log.ask(0, client=GEMINI)
    log.ask(1, client=GEMINI)
    log.prompt(5, client=GEMINI)


def let_through_the_second_time(log: AskLog) -> None:
    log.ask(0, client=GEMINI)
    log.passes(1, client=GEMINI)
    log.ran(2, client=GEMINI)


def rewritten(log: AskLog) -> None:
    log.ask(0)
    log.ran(3, "frob --gently")


def denied_and_nothing_more(log: AskLog) -> None:
    log.ask(0, client=CODEX)
    log.prompt(60, client=CODEX)


def denied_and_run_all_the_same(log: AskLog) -> None:
    log.ask(0, client=CODEX)
    log.ran(60, client=CODEX)


def permitted_and_run(log: AskLog) -> None:
    digest = log.ask(0, client=CODEX)
    log.permit(30, digest)
    log.takes_permit(31, client=CODEX)
    log.ran(40, call="t2", client=CODEX)


def permitted_by_content(log: AskLog) -> None:
    digest = log.ask(0, client=GEMINI, answered="deny")
    log.permit(30, digest)
    log.takes_permit(31, client=GEMINI)
    log.ran(40, client=GEMINI)


def permitted_and_never_run(log: AskLog) -> None:
    log.permit(30, log.ask(0, client=CODEX))


def permitted_by_a_record_that_is_lost(log: AskLog) -> None:
    log.ask(0, client=CODEX)
    log.takes_permit(31, client=CODEX)


def tried_again_while_a_person_looks(log: AskLog) -> None:
    log.ask(0, call="a", client=CODEX)
    log.permit(61, log.ask(60, call="b", client=CODEX))
    log.takes_permit(70, call="c", client=CODEX)
    log.ran(71, call="c", client=CODEX)


def asked_again_after_its_permit(log: AskLog) -> None:
    log.permit(10, log.ask(0, call="a", client=CODEX))
    log.takes_permit(11, call="b", client=CODEX)
    log.ran(12, call="b", client=CODEX)
    log.permit(103, log.ask(100, call="c", client=CODEX))


def rejected_and_then_permitted(log: AskLog) -> None:
    digest = log.ask(0)
    log.prompt(10)
    log.permit(20, digest)
    log.takes_permit(21)
    log.ran(22, call="t2")


def answered_in_the_window_after_a_permit(log: AskLog) -> None:
    log.permit(20, log.ask(0))
    log.ran(30)
    log.ran(31)


def a_result_of_the_first_try_after_a_permit(log: AskLog) -> None:
    log.permit(20, log.ask(0))
    log.takes_permit(21)
    log.ran(22, "frob --gently")
    log.ran(23, call="t2")


def a_daemon_that_was_restarted(log: AskLog) -> None:
    log.ask(0)
    log.daemon(1, RecordKind.STOP)
    log.daemon(3, RecordKind.START)
    log.ran(8, took=1_000)


def a_clock_that_was_put_back(log: AskLog) -> None:
    log.ask(0)
    log.ran(-100)


def a_clock_that_was_put_back_before_a_rejection(log: AskLog) -> None:
    log.ask(0)
    log.prompt(-100)


def a_tool_that_took_longer_than_there_was_time(log: AskLog) -> None:
    log.ask(0)
    log.ran(1, took=2_000)


def a_permit_for_another_call(log: AskLog) -> None:
    log.ask(0, client=CODEX)
    log.permit(1, "0" * 64)


def results_alone(log: AskLog) -> None:
    log.ran(0)
    log.prompt(1)
    log.permit(1, "0" * 64)


def a_result_before_its_ask(log: AskLog) -> None:
    log.ran(0)
    log.ask(1)


@pytest.mark.parametrize(
    ("happens", "expected"),
    [
        (approved, [(APPROVED, 3_000, True, True)]),
        (approved_in_a_client_that_tells_no_times, [(APPROVED, 10_000, False, True)]),
        (rejected, [(REJECTED, 60_000, False, False)]),
        (nobody_answered, [NOTHING]),
        (a_prompt_while_it_runs, [(APPROVED, 1_000, True, True)]),
        (a_sub_agents_ask, [(REJECTED, 9_000, False, False), (APPROVED, 2_000, True, True)]),
        (
            sessions_at_once,
            [(APPROVED, 8_000, True, True), (APPROVED, 2_000, True, True), (APPROVED, 3_000, False, True)],
        ),
        (the_same_command_twice_by_id, [NOTHING, (APPROVED, 1_000, True, True)]),
        (the_same_command_twice_by_content, [NOTHING, (APPROVED, 1_000, False, True)]),
        (asked_again_and_then_told_otherwise, [NOTHING, (REJECTED, 4_000, False, False)]),
        (let_through_the_second_time, [NOTHING]),
        (rewritten, [(APPROVED, 3_000, True, False)]),
        (denied_and_nothing_more, [NOTHING]),
        (denied_and_run_all_the_same, [NOTHING]),
        (permitted_and_run, [(PERMITTED, 30_000, True, True)]),
        (permitted_by_content, [(PERMITTED, 30_000, True, True)]),
        (permitted_and_never_run, [(PERMITTED, 30_000, True, False)]),
        (permitted_by_a_record_that_is_lost, [(PERMITTED, 31_000, False, False)]),
        (tried_again_while_a_person_looks, [NOTHING, (PERMITTED, 61_000, True, True)]),
        (asked_again_after_its_permit, [(PERMITTED, 10_000, True, True), (PERMITTED, 3_000, True, False)]),
        (rejected_and_then_permitted, [(PERMITTED, 20_000, True, True)]),
        (answered_in_the_window_after_a_permit, [(PERMITTED, 20_000, True, True)]),
        (a_result_of_the_first_try_after_a_permit, [(PERMITTED, 20_000, True, True)]),
        (a_daemon_that_was_restarted, [(APPROVED, 7_000, True, True)]),
        (a_clock_that_was_put_back, [(APPROVED, None, True, True)]),
        (a_clock_that_was_put_back_before_a_rejection, [(REJECTED, None, False, False)]),
        (a_tool_that_took_longer_than_there_was_time, [(APPROVED, None, True, True)]),
        (a_permit_for_another_call, [NOTHING]),
        (results_alone, []),
        (a_result_before_its_ask, [NOTHING]),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_an_ask_is_joined_with_what_became_of_it(happens: Callable[[AskLog], None], expected: list[Told]) -> None:
    log = AskLog()
    happens(log)
    assert told(log) == expected


@pytest.mark.parametrize(
    ("client", "seconds", "limit_ms", "is_blind"),
    [
        (CLAUDE, 1.999, 2_000, True),
        (CLAUDE, 2, 2_000, False),
        (GEMINI, 1.999, 2_000, True),
        (GEMINI, 9, 2_000, False),
        (CLAUDE, 0, 0, False),
        (CLAUDE, -1, 2_000, False),
    ],
)
def test_an_approval_is_blind_where_it_certainly_took_less_time(
    client: str, seconds: float, limit_ms: int, is_blind: bool
) -> None:
    log = AskLog()
    log.ask(0, client=client)
    log.ran(seconds, client=client)
    (each,) = answers(events(log))
    assert each.is_blind(limit_ms) == is_blind


def test_what_a_person_permitted_or_rejected_is_never_blind() -> None:
    log = AskLog()
    log.permit(0, log.ask(0, client=CODEX))
    log.ask(1)
    log.prompt(1)
    assert [each.is_blind(60_000) for each in answers(events(log))] == [False, False]


def test_asks_come_out_in_the_order_in_which_they_were_put() -> None:
    log = AskLog()
    for number in range(5):
        log.ask(number, call=str(number))
    for number in (3, 0, 4):
        log.ran(9, call=str(number))
    assert [each.ask.seq for each in answers(events(log))] == [1, 2, 3, 4, 5]


def test_what_is_held_is_bounded() -> None:
    log = AskLog()
    log.ask(0)
    log.ran(1)
    asked, ran = events(log)
    joiner = Joiner()
    ids = range(MOST_HELD + 100)
    first = [each for key in ids for each in joiner.take(_as(asked, key))]
    assert [each.ask.key for each in first] == list(range(100))
    assert not joiner.take(_as(ran, 99))
    (late,) = joiner.take(_as(ran, 100))
    assert (late.ask.key, late.answer) == (100, APPROVED)
    assert len(joiner.rest()) == MOST_HELD - 1


def _as(event: AskEvent, key: int) -> AskEvent:
    return replace(event, key=key)

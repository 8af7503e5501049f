import json

import pytest

from security_hooks.clients import client_named
from security_hooks.model.decision import Basis, Decision, Finding, Severity, Tier, Verdict
from security_hooks.policy.built import Build
from security_hooks.policy.config import Config
from security_hooks.policy.snapshot import assemble_at_once
from security_hooks.service.ask_budget import RULE, AskBudget, severity_of
from security_hooks.service.exchange import Exchange
from security_hooks.service.peer import Peer
from security_hooks.service.permits import asking, is_permissible

LOW, MEDIUM, HIGH = Severity.LOW, Severity.MEDIUM, Severity.HIGH


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def exchange(
    client: str = "claude-code",
    event: str = "PreToolUse",
    session: str = "s",
    per_hour: int = 3,
    ask: str = "ask",
) -> Exchange:
    known = client_named(client)
    assert known is not None
    payload = {"session_id": session, "hook_event_name": event, "cwd": "/p", "tool_name": "Bash", "tool_input": {}}
    payload["tool_input"] = {"command": "frob"}
    seen = known.decode(json.dumps(payload).encode())
    config = Config(asks_per_hour=per_hour, ask_by_client={} if client == "codex-cli" else {client: ask})
    return Exchange(
        Peer(1, 1), name=client, client=known, event=seen, snapshot=assemble_at_once(Build("d", config, ()))
    )


def asks(*severities: Severity, verdict: Verdict = Verdict.ASK, would: Verdict = Verdict.ASK) -> Decision:
    found = tuple(
        Finding(f"r{number}", Tier.SUSPICIOUS, True, Verdict.ASK, "think", "frob", 0, "a.rules", 1, severity)
        for number, severity in enumerate(severities)
    )
    return Decision(verdict, Basis.RULE if found else Basis.DEFAULT, found, would=would)


def put(budget: AskBudget, decision: Decision, call: Exchange | None = None) -> bool:
    """Whether a person is asked, as the path of a call goes on from there."""
    call = exchange() if call is None else call
    before = call.is_unasked
    assert not before
    restricted = budget.restrict(call, decision)
    assert restricted.verdict is decision.verdict
    call.answered = "deny" if call.is_unasked else "ask"
    budget.saw(call)
    return not call.is_unasked


def test_past_its_share_a_small_question_is_not_put_and_a_grave_one_is() -> None:
    budget = AskBudget(Clock())
    assert [put(budget, asks(LOW)) for _ in range(3)] == [True, False, False]
    assert [put(budget, asks(MEDIUM)) for _ in range(2)] == [True, False]
    assert [put(budget, asks(HIGH)) for _ in range(5)] == [True] * 5
    assert not put(budget, asks())


def test_the_gravest_of_several_reasons_counts() -> None:
    budget = AskBudget(Clock())
    assert put(budget, asks(HIGH))
    assert not put(budget, asks(LOW))
    assert put(budget, asks(LOW, HIGH))
    assert severity_of(asks()) is MEDIUM


def test_after_an_hour_there_is_room_again() -> None:
    clock = Clock()
    budget = AskBudget(clock)
    assert [put(budget, asks(LOW)), put(budget, asks(LOW))] == [True, False]
    clock.now = 3_600.0
    assert put(budget, asks(LOW))


def test_sessions_and_clients_have_budgets_of_their_own() -> None:
    budget = AskBudget(Clock())
    calls = [exchange(), exchange(session="t"), exchange(client="gemini-cli")]
    calls[2] = exchange(client="gemini-cli", event="BeforeTool")
    assert [put(budget, asks(LOW), call) for call in calls] == [True] * 3
    assert not put(budget, asks(LOW), exchange(session="t"))


def test_the_decision_says_why_and_what_a_permit_goes_by_stays() -> None:
    budget = AskBudget(Clock())
    put(budget, asks(LOW))
    told = budget.restrict(exchange(), asks(LOW))
    assert told.findings[0].nudge.startswith("think. This session put 1 questions to a person within an hour")
    assert "`[verdict] asks_per_hour`" in told.findings[0].nudge
    assert (told.findings[1].rule, told.findings[1].verdict) == (RULE, None)
    assert asking(told) == asking(asks(LOW))
    assert is_permissible(told)


@pytest.mark.parametrize(
    ("call", "decision"),
    [
        (exchange(per_hour=0), asks(LOW)),
        (exchange(ask="deny"), asks(LOW)),
        (exchange(client="codex-cli"), asks(LOW)),
        (exchange(event="PermissionRequest"), asks(LOW)),
        (exchange(), asks(LOW, verdict=Verdict.ALLOW)),
        (exchange(), asks(LOW, verdict=Verdict.DENY)),
        (Exchange(Peer(1, 1)), asks(LOW)),
    ],
    ids=["off", "denies anyway", "cannot ask", "no tool yet", "observed", "denied", "unread"],
)
def test_other_calls_are_left_alone(call: Exchange, decision: Decision) -> None:
    budget = AskBudget(Clock())
    for _ in range(3):
        put(budget, asks(HIGH))
    assert budget.restrict(call, decision) is decision
    assert not call.is_unasked


def test_only_what_was_really_asked_is_spent() -> None:
    budget = AskBudget(Clock())
    for answered in ("deny", None):
        call = exchange()
        budget.restrict(call, asks(LOW))
        call.answered = answered
        budget.saw(call)
    budget.saw(Exchange(Peer(1, 1), answered="ask"))
    assert put(budget, asks(LOW))

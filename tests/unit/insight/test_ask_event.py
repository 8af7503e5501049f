import json
from typing import Any

import msgspec
import pytest
from tests.logs.asks import CODEX, AskLog

from security_hooks.audit.encode import canonical
from security_hooks.audit.structure import structure
from security_hooks.insight.answers import Answer, answers
from security_hooks.insight.ask_event import NO_RULE, Ask, Call, Permit, Prompt, Result, ask_event, observed_event

AT = "2026-11-21T12:00:00.000000000Z"


def line(kind: str = "decision", at: str = AT, **fields: Any) -> bytes:
    return json.dumps({"seq": 1, "at": at, "kind": kind, "fields": fields}).encode() + b"\n"


def ask(**fields: Any) -> Ask:
    found = ask_event(line(kind_of_event="pre_tool", tool="Bash", verdict="ask", **fields))
    assert isinstance(found, Ask)
    return found


def test_what_tells_of_asks_and_answers() -> None:
    log = AskLog()
    digest = log.ask(0)
    log.passes(1, call="b")
    log.ran(2, took=7)
    log.permit(3, digest)
    log.takes_permit(4)
    log.prompt(5)
    asked, passed, ran, permit, taken, prompt = map(ask_event, log.lines)
    assert isinstance(asked, Ask)
    assert (asked.seq, asked.at, asked.client, asked.digest, asked.is_put) == (1, AT, "claude-code", digest, True)
    assert asked.rules == ("frob",)
    assert isinstance(passed, Call) and (passed.digest, passed.key != asked.key) == (None, True)
    assert isinstance(ran, Result)
    assert (ran.key, ran.said, ran.duration_ms, ran.time - asked.time) == (asked.key, asked.said, 7, 2_000_000_000)
    assert isinstance(permit, Permit) and permit.digest == digest
    assert isinstance(taken, Call) and taken.digest == digest
    assert isinstance(prompt, Prompt) and prompt.session == asked.session


@pytest.mark.parametrize(
    "other",
    [
        b"nonsense\n",
        b"\xff\n",
        b"[" * 100_000,
        b'{"kind": 1}\n',
        line("start"),
        line("permit", refused="no ask has this code", peer_pid=1),
        line("permit", cleared=True, tool="Bash"),
        line("permit", permit="AAAA"),
        line(kind_of_event="pre_tool"),
        line(kind_of_event="permission", tool="Bash", verdict="ask"),
        line(kind_of_event="session_end"),
        line(at="yesterday", kind_of_event="prompt"),
        line(at="2026-13-45T99:00:00.0Z", kind_of_event="prompt"),
    ],
)
def test_everything_else_gives_nothing(other: bytes) -> None:
    assert ask_event(other) is None


def test_records_before_a_time_give_nothing() -> None:
    prompt = line(kind_of_event="prompt")
    assert ask_event(prompt, AT) is not None
    assert ask_event(prompt, AT.replace(":00.", ":01.")) is None


@pytest.mark.parametrize(
    ("fields", "is_put"),
    [
        ({"answered": "ask"}, True),
        ({"answered": "deny", "exit_status": 0, "call_id": "t"}, False),
        ({"exit_status": 0, "call_id": "t"}, True),
        ({"exit_status": 2, "call_id": "t"}, False),
        ({"exit_status": 0}, False),
    ],
)
def test_whether_a_person_was_asked(fields: dict[str, Any], is_put: bool) -> None:
    assert ask(**fields).is_put == is_put


@pytest.mark.parametrize(
    ("findings", "rules"),
    [
        (
            [{"rule": "a", "verdict": "ask"}, {"rule": "b", "verdict": "ask"}, {"rule": "a", "verdict": "ask"}],
            ("a", "b"),
        ),
        ([{"rule": "a", "verdict": None}, {"rule": "b", "verdict": "allow"}], (NO_RULE,)),
        (None, (NO_RULE,)),
        ({"entries": 3}, (NO_RULE,)),
        ([7, {"rule": {"characters": 3}, "verdict": "ask"}], (NO_RULE,)),
    ],
)
def test_an_ask_is_of_the_rules_that_asked(findings: object, rules: tuple[str, ...]) -> None:
    assert ask(findings=findings).rules == rules


@pytest.mark.parametrize("odd", [{"characters": 3}, 7, None, [1], True, 1.5])
def test_what_is_not_of_the_expected_form_is_no_reason_to_stop(odd: object) -> None:
    names = ("client", "session", "call_id", "script", "input", "answered", "exit_status", "call", "permit", "findings")
    found = ask(**dict.fromkeys(names, odd))
    assert (found.client, found.digest, found.rules) == ("", None, (NO_RULE,))
    ran = ask_event(line(kind_of_event="post_tool", tool="Bash", duration_ms=odd))
    assert isinstance(ran, Result) and ran.duration_ms == (7 if odd == 7 else None)


def test_a_log_of_structure_alone_tells_the_same() -> None:
    log = AskLog()
    log.ask(0)
    log.ran(5, took=1_000)
    log.ask(6, call="b")
    log.prompt(7)
    log.permit(9, log.ask(8, call="c", client=CODEX))
    kept = []
    for text in log.lines:
        record = msgspec.json.decode(text)
        kept.append(canonical(record | {"fields": structure(record["fields"])}))
    found = list(answers(event for text in kept if (event := ask_event(text)) is not None))
    assert [(each.answer, each.wait_ms) for each in found] == [
        (Answer.APPROVED, 4_000),
        (Answer.REJECTED, 1_000),
        (Answer.PERMITTED, 1_000),
    ]
    assert [each.ask.rules for each in found] == [("frob",)] * 3


@pytest.mark.parametrize("more", [{}, {"exit_status": 0, "call_id": "t"}, {"answered": "deny"}])
def test_what_would_have_been_asked_about_stands_for_an_ask_that_was_put(more: dict[str, Any]) -> None:
    call = line(kind_of_event="pre_tool", tool="Bash", verdict="allow", would="ask", **more)
    assert isinstance(ask_event(call), Call)
    found = observed_event(call)
    assert isinstance(found, Ask) and found.is_put
    assert observed_event(call, since="2027") is None


@pytest.mark.parametrize(
    "fields",
    [
        {"verdict": "ask", "would": "ask"},
        {"verdict": "allow", "would": "deny"},
        {"verdict": "allow", "would": "ask", "nap": True},
        {"verdict": "allow", "would": "ask", "permit": {"call": "d"}},
    ],
)
def test_all_else_is_no_question_that_was_only_observed(fields: dict[str, Any]) -> None:
    assert isinstance(observed_event(line(kind_of_event="pre_tool", tool="Bash", **fields)), Call)

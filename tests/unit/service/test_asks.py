import json
from typing import Any

import pytest

from security_hooks.audit.failure import AuditError
from security_hooks.clients import client_named
from security_hooks.model.decision import Basis, Decision, Finding, Severity, Tier, Verdict
from security_hooks.model.event import Place
from security_hooks.model.record import AuditRecord
from security_hooks.service.asks import LONGEST_PAYLOAD, WIDEST, Asks, digest_of
from security_hooks.service.exchange import Exchange
from security_hooks.service.peer import Peer
from security_hooks.service.permits import Permits

PERSON = Peer(1000, 7)
AGENT = Peer(1000, 8)
FINDING = Finding("frob", Tier.SUSPICIOUS, True, Verdict.ASK, "", "frob x", 0, "a.rules", 1, Severity.MEDIUM)
ASKED = Decision(Verdict.ASK, Basis.RULE, (FINDING,), would=Verdict.ASK)
DENIED = Decision(Verdict.DENY, Basis.RULE, (FINDING,), would=Verdict.DENY)


class Desk:
    """Asks with a clock, a log and codes of our own."""

    def __init__(self, error: AuditError | None = None) -> None:
        self.now = 0.0
        self.records: list[AuditRecord] = []
        self.error = error
        letters = iter("ABCDEFGHJKMNPQRSTWXYZ23456789" * 20)
        self.asks = Asks(
            Permits(lambda _: next(letters)),
            lambda pid: None if pid == PERSON.pid else "only a person decides this",
            lambda text: text.replace("hunter2", "[REDACTED:x]"),
            self._append,
            lambda: self.now,
        )

    def _append(self, record: AuditRecord) -> int:
        if self.error is not None:
            raise self.error
        self.records.append(record)
        return len(self.records)

    def settle(self, decision: Decision = ASKED, **fields: Any) -> tuple[Decision, str]:
        return self.asks.settle(exchange(**fields), decision)

    def listed(self, peer: Peer = PERSON) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.asks.listed(peer))
        return answer

    def permit(self, code: str, peer: Peer = PERSON) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.asks.permit(code.encode(), peer))
        return answer


def exchange(
    client: str = "claude-code", project: str | None = "/p", size: int = 0, given: object = None, **fields: Any
) -> Exchange:
    call = {
        "session_id": "s",
        "cwd": "/p",
        "hook_event_name": "PreToolUse",
        "tool_name": "Bash",
        "tool_input": {"command": "frob x"} if given is None else given,
        "filler": "x" * size,
    }
    payload = json.dumps(call | fields).encode()
    known = client_named(client)
    assert known is not None
    place = Place("/p", "/home/u", project)
    return Exchange(PERSON, name=client, client=known, event=known.decode(payload), place=place, payload=payload)


def test_an_ask_is_offered_a_code_that_a_person_sees() -> None:
    desk = Desk()
    decision, note = desk.settle()
    assert decision is ASKED
    (ask,) = desk.listed()["asks"]
    assert f"security-hooks allow-once {ask['code']}" in note
    assert ask == {
        "code": "ABCDEFGH",
        "client": "claude-code",
        "project": "/p",
        "rules": ["frob"],
        "text": "Bash: frob x",
        "age_seconds": 0,
    }


@pytest.mark.parametrize("decision", [DENIED, Decision(Verdict.ALLOW, Basis.DEFAULT)])
def test_what_is_not_asked_about_is_offered_nothing(decision: Decision) -> None:
    desk = Desk()
    assert desk.settle(decision) == (decision, "")
    assert desk.listed() == {"asks": []}


@pytest.mark.parametrize(
    "fields",
    [
        {"hook_event_name": "PermissionRequest"},
        {"hook_event_name": "UserPromptSubmit", "prompt": "x"},
        {"size": LONGEST_PAYLOAD},
    ],
    ids=["a permission", "a prompt", "a call that is too large"],
)
def test_nor_is_what_no_permit_could_be_for(fields: dict[str, Any]) -> None:
    desk = Desk()
    assert desk.settle(**fields) == (ASKED, "")
    assert desk.listed() == {"asks": []}


def test_a_permit_is_recorded_taken_once_and_told_in_the_exchange() -> None:
    desk = Desk()
    desk.settle()
    assert desk.permit("abcdefgh")["permitted"]["text"] == "Bash: frob x"
    (record,) = desk.records
    assert (record.kind.value, record.fields["peer_pid"]) == ("permit", 7)
    first = exchange()
    decision, note = desk.asks.settle(first, ASKED)
    assert (decision.verdict, note) == (Verdict.ALLOW, "")
    assert first.permit is not None
    assert record.fields["permit"] == {
        "code": "ABCDEFGH",
        "peer_pid": 7,
        "rules": ["frob"],
        "call": first.call,
    }
    again, note = desk.settle()
    assert again.verdict is Verdict.ASK
    assert note


def test_a_permit_that_does_not_suffice_is_gone_and_the_call_is_asked_about_anew() -> None:
    desk = Desk()
    desk.settle()
    desk.permit("ABCDEFGH")
    more = Decision(Verdict.ASK, Basis.RULE, (FINDING, Finding("b", *_rest())), would=Verdict.ASK)
    decision, note = desk.settle(more)
    assert decision is more
    assert "allow-once" in note
    assert desk.settle()[0].verdict is Verdict.ASK


def _rest() -> tuple[Any, ...]:
    return (Tier.SUSPICIOUS, True, Verdict.ASK, "", "grob", 0, "a.rules", 2, Severity.MEDIUM)


def test_whoever_is_no_person_learns_and_decides_nothing() -> None:
    desk = Desk()
    desk.settle()
    assert desk.listed(AGENT) == {"refused": "only a person decides this"}
    assert "refused" in desk.permit("ABCDEFGH", AGENT)
    assert [record.fields for record in desk.records] == [{"refused": "only a person decides this", "peer_pid": 8}]
    assert desk.settle()[0].verdict is Verdict.ASK


@pytest.mark.parametrize("code", ["", "AAAAAAAA", "\xff", "A" * 1000])
def test_a_code_that_no_ask_has_is_refused_recorded_and_not_quoted(code: str) -> None:
    desk = Desk()
    desk.settle()
    assert desk.permit(code)["unknown"] is True
    assert "no ask has this code" in str(desk.records[0].fields["refused"])
    assert desk.settle()[0].verdict is Verdict.ASK


def test_a_permit_that_cannot_be_recorded_is_none() -> None:
    desk = Desk(AuditError("full"))
    desk.settle()
    with pytest.raises(AuditError):
        desk.permit("ABCDEFGH")
    assert desk.settle()[0].verdict is Verdict.ASK


def test_secrets_are_replaced_and_long_calls_shortened_in_the_list() -> None:
    desk = Desk()
    desk.settle(given={"command": "frob hunter2 " + "x " * 5_000})
    text = desk.listed()["asks"][0]["text"]
    assert "hunter2" not in text
    assert len(text) == WIDEST + 3


@pytest.mark.parametrize(
    "fields",
    [
        {"client": "codex-cli"},
        {"project": "/q"},
        {"project": None},
        {"cwd": "/p/below"},
        {"tool_name": "Monitor"},
        {"given": {"command": "frob y"}},
        {"given": {"command": "frob x", "timeout": 1}},
        {"given": {"command": "frob x", "run_in_background": True}},
        {"tool_name": "mcp__a__b", "given": {"command": "frob x"}},
    ],
)
def test_another_call_has_another_digest(fields: dict[str, Any]) -> None:
    assert digest_of(exchange(**fields)) != digest_of(exchange())


def test_the_very_call_has_the_same_digest_in_whatever_session_and_words() -> None:
    same = exchange(
        session_id="t", tool_use_id="u", given={"description": "once more", "command": "frob x"}, permission_mode="plan"
    )
    assert digest_of(same) == digest_of(exchange())


def test_a_description_counts_where_it_is_not_of_a_shell_tool() -> None:
    one, other = (exchange(tool_name="mcp__a__b", given={"description": text}) for text in ("x", "y"))
    assert digest_of(one) != digest_of(other)

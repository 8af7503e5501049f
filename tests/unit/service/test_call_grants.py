"""A person's questions about grants and naps, on the way that every request takes."""

import json

import pytest
from tests.unit.service.test_call import CALL, FakeLog, FakePolicies, Fixture, bytes_of, snapshot

from security_hooks.audit.failure import AuditError
from security_hooks.model.failure import CallError, Failure, Reason
from security_hooks.policy.config import Config, OnFailingTool
from security_hooks.service import wire
from security_hooks.service.peer import Peer


@pytest.mark.parametrize(
    ("question", "payload", "key"),
    [
        (wire.GRANTS, b"", "grants"),
        (wire.GRANT, b'{"text":"forbid push","directory":"/p"}', "refused"),
        (wire.GRANT, b"nonsense", "refused"),
        (wire.REVOKE, b"ZZZZ", "refused"),
        (wire.NAP, b"60", "napping"),
        (wire.NAP, b"-1", "refused"),
        (wire.WAKE, b"", "woken"),
    ],
)
def test_a_persons_questions_about_grants_are_answered(question: str, payload: bytes, key: str) -> None:
    assert key in json.loads(Fixture().ask(question, payload))


@pytest.mark.parametrize(
    ("question", "payload"), [(wire.NAP, b"60"), (wire.GRANT, b'{"text":"forbid push","directory":"/p"}')]
)
def test_what_cannot_be_recorded_is_not_granted(question: str, payload: bytes) -> None:
    fixture = Fixture(log=FakeLog(AuditError("the disk is full")))
    assert "cannot be recorded" in json.loads(fixture.ask(question, payload))["refused"]
    assert not fixture.nap.is_on()


def test_without_a_policy_nothing_is_granted() -> None:
    fixture = Fixture(FakePolicies(None, CallError(Failure(Reason.NO_POLICY))))
    assert (
        "no valid policy" in json.loads(fixture.ask(wire.GRANT, b'{"text":"forbid push","directory":"/p"}'))["refused"]
    )


def test_root_may_ask_another_users_daemon_only_what_sudo_proves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.getuid", lambda: 1000)
    fixture = Fixture()
    root = Peer(0, 42)
    for question in (wire.STATUS, wire.ASKS, "claude-code"):
        assert fixture.handler().whole(wire.encode_request(question, json.dumps(CALL).encode()), root) == b""
    assert b"grants" in bytes_of(fixture.handler().whole(wire.encode_request(wire.GRANTS), root))


def test_what_a_nap_lets_pass_is_no_question_and_the_record_says_so() -> None:
    fixture = Fixture(FakePolicies(snapshot(Config(on_failing_tool=OnFailingTool.ASK))), failing=("Bash",))
    asked = fixture.ask()
    fixture.nap.begin(60)
    assert fixture.ask() != asked
    last = fixture.log.records[-1].fields
    assert (last["verdict"], last["would"], last["nap"]) == ("allow", "ask", True)

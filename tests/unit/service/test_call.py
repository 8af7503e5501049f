import asyncio
import json
from collections.abc import Awaitable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.daemon import FakeLog, FakePolicies, snapshot

from security_hooks.audit.failure import AuditError
from security_hooks.catalogue.entry import Catalogue
from security_hooks.clients import CLIENTS, client_named
from security_hooks.clients.client import Client
from security_hooks.model.decision import Decision, Verdict
from security_hooks.model.event import Place
from security_hooks.model.failure import FAILURES, CallError, Failure, Reason
from security_hooks.model.reply import HookReply
from security_hooks.policy.built import Build
from security_hooks.policy.config import AuditSettings, Config, Mode, OnAuditFailure, OnFailingTool
from security_hooks.policy.snapshot import Snapshot, assemble_at_once
from security_hooks.service import wire
from security_hooks.service.asks import Asks
from security_hooks.service.call import CallHandler
from security_hooks.service.exchange import Exchange
from security_hooks.service.failing_tools import FailingTools
from security_hooks.service.grant_desk import GrantDesk
from security_hooks.service.granter import Granter
from security_hooks.service.grants import Grants
from security_hooks.service.isolation import Isolation
from security_hooks.service.mounts import Mounts
from security_hooks.service.nap import Nap
from security_hooks.service.peer import Peer
from security_hooks.service.permits import Permits
from security_hooks.service.place import Located
from security_hooks.service.ruling import Rulings

PEER = Peer(1000, 42)
CATALOGUE = Catalogue({}, frozenset())
CALL = {
    "session_id": "s",
    "cwd": "/home/user/project",
    "hook_event_name": "PreToolUse",
    "permission_mode": "default",
    "tool_name": "Bash",
    "tool_input": {"command": "git status"},
    "tool_use_id": "t",
}


@dataclass
class Fixture:
    policies: FakePolicies = field(default_factory=lambda: FakePolicies(snapshot(Config())))
    log: FakeLog = field(default_factory=FakeLog)
    seen: list[Decision] = field(default_factory=list)
    place_error: Exception | None = None

    trouble: str = ""
    nap: Nap = field(default_factory=lambda: Nap(lambda _: None))
    failing: tuple[str, ...] = ()
    observes: bool = False

    def desk(self) -> GrantDesk:
        grants = Grants(Path("/nonexistent/grants.json"), lambda *_: None)
        granter = Granter(grants, "/home/user", lambda letters: letters[0], self.log.append)

        async def place(directory: str) -> tuple[str | None, Snapshot]:
            if isinstance(self.policies.later, CallError):
                raise self.policies.later
            return directory, snapshot(Config())

        return GrantDesk(grants, granter, self.nap, lambda: self.policies.now, place, lambda _: None, self.log.append)

    def handler(self) -> CallHandler:
        def placed(cwd: str | None, home: str) -> Located:
            if self.place_error is not None:
                raise self.place_error
            return Located(Place(cwd, home, "/home/user/project"), "/home/user/project")

        def watch(exchange: Exchange, decision: Decision, reply: object) -> None:
            self.seen.append(decision)

        mounts = Mounts(frozenset)
        rulings = Rulings(self.policies, Isolation(), mounts, "/home/user", placed, lambda _: True)
        asks = Asks(Permits(lambda letters: letters[0]), lambda _: None, str.strip, self.log.append)
        tools = FailingTools(lambda _: None, self.log.append, lambda _: None)
        for tool in self.failing:
            tools.stop("claude-code", tool, "it fails")
        return CallHandler(
            rulings,
            self.log,
            lambda: self.policies.now,
            lambda: b"status",
            watch,
            asks,
            tools,
            (tools,),
            self.desk(),
            self.nap.ease,
            lambda _: self.trouble,
            observes=lambda: self.observes,
        )

    def ask(self, name: str = "claude-code", payload: Any = CALL) -> bytes:
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        answer = self.handler().whole(wire.encode_request(name, body), PEER)
        return answer if isinstance(answer, bytes) else asyncio.run(awaited(answer))


async def awaited(answer: Awaitable[bytes]) -> bytes:
    return await answer


def bytes_of(answer: bytes | Awaitable[bytes]) -> bytes:
    assert isinstance(answer, bytes)
    return answer


def is_denied(framed: bytes) -> bool:
    return framed.startswith(b"SH1 2 ")


def test_a_call_that_no_rule_objects_to_is_answered_and_recorded() -> None:
    fixture = Fixture()
    assert fixture.ask() == b"SH1 0 0002 0000\n{}"
    fields = fixture.log.records[0].fields
    assert (fields["verdict"], fields["tool"], fields["script"], fields["peer_pid"]) == (
        "allow",
        "Bash",
        "git status",
        42,
    )
    assert fields["generation"] == 7


def test_the_record_is_written_before_the_answer_is_given() -> None:
    fixture = Fixture(log=FakeLog(AuditError("the disk is full")))
    framed = fixture.ask()
    assert is_denied(framed)
    assert b"audit log cannot be written" in framed
    assert fixture.seen[0].failure == Failure(Reason.AUDIT_UNAVAILABLE, "the disk is full")


def test_an_unwritable_record_denies_nothing_where_that_is_configured() -> None:
    config = Config(audit=AuditSettings(on_failure=OnAuditFailure.CONTINUE))
    fixture = Fixture(FakePolicies(snapshot(config)), FakeLog(AuditError("full")))
    assert fixture.ask() == b"SH1 0 0002 0000\n{}"


@pytest.mark.parametrize("client", [client.name for client in CLIENTS])
def test_an_unreadable_payload_is_denied_in_the_clients_own_way(client: str) -> None:
    fixture = Fixture()
    framed = fixture.ask(client, b"{")
    assert b"payload could not be read" in framed
    assert fixture.log.records[0].fields["failure"]
    assert fixture.seen[0].verdict is Verdict.DENY


@pytest.mark.parametrize("request_bytes", [b"", b"GET / HTTP/1.1\n", b"SH1 unheard-of\n{}"])
def test_whoever_is_not_understood_gets_no_reply_but_a_record(request_bytes: bytes) -> None:
    fixture = Fixture()
    assert fixture.handler().whole(request_bytes, PEER) == b""
    assert fixture.log.records[0].fields["verdict"] == "deny"


def test_a_status_question_is_answered_without_a_record() -> None:
    fixture = Fixture()
    assert fixture.handler().whole(wire.encode_request(wire.STATUS), PEER) == b"status"
    assert not fixture.log.records


def test_asks_are_listed_without_a_record() -> None:
    fixture = Fixture()
    assert json.loads(bytes_of(fixture.handler().whole(wire.encode_request(wire.ASKS), PEER))) == {"asks": []}
    assert not fixture.log.records


def test_a_permit_that_cannot_be_recorded_is_refused() -> None:
    fixture = Fixture(log=FakeLog(AuditError("full")))
    answer = fixture.handler().whole(wire.encode_request(wire.PERMIT, b"AAAA"), PEER)
    assert json.loads(bytes_of(answer)) == {"refused": "it cannot be recorded: full"}


def test_a_tool_that_fails_is_asked_about_until_a_person_clears_it() -> None:
    config = Config(on_failing_tool=OnFailingTool.ASK)
    fixture = Fixture(FakePolicies(assemble_at_once(Build("d", config, ()), 1)), failing=("Bash",))
    handler = fixture.handler()
    request = wire.encode_request("claude-code", json.dumps(CALL).encode())
    assert b'"permissionDecision":"ask"' in bytes_of(handler.whole(request, PEER))
    answer = bytes_of(handler.whole(wire.encode_request(wire.CLEAR, b"Bash"), PEER))
    assert json.loads(answer) == {"cleared": "Bash"}
    assert bytes_of(handler.whole(request, PEER)) == b"SH1 0 0002 0000\n{}"


def test_a_clearance_that_cannot_be_recorded_is_refused() -> None:
    fixture = Fixture(log=FakeLog(AuditError("full")), failing=("Bash",))
    answer = fixture.handler().whole(wire.encode_request(wire.CLEAR, b"Bash"), PEER)
    assert json.loads(bytes_of(answer)) == {"refused": "it cannot be recorded: full"}


def test_a_question_that_is_not_known_gets_no_reply_but_a_record() -> None:
    fixture = Fixture()
    assert fixture.handler().whole(wire.encode_request("@unheard-of"), PEER) == b""
    assert fixture.log.records[0].fields["verdict"] == "deny"


def test_without_a_policy_every_call_is_denied() -> None:
    fixture = Fixture(FakePolicies(None, CallError(Failure(Reason.NO_POLICY, "rules/x.rules:1:1"))))
    framed = fixture.ask()
    assert is_denied(framed)
    assert b"no valid policy is loaded" in framed


def test_a_project_seen_for_the_first_time_is_judged_by_its_own_rules() -> None:
    fixture = Fixture(FakePolicies(None, snapshot(Config(), 9)))
    assert fixture.ask() == b"SH1 0 0002 0000\n{}"
    assert fixture.log.records[0].fields["generation"] == 9


@pytest.mark.parametrize("later", [ValueError("defect"), CallError(Failure(Reason.NO_POLICY, "x"))])
def test_a_build_that_fails_denies_the_call(later: Exception) -> None:
    assert is_denied(Fixture(FakePolicies(None, later)).ask())


def test_a_defect_of_ours_denies_and_tells_the_log_but_not_the_agent() -> None:
    fixture = Fixture(place_error=RuntimeError("secret detail"))
    framed = fixture.ask()
    assert is_denied(framed)
    assert b"secret detail" not in framed
    failure = fixture.log.records[0].fields["failure"]
    assert isinstance(failure, dict)
    assert "secret detail" in str(failure["detail"])


def test_a_call_over_the_cap_and_one_too_slow_are_denied() -> None:
    handler = Fixture().handler()
    start = wire.encode_request("claude-code", b'{"session')
    assert b"request_bytes" in handler.too_large(start, PEER)
    assert b"request_seconds" in handler.too_slow(start, PEER)
    assert handler.too_slow(b"SH1 cla", PEER) == b""


@pytest.mark.parametrize("row", FAILURES, ids=lambda row: row.reason.value)
@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_every_failure_on_the_way_is_closed_for_every_client(row: Any, client: Any) -> None:
    fixture = Fixture(place_error=CallError(Failure(row.reason, "detail")))
    payload = CALL | {"hook_event_name": "BeforeTool", "tool_name": "run_shell_command"}
    framed = fixture.ask(client.name, payload if client.name == "gemini-cli" else CALL)
    assert row.agent[:40].encode() in framed
    if client.name == "gemini-cli":
        assert json.loads(framed[16:])["decision"] == "deny"
    else:
        assert is_denied(framed)
    assert fixture.log.records[0].fields["failure"] == {"reason": row.reason.value, "detail": "detail"}


def test_observe_mode_blocks_nothing_and_records_what_it_would_have_done() -> None:
    fixture = Fixture(FakePolicies(snapshot(Config(mode=Mode.OBSERVE))))
    assert fixture.ask(payload=b"{") == b"SH1 0 0000 0000\n"
    assert fixture.log.records[0].fields["verdict"] == "allow"
    assert fixture.log.records[0].fields["would"] == "deny"


@pytest.mark.parametrize("row", FAILURES, ids=lambda row: row.reason.value)
@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
@pytest.mark.parametrize("has_policy", [True, False])
def test_every_failure_on_the_way_is_only_recorded_in_observe_mode(row: Any, client: Any, has_policy: bool) -> None:
    policies = FakePolicies(snapshot(Config(mode=Mode.OBSERVE)) if has_policy else None)
    fixture = Fixture(policies, place_error=CallError(Failure(row.reason)), observes=True)
    payload = CALL | {"hook_event_name": "BeforeTool", "tool_name": "run_shell_command"}
    assert fixture.ask(client.name, payload if client.name == "gemini-cli" else CALL) == b"SH1 0 0000 0000\n"
    fields = fixture.log.records[0].fields
    assert (fields["verdict"], fields["would"]) == ("allow", "deny")


@pytest.mark.parametrize("request_bytes", [b"SH1 later-client\n{}", b"SH2 later-client {}"])
def test_a_client_that_we_do_not_know_meets_no_objection_in_observe_mode(request_bytes: bytes) -> None:
    fixture = Fixture(FakePolicies(snapshot(Config(mode=Mode.OBSERVE))))
    assert fixture.handler().whole(request_bytes, PEER) == b"SH1 0 0000 0000\n"
    assert fixture.handler().whole(b"SH1 @nonsense\n", PEER) == fixture.handler().whole(b"GET / HTTP/1.1", PEER) == b""
    assert [record.fields["would"] for record in fixture.log.records] == ["deny"] * 3


def test_an_event_without_a_tool_is_not_judged() -> None:
    fixture = Fixture()
    prompt = {"session_id": "s", "cwd": "/x", "hook_event_name": "UserPromptSubmit", "prompt": "rm -rf /"}
    assert fixture.ask(payload=prompt).startswith(b"SH1 0 ")
    assert fixture.log.records[0].fields["prompt"] == "rm -rf /"


def test_only_what_can_be_sent_is_recorded_as_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    encode_reply = wire.encode_reply

    def unsendable(reply: HookReply) -> bytes:
        if reply.exit_status == 0:
            raise ValueError("reply too long")
        return encode_reply(reply)

    monkeypatch.setattr(wire, "encode_reply", unsendable)
    fixture = Fixture()
    assert is_denied(fixture.ask())
    assert [record.fields["verdict"] for record in fixture.log.records] == ["deny"]


@pytest.mark.parametrize("name", [client.name for client in CLIENTS])
def test_a_defect_in_encoding_is_answered_with_what_fits_every_event(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> HookReply:
        raise ZeroDivisionError

    known = client_named(name)
    assert known is not None
    monkeypatch.setattr("security_hooks.service.call.client_named", lambda _: replace(known, encode=broken))
    fixture = Fixture()
    payload = CALL | {"hook_event_name": "BeforeTool", "tool_name": "run_shell_command"}
    framed = fixture.ask(name, payload if name == "gemini-cli" else CALL)
    assert is_denied(framed)
    assert b"the guard failed while judging" in framed
    assert fixture.log.records[0].fields["verdict"] == "deny"


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: str(client.name))
def test_a_shim_of_another_version_is_denied_in_words(client: Client) -> None:
    fixture = Fixture()
    framed = fixture.handler().whole(b"SH2 %s\n{}" % client.name.encode(), PEER)
    assert isinstance(framed, bytes)
    assert b"shim and daemon may be of different versions" in framed
    assert framed[4:5] == b"2" or b'"deny"' in framed
    assert fixture.log.records[0].fields["verdict"] == "deny"


STARTS = [("claude-code", "SessionStart"), ("gemini-cli", "SessionStart"), ("codex-cli", "SessionStart")]


@pytest.mark.parametrize(("client", "event"), STARTS)
@pytest.mark.parametrize("is_built", [True, False], ids=["a policy", "no policy"])
def test_a_guard_that_is_not_well_is_told_to_the_person_when_a_session_starts(
    client: str, event: str, is_built: bool
) -> None:
    policies = FakePolicies(snapshot(Config()) if is_built else None, CallError(Failure(Reason.NO_POLICY)))
    start = {"session_id": "s", "cwd": "/p", "hook_event_name": event, "source": "startup"}
    silent = Fixture(policies).ask(client, start)
    assert b"systemMessage" not in silent
    told = Fixture(policies, trouble='the policy is "broken"').ask(client, start)
    assert told.startswith(b"SH1 0 ")
    assert told.endswith(b'{"systemMessage":"security-hooks: the policy is \\"broken\\""}')
    prompt = {**start, "hook_event_name": "UserPromptSubmit", "prompt": "hello"}
    assert b"systemMessage" not in Fixture(policies, trouble="broken").ask(client, prompt)


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

"""Where a call is judged: on the loop, or apart."""

import asyncio
import json
from collections.abc import Awaitable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from security_hooks.catalogue.load import shipped
from security_hooks.clients import client_named
from security_hooks.model.decision import Basis, Decision, Verdict
from security_hooks.model.event import HookEvent, Place
from security_hooks.model.failure import CallError, Failure, Reason
from security_hooks.model.session import NO_SESSION, SessionView
from security_hooks.policy.built import Build
from security_hooks.policy.config import Config
from security_hooks.policy.snapshot import Snapshot, assemble_at_once
from security_hooks.service.exchange import Exchange
from security_hooks.service.isolated_judge import IsolatedJudge
from security_hooks.service.isolation import Policy
from security_hooks.service.judge import ORDINARY
from security_hooks.service.judging import Failed, Judged, OpenCall, Opened
from security_hooks.service.load import load_snapshot, policy_directories
from security_hooks.service.mounts import Mounts
from security_hooks.service.peer import Peer
from security_hooks.service.place import Located
from security_hooks.service.ruling import DECODED_HERE, JUDGED_HERE, Rulings
from security_hooks.service.summary import Summary

CATALOGUE = shipped()
DEAR = "ls;" * 2_000
APART = Decision(Verdict.ASK, Basis.RULE, generation=1)


@dataclass
class FakePolicies:
    snapshot: Snapshot = field(default_factory=lambda: assemble_at_once(Build("d", Config(), ())))
    is_built: bool = True

    def snapshot_for(self, root: str | None) -> Snapshot | None:
        return self.snapshot if self.is_built or root is None else None

    async def build_project(self, root: str | None) -> Snapshot:
        self.is_built = True
        return self.snapshot

    def build_of(self, generation: int) -> Build | None:
        return Build("d", Config(), ())


@dataclass
class FakeIsolation:
    """Notes what it is asked; opens calls as the real one does."""

    failure: Failure | None = None
    opened: list[int] = field(default_factory=list)
    judged: list[tuple[HookEvent | None, int]] = field(default_factory=list)
    unseen: list[bool] = field(default_factory=list)

    async def open_call(self, client: str, payload: bytes, home: str, deadline: float) -> Opened:
        self.opened.append(len(payload))
        answer = IsolatedJudge().answer(OpenCall(77, client, payload, home))
        if isinstance(answer, Failed):
            raise CallError(answer.failure)
        assert isinstance(answer, Opened)
        return answer

    async def judge(
        self,
        policy: Policy,
        place: Place,
        now: int,
        deadline: float,
        *,
        event: HookEvent | None = None,
        opened: int = 0,
        is_unseen: bool = False,
        session: SessionView = NO_SESSION,
    ) -> Judged:
        self.judged.append((event, opened))
        self.unseen.append(is_unseen)
        if self.failure is not None:
            raise CallError(self.failure)
        return Judged(1, APART, Summary({"programs": ["apart"]}))


@dataclass
class Fixture:
    policies: FakePolicies = field(default_factory=FakePolicies)
    isolation: FakeIsolation = field(default_factory=FakeIsolation)
    slow: frozenset[str] = frozenset()
    looked_at: list[str | None] = field(default_factory=list)
    is_unseen: bool = False
    wiring: "HearsOfChanges | None" = None
    exchange: Exchange = field(
        default_factory=lambda: Exchange(Peer(1, 2), name="claude-code", client=client_named("claude-code"))
    )

    def _sees(self, peer: Peer) -> bool:
        return not self.is_unseen

    def rule(self, command: str, cwd: str = "/home/user/project", event: str = "PreToolUse") -> Decision:
        def placed(cwd: str | None, home: str) -> Located:
            self.looked_at.append(cwd)
            return Located(Place(cwd, home, cwd), cwd)

        mounts, home = Mounts(lambda: self.slow), "/home/user"
        rulings = Rulings(self.policies, self.isolation, mounts, home, placed, self._sees, self.wiring)
        call = {"session_id": "s", "cwd": cwd, "hook_event_name": event, "tool_name": "Bash", "tool_use_id": "t"}
        payload = json.dumps(call | {"tool_input": {"command": command}, "tool_response": {}}).encode()

        async def wait() -> Decision:
            ruling = rulings.rule(self.exchange, payload)
            return ruling if isinstance(ruling, Decision) else await later(ruling)

        return asyncio.run(wait())


def programs_of(fixture: Fixture) -> object:
    assert fixture.exchange.summary is not None
    return fixture.exchange.summary.fields["programs"]


async def later(ruling: Awaitable[Decision]) -> Decision:
    return await ruling


def test_an_ordinary_call_is_judged_on_the_loop() -> None:
    fixture = Fixture()
    assert fixture.rule("git status").verdict is Verdict.ALLOW
    assert (fixture.isolation.opened, fixture.isolation.judged) == ([], [])
    assert programs_of(fixture) == ["git"]


@pytest.mark.parametrize("command", [DEAR, "x=1; " * (JUDGED_HERE // 5)], ids=["dear", "large"])
def test_what_is_large_or_dear_is_judged_apart(command: str) -> None:
    fixture = Fixture()
    assert fixture.rule(command) is APART
    assert fixture.isolation.opened == []
    assert [event is not None for event, _ in fixture.isolation.judged] == [True]
    assert fixture.exchange.summary == Summary({"programs": ["apart"]})


def test_what_is_very_large_is_not_even_decoded_on_the_loop() -> None:
    fixture = Fixture()
    assert fixture.rule("#" * DECODED_HERE) is APART
    assert fixture.isolation.judged == [(None, 77)]
    assert fixture.looked_at == []
    assert fixture.exchange.event is not None
    assert fixture.exchange.place is not None


def test_an_event_that_is_not_judged_stays_or_is_only_opened() -> None:
    fixture = Fixture()
    assert fixture.rule(DEAR, event="PostToolUse").verdict is Verdict.ALLOW
    assert fixture.isolation.opened == []
    assert fixture.rule("#" * DECODED_HERE, event="PostToolUse").verdict is Verdict.ALLOW
    assert len(fixture.isolation.opened) == 1
    assert fixture.isolation.judged == []


def test_a_cwd_on_a_slow_mount_is_not_looked_at_on_the_loop(tmp_path: Path) -> None:
    (tmp_path / "mount").mkdir()
    fixture = Fixture(slow=frozenset({f"{tmp_path}/mount"}))
    assert fixture.rule("ls", f"{tmp_path}/mount/deep") is APART
    assert (fixture.looked_at, len(fixture.isolation.opened)) == ([], 1)
    assert fixture.rule("ls", str(tmp_path)).verdict is Verdict.ALLOW
    assert fixture.looked_at == [str(tmp_path)]


@pytest.mark.parametrize("command", ["git status", DEAR, "#" * DECODED_HERE], ids=["ordinary", "dear", "very large"])
def test_a_project_is_built_before_its_first_call_is_judged(command: str) -> None:
    fixture = Fixture(FakePolicies(is_built=False))
    fixture.rule(command)
    assert fixture.exchange.snapshot is fixture.policies.snapshot


@pytest.fixture(scope="module")
def policies(tmp_path_factory: pytest.TempPathFactory) -> FakePolicies:
    """The shipped policy, which denies what is plainly destructive."""
    top = tmp_path_factory.mktemp("policy")
    return FakePolicies(load_snapshot(policy_directories(top / "config", None, top / "state"), None))


def test_a_denial_found_on_the_loop_stands_where_the_process_fails(
    policies: FakePolicies, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The loop's share of nodes is what ends, not its time: that is another one on each machine.
    monkeypatch.setattr("security_hooks.service.ruling.ORDINARY", replace(ORDINARY, milliseconds=1000))
    fixture = Fixture(policies, FakeIsolation(Failure(Reason.ANALYSIS_TIMEOUT)))
    decision = fixture.rule("rm -rf /;" + DEAR)
    assert (decision.verdict, decision.basis) == (Verdict.DENY, Basis.RULE)
    assert len(fixture.isolation.judged) == 1


@pytest.mark.parametrize("command", [DEAR, "#" * DECODED_HERE], ids=["dear", "very large"])
def test_without_one_the_failure_is_what_is_answered(command: str) -> None:
    fixture = Fixture(isolation=FakeIsolation(Failure(Reason.ANALYSIS_TIMEOUT)))
    with pytest.raises(CallError):
        fixture.rule(command)


def test_a_policy_that_is_gone_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakePolicies, "build_of", lambda self, generation: None)
    with pytest.raises(CallError):
        Fixture().rule(DEAR)


def test_a_payload_that_cannot_be_read_is_a_failure_wherever_it_is_decoded() -> None:
    rulings: Any = Rulings(FakePolicies(), FakeIsolation(), Mounts(frozenset), "/h")
    for payload in (b"{", b"{" * (DECODED_HERE + 1)):

        async def wait(payload: bytes = payload) -> None:
            ruling = rulings.rule(Exchange(Peer(1, 2), client=client_named("claude-code")), payload)
            await later(ruling)

        with pytest.raises(CallError) as failed:
            asyncio.run(wait())
        assert failed.value.failure.reason is Reason.BAD_PAYLOAD


def test_of_a_peer_that_sees_other_files_nothing_is_looked_up(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc/shadow")
    (tmp_path / "run.sh").write_text("rm -rf ~\n")
    seen, unseen = Fixture(), Fixture(is_unseen=True)
    for fixture in (seen, unseen):
        fixture.rule("sh run.sh", cwd=str(tmp_path))
    assert (seen.exchange.is_unseen, unseen.exchange.is_unseen) == (False, True)
    assert programs_of(seen) == ["sh", "rm"]
    assert programs_of(unseen) == ["sh"]


class HearsOfChanges:
    """Takes every change for one that holds at once, or leaves it to the rules."""

    def __init__(self, answer: Decision | None) -> None:
        self._answer = answer

    async def hear(self, event: HookEvent, place: Place, snapshot: Snapshot) -> Decision | None:
        return self._answer


HELD = Decision(Verdict.ALLOW, Basis.DEFAULT)


@pytest.mark.parametrize("command", ["ls", "#" * DECODED_HERE], ids=["on the loop", "apart"])
@pytest.mark.parametrize(
    ("heard", "is_unseen", "is_held"),
    [(HELD, False, True), (HELD, True, False), (None, False, False), (None, True, False)],
)
def test_a_change_of_settings_is_judged_by_the_rules_unless_it_is_known_to_be_held(
    heard: Decision | None, is_unseen: bool, is_held: bool, command: str
) -> None:
    fixture = Fixture(wiring=HearsOfChanges(heard), is_unseen=is_unseen)
    decision = fixture.rule(command, event="ConfigChange")
    assert (decision is HELD) is is_held


@pytest.mark.parametrize("command", [DEAR, "#" * DECODED_HERE], ids=["dear", "very large"])
def test_the_judging_process_is_told_of_a_peer_that_sees_other_files(command: str) -> None:
    fixture = Fixture(is_unseen=True)
    fixture.rule(command)
    assert fixture.isolation.unseen == [True]

"""What one daemon remembers of its sessions; scripted sessions are in `test_offline_sessions.py` and `tests/e2e`."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from tests.shipped import shipped_snapshot

from security_hooks.model.decision import Basis, Decision, Verdict
from security_hooks.model.deed import Deed, Deeds
from security_hooks.model.effect import EffectKind
from security_hooks.model.event import EventKind, HookEvent, Place, ToolCall, ToolKind
from security_hooks.model.session import NO_SESSION, SessionView
from security_hooks.policy.snapshot import Snapshot
from security_hooks.service.exchange import Exchange
from security_hooks.service.lineage import Lineage
from security_hooks.service.peer import Peer
from security_hooks.service.person import ClientProcess
from security_hooks.service.sessions import LONGEST, MOST_SESSIONS, Sessions
from security_hooks.service.summary import Summary

HOUR = 3_600_000_000_000
# Hook 2 is of a client that runs below that of hook 1.
TREE = {
    1: (ClientProcess(1, 100, 1, "claude-code"),),
    2: (ClientProcess(1, 200, 2, "codex-cli"), ClientProcess(3, 100, 1, "claude-code")),
}


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return shipped_snapshot()


class Desk:
    """Sessions with a clock that stands until it is moved."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.now = 1_000 * HOUR
        self.sessions = self.again()

    def again(self) -> Sessions:
        self.sessions = Sessions(Lineage(lambda pid: TREE.get(pid, ())), lambda: self.now)
        return self.sessions

    def exchange(self, session: str = "s", client: str = "claude-code", pid: int = 0, **event: Any) -> Exchange:
        tool = ToolCall("Bash", ToolKind.SHELL, event.pop("call_id", "1"), script=event.pop("script", "x"))
        made = HookEvent(client, event.pop("kind", EventKind.PRE_TOOL), "e", session, tool=tool, **event)
        place = Place("/p", "/h", "/p")
        return Exchange(Peer(1, pid), event=made, place=place, snapshot=self.snapshot)

    def view(self, session: str = "s", client: str = "claude-code", pid: int = 0) -> SessionView:
        return self.sessions.view(self.exchange(session, client, pid), self.snapshot)

    def writes(self, path: str, verdict: Verdict = Verdict.ALLOW, answered: str | None = None, **who: Any) -> None:
        exchange = self.exchange(**who)
        self.sessions.view(exchange, self.snapshot)
        exchange.answered = answered
        exchange.summary = Summary({}, Deeds((Deed(EffectKind.WRITES, path),)))
        self.sessions.saw(exchange, Decision(verdict, Basis.DEFAULT))

    def dumped(self) -> Iterator[bytes]:
        return self.sessions.dump(self.now // 1_000_000_000)


@pytest.fixture
def desk(snapshot: Snapshot) -> Desk:
    return Desk(snapshot)


@pytest.mark.parametrize(
    ("verdict", "answered", "written"),
    [
        (Verdict.ALLOW, None, {"/p/a"}),
        (Verdict.ASK, "ask", {"/p/a"}),
        (Verdict.ASK, "deny", set()),
        (Verdict.DENY, None, set()),
    ],
)
def test_a_call_counts_unless_its_client_is_told_not_to_run_it(
    desk: Desk, verdict: Verdict, answered: str | None, written: set[str]
) -> None:
    desk.writes("/p/a", verdict, answered)
    assert desk.view().written == written


def test_sessions_know_nothing_of_each_other_but_what_they_started(desk: Desk) -> None:
    desk.writes("/p/a", pid=1)
    assert desk.view("other").written == frozenset()
    assert desk.view("s", "gemini-cli").written == frozenset()
    assert desk.view("inner", "codex-cli", pid=2).written == {"/p/a"}


def test_what_ran_unseen_in_an_agent_counts_for_who_started_it_also_after_a_restart(desk: Desk) -> None:
    desk.view(pid=1)
    desk.view("inner", "codex-cli", pid=2)
    desk.sessions.taint("codex-cli", "inner")
    desk.sessions.taint("claude-code", "never met")
    for _ in range(2):
        assert desk.view().ran_unseen
        assert desk.view("inner", "codex-cli").ran_unseen
        assert not desk.view("other").ran_unseen
        assert desk.view("never met").ran_unseen
        parts = list(desk.dumped())
        desk.again().restore(parts, desk.now // 1_000_000_000)
    assert desk.sessions.report() == {"sessions": 2, "ran_unseen": 2}


def test_a_session_is_forgotten_when_its_time_is_over(desk: Desk, snapshot: Snapshot) -> None:
    desk.writes("/p/a")
    desk.now += snapshot.config.memory.hours * HOUR
    assert desk.view().written
    desk.now += HOUR
    assert desk.view() is NO_SESSION


def test_what_is_too_old_is_not_saved_and_not_taken_up(desk: Desk) -> None:
    desk.writes("/p/a")
    parts = list(desk.dumped())
    desk.now += LONGEST * 1_000_000 + HOUR
    assert len(list(desk.dumped())) == 1
    desk.again().restore(parts, desk.now // 1_000_000_000)
    assert desk.sessions.report()["sessions"] == 0


def test_only_so_many_are_remembered_however_many_are_saved(desk: Desk) -> None:
    for number in range(MOST_SESSIONS + 10):
        desk.writes("/p/a", session=str(number))
    assert desk.sessions.report()["sessions"] == MOST_SESSIONS
    assert not desk.view("0").written
    parts = list(desk.dumped())
    # The latest first, in case that not all is saved, and in their order afterwards.
    assert f"claude-code/{MOST_SESSIONS + 9}".encode() in parts[1]
    desk.again().restore(parts, desk.now // 1_000_000_000)
    assert list(desk.dumped())[1:] == parts[1:]
    more = [part.replace(b"claude-code/", b"claude-cope/") for part in parts[1:]]
    desk.again().restore([*parts, *more], desk.now // 1_000_000_000)
    assert desk.sessions.report()["sessions"] == MOST_SESSIONS


@pytest.mark.parametrize("part", [b"", b"\xc1", msgspec.msgpack.encode({"type": "session"}), msgspec.msgpack.encode(7)])
def test_what_is_no_dump_is_refused(desk: Desk, part: bytes) -> None:
    with pytest.raises((msgspec.ValidationError, msgspec.DecodeError)):
        desk.sessions.restore([part], 0)

import dataclasses
import json
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import pytest
from tests.shipped import shipped_snapshot

from security_hooks.clients import client_named
from security_hooks.model.decision import Decision, Verdict
from security_hooks.model.event import Place
from security_hooks.model.failure import CallError, Failure, Reason
from security_hooks.model.work import Discard, Shape, Stake, Stakes
from security_hooks.policy.config import Config, DefaultAnswer, Mode, WhoseWork
from security_hooks.policy.snapshot import Snapshot
from security_hooks.service.authors import Authors
from security_hooks.service.exchange import Exchange
from security_hooks.service.judge import judge
from security_hooks.service.pace import Pace
from security_hooks.service.peer import Peer
from security_hooks.service.summary import summary_of
from security_hooks.service.weighing import WeighedRulings


@pytest.fixture(scope="module")
def shipped() -> Snapshot:
    return shipped_snapshot()


class FakeRulings:
    """Decides as the rules do, at once or later."""

    def __init__(self, snapshot: Snapshot, *, is_late: bool) -> None:
        self.pace = Pace()
        self._snapshot = snapshot
        self._is_late = is_late

    def rule(self, exchange: Exchange, payload: bytes) -> Decision | Awaitable[Decision]:
        assert exchange.event is not None
        assert exchange.place is not None
        exchange.snapshot = self._snapshot
        judgement = judge(exchange.event, exchange.place, self._snapshot, 0)
        exchange.summary = summary_of(judgement.call)
        return self._later(judgement.decision) if self._is_late else judgement.decision

    async def _later(self, decision: Decision) -> Decision:
        return decision


class FakeFinder:
    """Finds what it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[Discard, ...]] = []
        self.found = Stakes()
        self.failure: Failure | None = None

    async def find_stakes(
        self, discards: tuple[Discard, ...], home: str, made_again: tuple[str, ...], seconds: float, deadline: float
    ) -> tuple[Stakes, ...]:
        self.asked.append(discards)
        if self.failure is not None:
            raise CallError(self.failure)
        return (self.found,) * len(discards)


class Desk:
    def __init__(self, place: Path, snapshot: Snapshot, *, is_late: bool = False, **config: Any) -> None:
        (place / ".git").mkdir(exist_ok=True)
        self.place = place
        shipped = dataclasses.replace(snapshot.config, **({"whose_work": WhoseWork.LIFT} | config))
        self.finder = FakeFinder()
        self.authors = Authors(lambda _: False, lambda: 0)
        rulings = FakeRulings(dataclasses.replace(snapshot, config=shipped), is_late=is_late)
        self.rulings = WeighedRulings(rulings, self.finder, self.authors, lambda _: False)
        self.is_unseen = False
        self.family = "me"

    async def rule(self, command: str, event: str = "PreToolUse") -> Decision:
        client = client_named("claude-code")
        assert client is not None
        call = {"session_id": "s", "cwd": str(self.place), "hook_event_name": event, "tool_name": "Bash"}
        payload = json.dumps({**call, "tool_input": {"command": command}}).encode()
        exchange = Exchange(Peer(1, 1), client=client, event=client.decode(payload), payload=payload)
        exchange.place = Place(str(self.place), "/home/u", str(self.place))
        exchange.is_unseen, exchange.family = self.is_unseen, self.family
        ruling = self.rulings.rule(exchange, payload)
        return ruling if isinstance(ruling, Decision) else await ruling

    def persons(self, name: str = "f") -> None:
        self.finder.found = Stakes((Stake(f"{self.place}/{name}", Shape(1, 1, 1, 1)),))


@pytest.fixture
def desk(tmp_path: Path, shipped: Snapshot) -> Desk:
    return Desk(tmp_path, shipped)


@pytest.mark.parametrize("is_late", [False, True])
async def test_an_ask_is_lifted_where_nothing_is_at_stake(tmp_path: Path, shipped: Snapshot, is_late: bool) -> None:
    decision = await Desk(tmp_path, shipped, is_late=is_late).rule("git reset --hard")
    assert (decision.verdict, decision.would) == (Verdict.ALLOW, Verdict.ALLOW)
    (finding,) = decision.findings
    assert (finding.rule, finding.verdict) == ("git-discard", None)


async def test_in_observe_mode_what_would_have_been_changes(tmp_path: Path, shipped: Snapshot) -> None:
    desk = Desk(tmp_path, shipped, mode=Mode.OBSERVE)
    desk.persons()
    (tmp_path / "f").write_text("x")
    decision = await desk.rule("git reset --hard")
    assert (decision.verdict, decision.would) == (Verdict.ALLOW, Verdict.ASK)
    assert (await desk.rule("rm f")).would is Verdict.ASK


@pytest.mark.parametrize(
    "config", [{"whose_work": WhoseWork.ASK}, {"default_answer": DefaultAnswer.ASK}, {"whose_work": WhoseWork.OFF}]
)
async def test_where_nothing_is_lifted(tmp_path: Path, shipped: Snapshot, config: dict[str, Any]) -> None:
    desk = Desk(tmp_path, shipped, **config)
    assert (await desk.rule("git reset --hard")).verdict is Verdict.ASK
    assert bool(desk.finder.asked) is (config.get("whose_work") is not WhoseWork.OFF)


@pytest.mark.parametrize(
    ("command", "verdict"),
    [
        # Asks and denials of other rules stay as they are.
        ("git reset --hard && rm -rf ~/other-project", Verdict.ASK),
        ("git reset --hard && rm -rf /", Verdict.DENY),
        ("git push --force origin main", Verdict.ASK),
        ("git reset --hard && rm -rf .git", Verdict.ASK),
        ("; ".join(["git reset --hard HEAD~1"] * 1 + [f"git restore f{number}" for number in range(6)]), Verdict.ASK),
        ("; ".join(f"git restore f{number}" for number in range(4)), Verdict.ASK),
        ("git restore f; git checkout -- g", Verdict.ALLOW),
    ],
)
async def test_only_asks_about_discards_are_lifted(desk: Desk, command: str, verdict: Verdict) -> None:
    assert (await desk.rule(command)).verdict is verdict


@pytest.mark.parametrize(("command", "expected"), [("git reset --hard", Verdict.ASK), ("rm f", Verdict.ALLOW)])
async def test_what_cannot_be_found_out_leaves_the_ruling(desk: Desk, command: str, expected: Verdict) -> None:
    (desk.place / "f").write_text("x")
    for reason in (Reason.ANALYSIS_TIMEOUT, Reason.ANALYSIS_BUSY, Reason.ANALYSIS_FAILED):
        desk.finder.failure = Failure(reason)
        decision = await desk.rule(command)
        assert decision.verdict is expected
        assert decision.findings[-1].nudge.startswith("Whose work it would discard could not be told: ")
    desk.finder.failure, desk.finder.found = None, Stakes(missing="a merge is under way")
    assert (await desk.rule(command)).verdict is expected


async def test_a_persons_file_is_asked_about(desk: Desk) -> None:
    (desk.place / "f").write_text("x")
    desk.persons()
    decision = await desk.rule("rm f")
    assert decision.verdict is Verdict.ASK
    assert decision.findings[0].rule == "others-work"
    assert (await desk.rule("rm f", "PermissionRequest")).verdict is Verdict.ASK


async def test_what_need_not_be_looked_at_is_not(desk: Desk, tmp_path: Path) -> None:
    desk.persons()
    for command in ("ls", "rm missing", "rm /tmp/nothing-there", "git status", "cat f", "git push --force origin x"):
        await desk.rule(command)
    await desk.rule("git reset --hard", "PostToolUse")
    assert desk.finder.asked == []


@pytest.mark.parametrize("change", [{"is_unseen": True}, {"family": ""}])
async def test_of_files_and_sessions_that_we_do_not_see_nothing_is_known(desk: Desk, change: dict[str, Any]) -> None:
    for name, value in change.items():
        setattr(desk, name, value)
    assert (await desk.rule("git reset --hard")).verdict is Verdict.ASK
    assert desk.finder.asked == []


def test_without_a_configuration_nothing_is_lifted() -> None:
    assert Config().whose_work is WhoseWork.ASK

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.logs.synthesise import DENIED, Call, bash

from security_hooks.audit.failure import AuditError
from security_hooks.audit.settings import WriterSettings
from security_hooks.audit.writer import AuditWriter
from security_hooks.insight.anomalies.detectors import Detectors
from security_hooks.model.record import AuditRecord, RecordKind
from security_hooks.policy.config import Config, OnFailingTool
from security_hooks.service.anomaly_watch import MOST_SHOWN, AnomalyWatch

BEGUN = 1_795_262_400
ASKING = Config(on_failing_tool=OnFailingTool.ASK)


class Fixture:
    """A log with its writer, and the watch of a daemon that began at BEGUN."""

    def __init__(self, state: Path, config: Config) -> None:
        self.log = state / "audit"
        self.writer = AuditWriter(self.log, WriterSettings())
        self.config = config
        self.alarms: list[dict[str, Any]] = []
        self.stopped: list[tuple[str, str, str]] = []

    def write(self, *calls: Call) -> None:
        for call in calls:
            self.writer.append(call.record())

    def watch(self) -> AnomalyWatch:
        return AnomalyWatch(
            self.log,
            BEGUN * 1_000_000_000,
            lambda: self.config,
            self.alarm,
            lambda *stopped: self.stopped.append(stopped),
        )

    def alarm(self, fields: dict[str, Any]) -> None:
        self.alarms.append(fields)
        self.writer.append(AuditRecord(RecordKind.ALARM, BEGUN, fields))


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Callable[..., Fixture]]:
    fixtures: list[Fixture] = []

    def make(config: Config | None = None) -> Fixture:
        fixtures.append(Fixture(tmp_path, config or Config()))
        return fixtures[-1]

    yield make
    for fixture in fixtures:
        fixture.writer.close()


def denied(count: int, at: float = BEGUN, session: str = "s") -> list[Call]:
    return [bash(at + number, session, "rm -rf /", DENIED) for number in range(count)]


def failures(count: int, at: float = BEGUN) -> list[Call]:
    given: dict[str, object] = {"command": "make"}
    return [Call(at + number, "s", "Bash", given, "PostToolUseFailure") for number in range(count)]


async def test_what_is_appended_raises_an_alarm_that_is_recorded_told_once_and_shown(
    made: Callable[..., Fixture],
) -> None:
    fixture = made()
    watch = fixture.watch()
    fixture.write(*denied(5))
    await watch.read_on()
    assert (fixture.alarms, watch.news()) == ([], "")
    fixture.write(*denied(1))
    await watch.read_on()
    (alarm,) = fixture.alarms
    assert (alarm["anomaly"], alarm["session"], alarm["observed"]) == ("deny-rate", "s", 6)
    assert watch.report() == [{"at": "2026-11-21T12:00:00.000000000Z", **alarm}]
    news = watch.news()
    assert "(low): 6 of 6 calls were denied" in news and "`security-hooks anomalies`" in news
    assert watch.news() == ""
    assert not fixture.stopped


async def test_of_much_that_stands_out_the_worst_is_told(made: Callable[..., Fixture]) -> None:
    fixture = made()
    watch = fixture.watch()
    fixture.write(*denied(12), *denied(6, session="other"))
    await watch.read_on()
    assert len(fixture.alarms) == 4
    assert "(high): 12 of 12" in (news := watch.news())
    assert "and 3 more" in news


async def test_what_the_log_held_before_is_history(made: Callable[..., Fixture]) -> None:
    fixture = made()
    fixture.write(*denied(12, at=BEGUN - 100))
    watch = fixture.watch()
    await watch.read_on()
    assert not fixture.alarms
    # It goes on in the same way, which is no news either.
    fixture.write(*denied(12))
    await watch.read_on()
    assert not fixture.alarms


async def test_the_multiplier_in_force_holds(made: Callable[..., Fixture]) -> None:
    fixture = made(Config(anomaly_multiplier=100))
    watch = fixture.watch()
    fixture.write(*denied(12))
    await watch.read_on()
    assert not fixture.alarms
    fixture.config = Config()
    fixture.write(*denied(1))
    await watch.read_on()
    assert fixture.alarms


@pytest.mark.parametrize(("config", "stops"), [(ASKING, True), (Config(), False)], ids=["ask", "alarm"])
async def test_a_tool_that_fails_is_stopped_where_that_is_wanted(
    made: Callable[..., Fixture], config: Config, stops: bool
) -> None:
    fixture = made(config)
    watch = fixture.watch()
    fixture.write(*failures(20))
    await watch.read_on()
    assert fixture.alarms[0]["anomaly"] == "tool-failure-rate"
    assert [stopped[:2] for stopped in fixture.stopped] == [("claude-code", "Bash")] * stops
    watch.clear("Bash")
    fixture.write(*failures(20))
    await watch.read_on()
    assert len(fixture.alarms) == 2


async def test_lines_that_nobody_can_read_are_passed_over(made: Callable[..., Fixture]) -> None:
    fixture = made()
    watch = fixture.watch()
    fixture.write(*denied(3))
    (segment,) = fixture.log.glob("*.jsonl")
    with segment.open("ab") as file:
        file.write(b"{nonsense\n\xff\xff\n")
    fixture.write(*denied(3))
    await watch.read_on()
    assert len(fixture.alarms) == 1


async def test_a_record_that_they_fail_over_is_not_met_again(
    made: Callable[..., Fixture], monkeypatch: pytest.MonkeyPatch
) -> None:
    fixture = made()
    watch = fixture.watch()
    fixture.write(*denied(1))
    with monkeypatch.context() as broken:
        broken.setattr(Detectors, "feed", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            await watch.read_on()
    fixture.write(*denied(6))
    await watch.read_on()
    assert fixture.alarms[0]["observed"] == 6


async def test_what_comes_while_it_rests_is_read_later(
    made: Callable[..., Fixture], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("security_hooks.service.anomaly_watch.PAUSE_SECONDS", 0.001)
    fixture = made()
    watch = fixture.watch()
    running = asyncio.ensure_future(watch.run())
    for call in denied(6):
        fixture.write(call)
        watch.want()
        await asyncio.sleep(0.002)
    while not fixture.alarms:
        await asyncio.sleep(0.001)
    running.cancel()


async def test_others_have_their_turn_while_much_is_read(
    made: Callable[..., Fixture], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("security_hooks.service.anomaly_watch.SLICE_SECONDS", -1.0)
    monkeypatch.setattr("security_hooks.service.anomaly_watch.IDLE_SECONDS", 0)
    fixture = made()
    watch = fixture.watch()
    fixture.write(*denied(30))
    turns = 0
    reading = asyncio.ensure_future(watch.read_on())
    while not reading.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns >= 30


async def test_what_is_kept_is_bounded(made: Callable[..., Fixture]) -> None:
    fixture = made()
    watch = fixture.watch()
    fixture.write(*(call for number in range(MOST_SHOWN + 5) for call in denied(6, session=str(number))))
    await watch.read_on()
    assert len(watch.report()) == MOST_SHOWN
    assert len(fixture.alarms) == MOST_SHOWN + 5


async def test_a_log_that_cannot_be_read_is_said(made: Callable[..., Fixture]) -> None:
    fixture = made()
    watch = fixture.watch()
    (segment,) = fixture.log.glob("*.jsonl")
    segment.rename(fixture.log / "kept")
    segment.symlink_to("kept")
    with pytest.raises(AuditError):
        await watch.read_on()

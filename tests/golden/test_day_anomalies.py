"""Ordinary days (`day/`): nothing in them stands out, for whatever agents share the work and in whatever order."""

from random import Random

import msgspec
import pytest
from tests.golden.test_day import CALLS, CWD, HOME
from tests.shipped import shipped_snapshot

from security_hooks.audit.redact import Redactor
from security_hooks.audit.settings import WriterSettings
from security_hooks.clients import client_named
from security_hooks.insight.anomalies.alert import Alert, Kind
from security_hooks.insight.anomalies.detectors import Detectors
from security_hooks.insight.anomalies.observation import Observation, observe
from security_hooks.model.decision import Decision
from security_hooks.model.event import Place
from security_hooks.model.reply import HookReply
from security_hooks.service.exchange import Exchange
from security_hooks.service.journal import decision_record
from security_hooks.service.offline import Offline, fictitious_project
from security_hooks.service.peer import Peer

NOON = 1_795_262_400
DAY = 86_400
# A call every half a minute, by a few sessions side by side: the pace of a person with agents at work all day.
SECONDS = 30
SESSIONS = 6


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> tuple[Observation, ...]:
    """Each call of the day as its record tells it, judged by the shipped policy."""
    offline = Offline(shipped_snapshot(), fictitious_project)
    redactor = Redactor(WriterSettings())
    seen = []
    for call in CALLS:
        decision = offline.payload(call.client, call.payload(), HOME).decision
        observation = observe(_line(redactor, call.client, call.payload(), decision))
        assert observation is not None
        seen.append(observation)
    return tuple(seen)


def _line(redactor: Redactor, name: str, payload: bytes, decision: Decision) -> bytes:
    client = client_named(name)
    assert client is not None
    exchange = Exchange(Peer(1000, 7), name=name, client=client, event=client.decode(payload))
    exchange.place = Place(CWD, HOME, CWD)
    fields = redactor.encode(decision_record(0, exchange, decision, HookReply(0)).fields)
    return b'{"at":"2026-11-21T12:00:00.000000000Z","fields":%s,"kind":"decision"}\n' % fields


def alerts(day: tuple[Observation, ...], days: int, seed: int, last: tuple[Observation, ...] = ()) -> list[Alert]:
    """What stands out in so many such days, each in another order, and in what comes at their end."""
    random, detectors = Random(seed), Detectors()
    found: list[Alert] = []
    for number in range(days):
        for place, seen in enumerate(random.sample(day, len(day))):
            at = NOON + number * DAY + place * SECONDS
            session = f"{number}-{random.randrange(SESSIONS)}"
            found += detectors.feed(msgspec.structs.replace(seen, at=at, session=session))
    for place, seen in enumerate(last):
        found += detectors.feed(msgspec.structs.replace(seen, at=NOON + days * DAY + place, session="last"))
    return found


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("days", [1, 5])
def test_nothing_stands_out_in_ordinary_days(day: tuple[Observation, ...], days: int, seed: int) -> None:
    assert alerts(day, days, seed) == []


def test_nothing_stands_out_where_one_session_does_all_of_it(day: tuple[Observation, ...]) -> None:
    detectors = Detectors()
    found = [
        alert
        for place, seen in enumerate(day)
        for alert in detectors.feed(msgspec.structs.replace(seen, at=NOON + place * SECONDS, session="all"))
    ]
    assert found == []


def test_what_follows_on_ordinary_days_and_is_not_ordinary_stands_out(day: tuple[Observation, ...]) -> None:
    denied = tuple(msgspec.structs.replace(seen, is_denied=True) for seen in day[:20])
    read = tuple(msgspec.structs.replace(day[0], files=(f"/etc/{number}",)) for number in range(100))
    new = (msgspec.structs.replace(day[0], tool="mcp__new__tool", is_mcp=True),)
    kinds = {alert.kind for alert in alerts(day, 5, 1, (*denied, *read, *new))}
    assert kinds == {Kind.DENY_RATE, Kind.FILE_READ_VOLUME, Kind.UNKNOWN_INPUT}

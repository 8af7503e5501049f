import asyncio
import json
import os
from typing import Any, cast

import pytest

from security_hooks.model.diagnostic import Diagnostic
from security_hooks.policy.built import Build
from security_hooks.policy.config import Config, Mode
from security_hooks.policy.snapshot import Snapshot, assemble_at_once
from security_hooks.service.counters import Counters
from security_hooks.service.reload import PolicyStore
from security_hooks.service.status import Begun, status_report, trouble_of

GOOD = assemble_at_once(Build("digest", Config(), ()), 3)
BROKEN = Diagnostic("a.rules", 2, 1, "syntax", "`nonsense` is no clause")
INSIGHT: dict[str, Any] = {"well": True, "pid": 79}
JUDGING: dict[str, Any] = {"pid": 78, "restarts": 1, "timeouts": 2, "waiting": 0}
ANOMALIES: dict[str, Any] = {"alerts": [], "asking": []}
AUDIT: dict[str, Any] = {"directory": "/s/audit", "sequence": 9, "full": False}


class FakeStore:
    def __init__(
        self, current: Snapshot | None, problems: tuple[Diagnostic, ...] = (), *, observes: bool = False
    ) -> None:
        self.current = current
        self.problems = {None: problems} if problems else {}
        self.warnings = ()
        self.observes = observes or (current is not None and current.config.mode is Mode.OBSERVE)


def report(store: FakeStore, *, is_delivered: bool = True, **audit: Any) -> dict[str, Any]:
    async def ask() -> bytes:
        fake = cast("PolicyStore", store)
        return status_report(
            fake,
            Counters(),
            Begun("by hand", 0.0, 17),
            "/run/s",
            (77, JUDGING, INSIGHT | {"well": is_delivered}),
            AUDIT | audit,
            ANOMALIES,
            {"nap_seconds": 0, "grants": []},
        )

    told: dict[str, Any] = json.loads(asyncio.run(ask()))
    return told


def test_all_is_well() -> None:
    told = report(FakeStore(GOOD))
    assert told["well"] is True
    assert (told["pid"], told["worker_pid"], told["socket"], told["loop"]) == (os.getpid(), 77, "/run/s", "asyncio")
    assert told["anomalies"] == ANOMALIES
    assert (told["started"], told["since"]) == ("by hand", 17)
    assert told["policy"] == {
        "mode": "enforce",
        "generation": 3,
        "digest": "digest",
        "rules": 0,
        "problems": [],
        "warnings": [],
    }
    assert (told["audit"], told["judging"]) == (AUDIT, JUDGING)
    assert told["calls"]["calls"] == 0


@pytest.mark.parametrize(
    ("store", "audit"),
    [
        (FakeStore(None), {}),
        (FakeStore(GOOD, (BROKEN,)), {}),
        (FakeStore(GOOD), {"full": True}),
        (FakeStore(GOOD), {"retention": {"problem": "no room", "failures": 2}}),
    ],
    ids=["no policy", "a broken policy on disk", "a full disk", "a log that is not kept within its limits"],
)
def test_what_needs_a_person_is_not_well(store: FakeStore, audit: dict[str, Any]) -> None:
    assert report(store, **audit)["well"] is False


def test_retention_that_failed_once_may_be_by_chance() -> None:
    assert report(FakeStore(GOOD), retention={"problem": "no room", "failures": 1})["well"] is True


def test_problems_are_told_with_their_place() -> None:
    told = report(FakeStore(None, (BROKEN,)))["policy"]
    assert told["problems"] == ["a.rules:2:1: `nonsense` is no clause [syntax]"]
    assert (told["mode"], told["generation"], told["digest"]) == (None, 0, "")


def test_without_a_policy_the_configuration_says_that_nothing_is_blocked() -> None:
    assert report(FakeStore(None, (BROKEN,), observes=True))["policy"]["mode"] == "observe"


WATCHING = assemble_at_once(Build("digest", Config(mode=Mode.OBSERVE), ()), 3)


@pytest.mark.parametrize(
    ("store", "is_full", "says"),
    [
        (FakeStore(GOOD), False, ""),
        (FakeStore(GOOD), True, "disk is full"),
        (FakeStore(GOOD, (BROKEN,)), False, "last good one is in force"),
        (FakeStore(None, (BROKEN,)), False, "every call is denied"),
        (FakeStore(WATCHING), False, "nothing is blocked"),
        (FakeStore(WATCHING), True, "nothing is blocked; the disk is full, so calls are not recorded"),
        (FakeStore(None, (BROKEN,), observes=True), False, "no call is judged"),
    ],
)
def test_what_a_person_should_know_when_a_session_starts(store: FakeStore, is_full: bool, says: str) -> None:
    line = trouble_of(cast("PolicyStore", store), is_full=is_full)
    assert says in line and bool(says) == bool(line)


def test_where_delivery_needs_a_person_all_is_not_well() -> None:
    assert report(FakeStore(GOOD), is_delivered=False)["well"] is False

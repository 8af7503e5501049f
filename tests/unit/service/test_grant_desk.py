import asyncio
import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from security_hooks.model.record import AuditRecord
from security_hooks.policy.built import Build
from security_hooks.policy.config_types import Config, GrantSettings, Proof
from security_hooks.policy.snapshot import Snapshot, assemble_at_once
from security_hooks.service.grant_desk import GrantDesk
from security_hooks.service.granter import Granter
from security_hooks.service.grants import Grants
from security_hooks.service.nap import Nap
from security_hooks.service.peer import Peer

PERSON, AGENT, ROOT = Peer(1000, 7), Peer(1000, 8), Peer(0, 7)


class Desk:
    """A desk with a log of our own, of a daemon of user 1000 unless another is given."""

    def __init__(self, place: Path, uid: int = 1000, **settings: Any) -> None:
        self.records: list[AuditRecord] = []
        config = replace(Config(), grants=GrantSettings(**settings))
        snapshot = assemble_at_once(Build("d", config, ()))
        self.grants = Grants(place / "g.json", lambda *_: None, lambda: 0.0, lambda: 0.0)
        granter = Granter(self.grants, "/home/u", random.Random(1).choice, self._append)
        self.nap = Nap(lambda _: None, lambda: 0.0, lambda: 0.0)

        async def located(directory: str) -> tuple[str | None, Snapshot]:
            return (None if directory == "/" else directory), snapshot

        self.desk = GrantDesk(
            self.grants,
            granter,
            self.nap,
            lambda: snapshot,
            located,
            lambda pid: None if pid == PERSON.pid else "only a person decides this",
            self._append,
            uid,
        )

    def _append(self, record: AuditRecord) -> int:
        self.records.append(record)
        return 1

    def add(self, text: str = "forbid push", directory: str = "/p", peer: Peer = PERSON) -> dict[str, Any]:
        payload = json.dumps({"text": text, "directory": directory}).encode()
        return read(asyncio.run(self.desk.add(payload, peer)))


def read(answer: bytes) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(answer)
    return told


def test_a_person_grants_lists_and_revokes(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    granted = desk.add()["granted"]
    assert (granted["said"], granted["by"], granted["seconds_left"]) == ("forbid push", "terminal", 600)
    assert read(desk.desk.listed())["grants"] == [granted]
    assert desk.desk.report() == {"nap_seconds": 0, "grants": [granted]}
    assert read(desk.desk.revoke(granted["id"].lower().encode(), PERSON)) == {"revoked": "forbid push"}
    assert read(desk.desk.listed()) == {"grants": []}
    assert [record.kind.value for record in desk.records] == ["grant", "grant"]


def test_whoever_is_no_person_decides_nothing_and_is_recorded(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    identity = desk.add()["granted"]["id"].encode()
    assert "refused" in desk.add(peer=AGENT)
    assert "refused" in read(desk.desk.revoke(identity, AGENT))
    assert "refused" in read(desk.desk.nap(b"60", AGENT))
    assert len(desk.grants.all()) == 1 and not desk.nap.is_on()
    assert [record.fields.get("peer_pid") for record in desk.records if "refused" in record.fields] == [8, 8]
    desk.nap.begin(60)
    assert "refused" in read(desk.desk.wake(AGENT)) and desk.nap.is_on()


@pytest.mark.parametrize(
    ("text", "directory", "why"),
    [("forbid frob", "/p", "is not a word"), ("forbid push", "/", "no project"), ("forbid push 2h", "/p", "longer")],
)
def test_what_is_refused_says_why(tmp_path: Path, text: str, directory: str, why: str) -> None:
    answer = Desk(tmp_path).add(text, directory)
    assert why in answer["refused"] and answer["unknown"]


def test_nonsense_is_refused(tmp_path: Path) -> None:
    desk = Desk(tmp_path).desk
    assert "refused" in read(asyncio.run(desk.add(b"{", PERSON)))
    assert read(desk.revoke(b"ZZZZ", PERSON))["unknown"]


@pytest.mark.parametrize(
    ("typed", "is_on"), [(b"60", True), (b"3600", True), (b"3601", False), (b"0", False), (b"-5", False), (b"x", False)]
)
def test_a_nap_is_as_long_as_the_configuration_lets_it(tmp_path: Path, typed: bytes, is_on: bool) -> None:
    desk = Desk(tmp_path)
    assert ("napping" in read(desk.desk.nap(typed, PERSON))) is is_on is desk.nap.is_on()
    assert ("began" in desk.records[0].fields) is is_on
    assert (desk.desk.report()["nap_seconds"] != 0) is is_on
    assert read(desk.desk.wake(PERSON)) == {"woken": is_on}


def test_where_sudo_is_required_root_alone_grants_and_anybody_wakes(tmp_path: Path) -> None:
    desk = Desk(tmp_path, require=Proof.SUDO)
    assert "needs sudo" in desk.add()["refused"]
    assert "needs sudo" in read(desk.desk.nap(b"60", PERSON))["refused"]
    assert "granted" in desk.add(peer=ROOT)
    # Root below an agent is the agent's.
    assert "only a person" in desk.add(peer=Peer(0, 8))["refused"]
    desk.nap.begin(60)
    assert read(desk.desk.wake(PERSON)) == {"woken": True}


def test_of_a_daemon_of_roots_sudo_proves_nothing(tmp_path: Path) -> None:
    assert "proves nothing" in Desk(tmp_path, uid=0, require=Proof.SUDO).add(peer=ROOT)["refused"]

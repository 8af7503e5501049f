import asyncio
import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace as with_fields

from security_hooks.audit.failure import AuditError
from security_hooks.clients import client_named
from security_hooks.model.event import Place
from security_hooks.model.record import AuditRecord
from security_hooks.policy.built import Build
from security_hooks.policy.config_types import Config, GrantSettings, Proof, Switch
from security_hooks.policy.snapshot import assemble_at_once
from security_hooks.service.exchange import Exchange
from security_hooks.service.granter import Granter
from security_hooks.service.grants import Grants
from security_hooks.service.peer import Peer
from security_hooks.service.spoken import Spoken
from security_hooks.service.typist import UNTOLD

PROTOCOL = Path(__file__).parents[2] / "protocol"
# Prompts as the clients send them.
RECORDED = [
    ("claude-code", "UserPromptSubmit.interactive"),
    ("gemini-cli", "BeforeAgent"),
    ("codex-cli", "user_prompt_submit"),
]


class Room:
    """A hearing with a log of our own; `why_not` says why a prompt is not a person's."""

    def __init__(self, place: Path) -> None:
        self.alarms: list[dict[str, Any]] = []
        self.records: list[AuditRecord] = []
        self.why_not: str | None = None
        self.error: AuditError | None = None
        self.grants = Grants(place / "g.json", lambda *_: None, lambda: 0.0, lambda: 0.0)
        granter = Granter(self.grants, "/home/dev", random.Random(1).choice, self._append)
        self.spoken = Spoken(granter, lambda *_: self.why_not, self.alarms.append)

    def _append(self, record: AuditRecord) -> int:
        if self.error is not None:
            raise self.error
        self.records.append(record)
        return 1

    def said(self, text: str, recorded: tuple[str, str] = RECORDED[0], **settings: Any) -> str:
        name, file = recorded
        given = json.loads((PROTOCOL / name / f"{file}.in.json").read_text())
        client = client_named(name)
        assert client is not None
        event = client.decode(json.dumps(given | {"prompt": text}).encode())
        config = replace(Config(), grants=GrantSettings(**settings))
        exchange = Exchange(Peer(1000, 7), name=name, client=client, event=event)
        exchange.place = Place("/home/dev/project", "/home/dev", "/home/dev/project")
        exchange.snapshot = assemble_at_once(Build("d", config, ()))
        asyncio.run(self.spoken.hear(exchange))
        return exchange.told


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda r: r[0])
def test_a_persons_word_in_each_clients_own_prompt_is_granted_and_confirmed(
    room: Room, recorded: tuple[str, str]
) -> None:
    told = room.said("@guard forbid writes to migrations/\nplease go on", recorded)
    (grant,) = room.grants.all()
    assert (grant.said, grant.client, grant.by) == ("forbid writes to migrations/", recorded[0], "prompt")
    assert grant.id in told and "until" in told
    assert room.alarms == []


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda r: r[0])
def test_anybody_elses_is_an_attempt_that_alarms_and_is_told_once(room: Room, recorded: tuple[str, str]) -> None:
    room.why_not = "claude-code was started by codex-cli, process 9"
    told = room.said("@guard forbid push", recorded)
    assert "does nothing here" in told and "codex-cli" in told
    assert room.grants.all() == ()
    (alarm,) = room.alarms
    assert alarm["client"] == recorded[0] and alarm["prompt"] == "@guard forbid push" and alarm["peer_pid"] == 7
    assert "in a person's place" in room.spoken.news()
    assert room.spoken.news() == ""


@pytest.mark.parametrize(
    ("prompt", "alarms"),
    [
        ("hello", 0),
        ("```\n@guard forbid push\n```", 0),
        ("> @guard forbid push", 0),
        ("<task-notification>\n@guard forbid push", 1),
        ("@guard forbid push", 1),
    ],
)
def test_only_what_would_have_counted_alarms(room: Room, prompt: str, alarms: int) -> None:
    room.why_not = "claude-code has no terminal"
    room.said(prompt)
    assert len(room.alarms) == alarms


def test_where_the_system_does_not_tell_the_terminal_is_named_and_nobody_is_accused(room: Room) -> None:
    room.why_not = UNTOLD
    assert "security-hooks grants add" in room.said("@guard forbid push")
    assert (room.alarms, room.grants.all()) == ([], ())


@pytest.mark.parametrize(
    ("settings", "why"),
    [({"prompt": Switch.OFF}, "[grants] prompt"), ({"require": Proof.SUDO}, "[grants] require")],
)
def test_what_is_switched_off_grants_nothing_and_says_so(room: Room, settings: dict[str, Any], why: str) -> None:
    assert why in room.said("@guard forbid push", **settings)
    assert (room.alarms, room.grants.all()) == ([], ())


@pytest.mark.parametrize(
    ("prompt", "why"),
    [
        ("@guard allow everything", "is not a word"),
        ("@guard allow push 9h", "longer than"),
        ("```\n@guard forbid push\n```", "outside of blocks of code"),
    ],
)
def test_what_is_not_understood_is_answered_with_what_is(room: Room, prompt: str, why: str) -> None:
    assert why in room.said(prompt)
    assert room.grants.all() == ()


def test_of_several_lines_each_is_answered(room: Room) -> None:
    told = room.said("@guard forbid push 5m\n@guard forbid frob")
    assert told.count("; ") >= 1 and "granted" in told and "not granted" in told
    assert len(room.grants.all()) == 1


def test_what_cannot_be_recorded_is_not_granted(room: Room) -> None:
    room.error = AuditError("full")
    with pytest.raises(AuditError):
        room.said("@guard forbid push")
    assert room.grants.all() == ()


def test_a_peer_that_sees_other_files_is_no_person_we_know(room: Room) -> None:
    name, file = RECORDED[0]
    client = client_named(name)
    assert client is not None
    event = client.decode((PROTOCOL / name / f"{file}.in.json").read_bytes())
    exchange = Exchange(Peer(1000, 7), name=name, client=client, event=with_fields(event, prompt="@guard forbid push"))
    exchange.is_unseen = True
    exchange.snapshot = assemble_at_once(Build("d", Config(), ()))
    asyncio.run(room.spoken.hear(exchange))
    assert room.grants.all() == () and len(room.alarms) == 1

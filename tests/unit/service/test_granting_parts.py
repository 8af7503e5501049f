import asyncio
import random
from pathlib import Path
from typing import Any

import pytest

from security_hooks.clients import client_named
from security_hooks.model.event import EventKind, HookEvent
from security_hooks.model.record import AuditRecord, Json, RecordKind
from security_hooks.policy.built import Build
from security_hooks.policy.config_types import Config
from security_hooks.policy.snapshot import Snapshot, assemble_at_once
from security_hooks.service.exchange import Exchange
from security_hooks.service.granting_parts import FILE, GrantingParts
from security_hooks.service.peer import Peer


class OnePolicy:
    """The machine's, or none."""

    def __init__(self, snapshot: Snapshot | None) -> None:
        self.current = snapshot

    def snapshot_for(self, root: str | None) -> Snapshot | None:
        return self.current

    async def build_project(self, root: str | None) -> Snapshot:
        raise AssertionError(root)

    def build_of(self, generation: int) -> Build | None:
        return Build("d", Config(), ())

    def next_generation(self) -> int:
        return 9


class House:
    """The parts, with a log of our own."""

    def __init__(self, state: Path, snapshot: Snapshot | None = None) -> None:
        self.notes: list[tuple[RecordKind, dict[str, Json]]] = []
        self.records: list[AuditRecord] = []
        self.parts = GrantingParts(
            state,
            "/home/u",
            OnePolicy(snapshot or assemble_at_once(Build("d", Config(), ()))),
            random.Random(1).choice,
            self._append,
            lambda kind, fields: self.notes.append((kind, fields)),
            lambda _: None,
        )

    def _append(self, record: AuditRecord) -> int:
        self.records.append(record)
        return 1

    async def forbid(self, directory: Path, text: str = "forbid push") -> Any:
        payload = b'{"text":"%s","directory":"%s"}' % (text.encode(), str(directory).encode())
        return await self.parts.desk.add(payload, Peer(1000, 7))


async def test_what_was_granted_holds_after_a_restart(tmp_path: Path) -> None:
    await House(tmp_path).forbid(tmp_path)
    again = House(tmp_path)
    await again.parts.restore()
    (grant,) = again.parts.grants.all()
    assert (grant.said, grant.project) == ("forbid push", str(tmp_path))
    assert again.notes == []


@pytest.mark.parametrize("text", ["{", '[{"id": 7}]', "\0"])
async def test_a_file_that_cannot_be_read_is_said_and_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    house = House(tmp_path)
    await house.parts.restore()
    ((kind, fields),) = house.notes
    assert kind is RecordKind.ERROR and FILE in str(fields["error"])
    assert house.parts.grants.all() == ()
    await house.forbid(tmp_path)
    assert len(house.parts.grants.all()) == 1


async def test_what_is_over_meanwhile_is_not_taken_over_and_the_log_says_so(tmp_path: Path) -> None:
    await House(tmp_path).forbid(tmp_path, "forbid push 1s")
    text = (tmp_path / FILE).read_text()
    (tmp_path / FILE).write_text(text.replace('"until":', '"until":1,"was":'))
    house = House(tmp_path)
    await house.parts.restore()
    assert house.parts.grants.all() == ()
    assert [fields.get("ended") for _, fields in house.notes] == ["not taken over at the start"]


async def test_the_end_of_a_session_and_of_the_time_are_noted(tmp_path: Path) -> None:
    house = House(tmp_path)
    running = asyncio.ensure_future(house.parts.run())
    await house.forbid(tmp_path, "forbid push 1s")
    house.parts.nap.begin(1)
    async with asyncio.timeout(20):
        while house.parts.grants.until_next_end() is not None or len(house.notes) < 2:
            await asyncio.sleep(0.01)
    running.cancel()
    assert {(kind.value, str(fields["ended"])) for kind, fields in house.notes} == {
        ("grant", "its time was up"),
        ("nap", "its time was up"),
    }


async def test_a_session_that_ends_takes_its_grants_with_it(tmp_path: Path) -> None:
    house = House(tmp_path)
    ended: list[tuple[str, str]] = []
    house.parts.grants.end_session = lambda client, session: ended.append((client, session))  # type: ignore[method-assign]
    for kind in EventKind:
        event = HookEvent("codex-cli", kind, kind.value, "s")
        house.parts.saw(Exchange(Peer(1, 2), client=client_named("codex-cli"), event=event))
    assert ended == [("codex-cli", "s")]

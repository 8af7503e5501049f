"""All that has to do with grants and naps, put together for the daemon."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec

from security_hooks.dsl.resolved import ResolvedRule
from security_hooks.model.event import EventKind
from security_hooks.model.record import AuditRecord, Json, RecordKind
from security_hooks.policy.built import Build
from security_hooks.policy.config_types import GrantSettings
from security_hooks.policy.snapshot import Snapshot
from security_hooks.service.exchange import Exchange
from security_hooks.service.grant_desk import GrantDesk
from security_hooks.service.granter import Granter, remade
from security_hooks.service.granting import Granting
from security_hooks.service.grants import Grant, Grants, load
from security_hooks.service.nap import Nap
from security_hooks.service.place import locate
from security_hooks.service.spoken import Spoken
from security_hooks.service.typist import not_typed

LOG = logging.getLogger("security-hooks")
FILE = "grants.json"


class Policies(Protocol):
    """Where snapshots come from: `PolicyStore`."""

    @property
    def current(self) -> Snapshot | None:
        """The machine's policy in force."""

    def snapshot_for(self, root: str | None) -> Snapshot | None:
        """The snapshot in force for a project, if it is built."""

    async def build_project(self, root: str | None) -> Snapshot:
        """Build what `snapshot_for` does not have; raises CallError."""

    def build_of(self, generation: int) -> Build | None:
        """What the snapshot of this number was made of."""

    def next_generation(self) -> int:
        """A number that no snapshot has had."""


class GrantingParts:
    """The parts, and what keeps them going: `run` is a task, `saw` is told of every call that was answered."""

    def __init__(
        self,
        state: Path,
        home: str,
        policies: Policies,
        choose: Callable[[str], str],
        append: Callable[[AuditRecord], int],
        note: Callable[[RecordKind, dict[str, Json]], None],
        object_to: Callable[[int], str | None],
    ) -> None:
        self._file = state / FILE
        self._home = home
        self._policies = policies
        self._note = note
        self._changed = asyncio.Event()
        self.grants = Grants(self._file, self._ended)
        self.granting = Granting(self.grants, policies.build_of, policies.next_generation)
        granter = Granter(self.grants, home, choose, self._appending(append))
        self.nap = Nap(lambda fields: note(RecordKind.NAP, fields))
        self.spoken = Spoken(granter, not_typed, lambda fields: note(RecordKind.ALARM, fields))
        self.desk = GrantDesk(
            self.grants, granter, self.nap, lambda: policies.current, self._place, object_to, self._appending(append)
        )

    async def restore(self) -> None:
        """Put in force what was kept; what cannot be read is said in the log and counts as not there."""
        try:
            kept = load(self._file)
        except (OSError, msgspec.DecodeError) as error:
            LOG.error("the grants in %s cannot be read, so none holds: %s", self._file, error)
            self._note(RecordKind.ERROR, {"error": f"the grants in {self._file} cannot be read: {error}"})
            return
        if not kept:
            return
        snapshot = self._policies.current
        settings = GrantSettings() if snapshot is None else snapshot.config.grants
        self.grants.restore(await asyncio.to_thread(_remade, kept), settings.max_minutes * 60)
        for grant in kept:
            if not self.grants.has(grant.id):
                self._ended(grant, "not taken over at the start")

    async def run(self) -> None:
        """End what is over when its time has come; runs until cancelled."""
        while True:
            self._changed.clear()
            self.grants.prune()
            napping = self.nap.left() if self.nap.is_on() else None
            waits = [left for left in (self.grants.until_next_end(), napping) if left is not None]
            try:
                async with asyncio.timeout(max(0.01, min(waits)) if waits else None):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def saw(self, exchange: Exchange) -> None:
        """A session that has ended takes its grants with it."""
        event = exchange.event
        if event is not None and event.kind is EventKind.SESSION_END:
            self.grants.end_session(event.client, event.session_id)

    def _appending(self, append: Callable[[AuditRecord], int]) -> Callable[[AuditRecord], int]:
        def appending(record: AuditRecord) -> int:
            # Whatever is recorded here may have changed what ends next.
            self._changed.set()
            return append(record)

        return appending

    def _ended(self, grant: Grant, why: str) -> None:
        self._note(RecordKind.GRANT, grant.fields() | {"ended": why})

    async def _place(self, directory: str) -> tuple[str | None, Snapshot]:
        located = await asyncio.to_thread(locate, directory, self._home)
        snapshot = self._policies.snapshot_for(located.root) or await self._policies.build_project(located.root)
        return located.place.project, snapshot


def _remade(kept: tuple[Grant, ...]) -> list[tuple[Grant, ResolvedRule]]:
    rules = ((grant, remade(grant)) for grant in kept)
    return [(grant, rule) for grant, rule in rules if rule is not None]

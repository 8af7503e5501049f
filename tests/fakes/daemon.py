"""Parts of a daemon, faked: the policies in force and the log."""

import asyncio
from dataclasses import dataclass, field

from security_hooks.audit.failure import AuditError
from security_hooks.model.record import AuditRecord
from security_hooks.policy.built import Build
from security_hooks.policy.config import Config
from security_hooks.policy.snapshot import Snapshot, assemble_at_once


def snapshot(config: Config, generation: int = 7) -> Snapshot:
    return assemble_at_once(Build("digest", config, ()), generation)


@dataclass
class FakePolicies:
    """In force: `now`; `later` is what building gives (an exception: what it raises)."""

    now: Snapshot | None
    later: Snapshot | Exception | None = None

    def snapshot_for(self, root: str | None) -> Snapshot | None:
        return self.now

    async def build_project(self, root: str | None) -> Snapshot:
        await asyncio.sleep(0)
        if isinstance(self.later, Exception):
            raise self.later
        assert self.later is not None
        return self.later

    def build_of(self, generation: int) -> Build | None:
        return Build("digest", Config(), ())


@dataclass
class FakeLog:
    error: AuditError | None = None
    records: list[AuditRecord] = field(default_factory=list)

    def append(self, record: AuditRecord) -> int:
        if self.error is not None:
            raise self.error
        self.records.append(record)
        return len(self.records)

"""Logs with all kinds of records in them, and stores of them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from security_hooks.audit.settings import WriterSettings
from security_hooks.audit.writer import AuditWriter
from security_hooks.insight.feed import current_store
from security_hooks.insight.store import Store
from security_hooks.model.record import AuditRecord, Json, RecordKind

NOON = 1_795_262_400_000_000_000
SECOND = 1_000_000_000

Append = Callable[..., int]
Kept = Callable[[], Store]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "audit"


@pytest.fixture
def writer(log: Path) -> Iterator[AuditWriter]:
    made = AuditWriter(log, WriterSettings(segment_bytes=2_000, reserve_bytes=65_536), clock=lambda: NOON)
    yield made
    made.close()


@pytest.fixture
def append(writer: AuditWriter) -> Append:
    """Writes the record of a call, `seconds` after noon; fields by name. Gives its number."""

    def write(verdict: str = "allow", seconds: int = 0, kind: RecordKind = RecordKind.DECISION, **fields: Json) -> int:
        told: dict[str, Json] = {
            "client": "claude-code",
            "session": "s",
            "tool": "Bash",
            "kind_of_event": "pre_tool",
            "verdict": verdict,
            "would": verdict,
            **fields,
        }
        return writer.append(AuditRecord(kind, NOON + seconds * SECOND, told))

    return write


@pytest.fixture
def kept(log: Path) -> Iterator[Kept]:
    """Stores of our own with all that the log has now."""
    stores: list[Store] = []

    def make() -> Store:
        stores.append(current_store(None, log))
        return stores[-1]

    yield make
    for store in stores:
        store.close()

"""One entry of the audit log, before it is encoded and chained."""

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias


class RecordKind(Enum):
    """What a record is about."""

    DECISION = "decision"
    START = "start"
    STOP = "stop"
    RELOAD = "reload"
    RELOAD_FAILED = "reload_failed"
    GAP = "gap"
    ERROR = "error"


Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """`at` is Unix time in nanoseconds. `fields` is plain data, unredacted: redaction happens in `audit/`."""

    kind: RecordKind
    at: int
    fields: dict[str, Json]

"""One entry of the audit log, before it is encoded and chained."""

from enum import Enum
from typing import TypeAlias

import msgspec


class RecordKind(Enum):
    """What a record is about."""

    DECISION = "decision"
    START = "start"
    STOP = "stop"
    RELOAD = "reload"
    RELOAD_FAILED = "reload_failed"
    GAP = "gap"
    ERROR = "error"
    PERMIT = "permit"
    ALARM = "alarm"
    CHECKPOINT = "checkpoint"
    PRUNE = "prune"
    GRANT = "grant"
    NAP = "nap"


Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


class AuditRecord(msgspec.Struct, frozen=True):
    """`at` is Unix time in nanoseconds. `fields` is plain data, unredacted: redaction happens in `audit/`.

    `is_plain` says that there are no floats in it and no integers over 53 bits, so that nobody need look.
    """

    kind: RecordKind
    at: int
    fields: dict[str, Json]
    is_plain: bool = False


def text_of(value: object) -> str | None:
    """A field that should be a text, as one: where the log keeps structure alone, texts are sizes."""
    return value if type(value) is str else None

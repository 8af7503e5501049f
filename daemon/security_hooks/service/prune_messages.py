"""What `audit prune` asks of the daemon, and what it hears back: plain data."""

from collections.abc import Mapping

import msgspec

from security_hooks.audit.retention import Limits, Plan


class PruneRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which records of which log are to go; `dry_run` only asks which they would be."""

    log: str
    before: str | None = None
    keep_bytes: int | None = None
    even_undelivered: bool = False
    dry_run: bool = False

    def limits(self) -> Limits:
        """What a person says goes."""
        return Limits("person", self.before, self.keep_bytes, even_undelivered=self.even_undelivered)


class Pruned(msgspec.Struct, frozen=True, omit_defaults=True):
    """What went: `first` to `through`, in so many segments of so many bytes; `record` is the one that says so, 0 where
    nothing was done. Or why not: `refused`, or the log that this daemon writes instead in `elsewhere`.
    """

    records: int = 0
    segments: int = 0
    size: int = msgspec.field(default=0, name="bytes")
    first: int | None = None
    through: int | None = None
    record: int = 0
    undelivered: Mapping[str, int] = {}
    held: Mapping[str, int] = {}
    refused: str = ""
    elsewhere: str = ""

    @classmethod
    def of(cls, plan: Plan, record: int = 0) -> "Pruned":
        """The same of a plan."""
        found = plan.segments
        first, through = (found[0].first, found[-1].last) if found else (None, None)
        return cls(plan.records, len(found), plan.size, first, through, record, dict(plan.undelivered), dict(plan.held))


def decode_request(payload: bytes) -> PruneRequest | None:
    """The request in a payload; None where there is none that we understand."""
    try:
        return msgspec.json.decode(payload, type=PruneRequest)
    except (msgspec.MsgspecError, ValueError):
        return None


def encode_answer(pruned: Pruned) -> bytes:
    """The answer as it goes over the socket."""
    return msgspec.json.encode(pruned)

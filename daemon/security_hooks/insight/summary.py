"""The few things about a record that those who sort and count records ask for. Pure."""

from enum import Enum

import msgspec

from security_hooks.insight.follow import Entry


class Weight(Enum):
    """How much a record deserves to be looked at."""

    INFO = "info"
    NOTICE = "notice"
    WARNING = "warning"
    ERROR = "error"


class Failed(msgspec.Struct, frozen=True):
    """Why there was no decision."""

    reason: str = ""


class Summary(msgspec.Struct, frozen=True):
    """Of `fields`, what is counted or sorted by; empty where a record has it not."""

    client: str = ""
    verdict: str = ""
    would: str = ""
    basis: str = ""
    tool: str = ""
    session: str = ""
    generation: int = 0
    elapsed_us: int = 0
    project: str | None = None
    failure: Failed = Failed()

    @property
    def otherwise(self) -> str:
        """What policy said, where that is not what was answered: in observe mode, during a nap, by a permit."""
        return self.would if self.would != self.verdict else ""


_NOTHING = Summary()
_DECODER = msgspec.json.Decoder(Summary)
_BY_VERDICT = {"ask": Weight.NOTICE, "deny": Weight.WARNING}
_BY_KIND = {
    "reload_failed": Weight.ERROR,
    "gap": Weight.ERROR,
    "error": Weight.ERROR,
    "alarm": Weight.ERROR,
    "permit": Weight.NOTICE,
    "grant": Weight.NOTICE,
    "nap": Weight.WARNING,
}


def summary_of(entry: Entry) -> Summary:
    """What there is to say; nothing where the fields are of another form."""
    try:
        return _DECODER.decode(entry.record.fields)
    except msgspec.DecodeError:
        return _NOTHING


def weight_of(entry: Entry, summary: Summary) -> Weight:
    """A decision weighs by its verdict, everything else by its kind."""
    if entry.record.kind == "decision":
        return _BY_VERDICT.get(summary.verdict, Weight.INFO)
    return _BY_KIND.get(entry.record.kind, Weight.INFO)

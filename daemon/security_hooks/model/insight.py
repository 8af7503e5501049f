"""What the daemon tells the process that reads its log, and what it hears back: plain data."""

from enum import StrEnum

import msgspec

from security_hooks.model.sink import Sink, SinkKind

# A few failures in a row are an outage that may pass; so many are for a person to look at.
MANY_FAILURES = 5


class InsightSettings(msgspec.Struct, frozen=True, tag="settings"):
    """The first message: what the process is to do.

    `store` is the file that it keeps, `metrics` where figures are served; either is empty where it is not to. `since`
    is the first record of the daemon's life, where counting begins.
    """

    log_directory: str
    state_directory: str
    store: str = ""
    sinks: tuple[Sink, ...] = ()
    metrics: str = ""
    since: int = 1

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.store or self.sinks or self.metrics)


class InsightNews(msgspec.Struct, frozen=True, tag="news"):
    """Something was written to the log. Never answered."""


class InsightQuestion(msgspec.Struct, frozen=True, tag="question"):
    """How is it going? Answered when something changed, or after so many seconds."""

    number: int
    seconds: float


InsightMessage = InsightSettings | InsightNews | InsightQuestion


class SinkState(StrEnum):
    """How a sink is doing."""

    STARTING = "starting"
    DELIVERING = "delivering"
    FAILING = "failing"


class SinkReport(msgspec.Struct, frozen=True):
    """One sink. `sequence` is the last record that its peer took. `failures` counts those since the last success, the
    first of which was at `down_since`, in seconds of Unix time; `mend` is what helps.

    `missed` counts records that were gone from the log before they were read, `unreadable` lines that were no records,
    `rejected` records that the peer said it will never take. `warning` is trouble that stops nothing.
    """

    name: str
    kind: SinkKind
    state: SinkState = SinkState.STARTING
    sequence: int = 0
    delivered: int = 0
    failures: int = 0
    failures_in_all: int = 0
    down_since: int = 0
    error: str = ""
    mend: str = ""
    warning: str = ""
    missed: int = 0
    unreadable: int = 0
    rejected: int = 0


class StoreReport(msgspec.Struct, frozen=True):
    """The store. `sequence` is the last record in it; `failures` counts those since the last success."""

    sequence: int = 0
    failures: int = 0
    problem: str = ""


class MetricsReport(msgspec.Struct, frozen=True):
    """The metrics: where they are served, or why they are not and how often in a row that failed."""

    address: str = ""
    failures: int = 0
    problem: str = ""


class InsightReport(msgspec.Struct, frozen=True):
    """The answer to a question."""

    number: int
    store: StoreReport = StoreReport()
    sinks: tuple[SinkReport, ...] = ()
    metrics: MetricsReport = MetricsReport()

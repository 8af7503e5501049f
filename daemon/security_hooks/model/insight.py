"""What the daemon tells the process that delivers records, and what it hears back: plain data, by number."""

from enum import StrEnum

import msgspec

from security_hooks.model.sink import Sink, SinkKind


class InsightSettings(msgspec.Struct, frozen=True):
    """What the process is to do. `metrics` is where they are served, empty for nowhere; `since` is the first record of
    the daemon's life, where counting begins.
    """

    log_directory: str
    state_directory: str
    sinks: tuple[Sink, ...] = ()
    metrics: str = ""
    since: int = 1


class SinkState(StrEnum):
    """How a sink is doing."""

    STARTING = "starting"
    DELIVERING = "delivering"
    FAILING = "failing"


class SinkReport(msgspec.Struct, frozen=True):
    """One sink. `sequence` is the last record that its peer took. `failures` counts those since the last success.

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
    error: str = ""
    warning: str = ""
    missed: int = 0
    unreadable: int = 0
    rejected: int = 0


class InsightQuestion(msgspec.Struct, frozen=True):
    """How is it going? Answered when something changed, or after so many seconds.

    `settings` matter in the first question alone.
    """

    number: int
    settings: InsightSettings
    seconds: float


class InsightReport(msgspec.Struct, frozen=True):
    """The answer. `metrics` is where they are served, or why they are not."""

    number: int
    sinks: tuple[SinkReport, ...] = ()
    metrics: str = ""
    metrics_error: str = ""

"""What a detector says, and the figures behind it."""

from dataclasses import dataclass
from enum import Enum

from security_hooks.model.decision import Severity


class Kind(Enum):
    """The detectors, by the names that records and `--json` carry."""

    DENY_RATE = "deny-rate"
    FILE_READ_VOLUME = "file-read-volume"
    REDACTION_RATE = "secret-redact-rate"
    UNKNOWN_INPUT = "unknown-tool-input"
    TOOL_FAILURE_RATE = "tool-failure-rate"


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that stands out. `at` is the time of the record that showed it, as the log writes times; `session` and
    `tool` are None where it is about neither. It fired because `observed` reached `threshold`; `expected` is what was
    usual. `text` says it to a person. `is_worse`: it was told before as something less grave.
    """

    kind: Kind
    severity: Severity
    at: str
    client: str
    session: str | None
    tool: str | None
    observed: int
    expected: float
    threshold: int
    text: str
    is_worse: bool = False

    @property
    def key(self) -> tuple[str, ...]:
        """What it is about: alerts of one key are told once for as long as they last."""
        return (self.kind.value, self.client, self.session or "", self.tool or "")

    def fields(self) -> dict[str, bool | int | float | str | None]:
        """Plain data, in records and in what `--json` prints."""
        return {
            "anomaly": self.kind.value,
            "severity": self.severity.value,
            "client": self.client,
            "session": self.session,
            "tool": self.tool,
            "observed": self.observed,
            "expected": self.expected,
            "threshold": self.threshold,
            "alarm": self.text,
        }

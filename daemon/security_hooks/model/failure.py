"""Every way in which a decision can fail, as one table: what is answered, what the agent reads, what the log says.

A new way to fail is a new row here and a test that causes it.
"""

from dataclasses import dataclass
from enum import Enum


class Reason(Enum):
    """Names of failures; the value is what records and `check --batch` carry."""

    BAD_HEADER = "bad_header"
    UNKNOWN_CLIENT = "unknown_client"
    REQUEST_TOO_LARGE = "request_too_large"
    REQUEST_TIMEOUT = "request_timeout"
    BAD_PAYLOAD = "bad_payload"
    NO_POLICY = "no_policy"
    ANALYSIS_TIMEOUT = "analysis_timeout"
    ANALYSIS_FAILED = "analysis_failed"
    ANALYSIS_BUSY = "analysis_busy"
    AUDIT_UNAVAILABLE = "audit_unavailable"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class FailureRow:
    """`agent` is one ASCII sentence for the agent, with the command that mends it; `log` is for the operator."""

    reason: Reason
    agent: str
    log: str


FAILURES: tuple[FailureRow, ...] = (
    FailureRow(
        Reason.BAD_HEADER,
        "the request did not begin with a header this daemon knows; shim and daemon may be of different"
        " versions: run `security-hooks doctor`",
        "unreadable request header",
    ),
    FailureRow(
        Reason.UNKNOWN_CLIENT,
        "the hook line names a client that this daemon does not know: run `security-hooks doctor`",
        "unknown client in the request header",
    ),
    FailureRow(
        Reason.REQUEST_TOO_LARGE,
        "the call is larger than [limits] request_bytes allows; split it into smaller calls",
        "request over the size cap",
    ),
    FailureRow(
        Reason.REQUEST_TIMEOUT,
        "the call did not arrive within [limits] request_seconds; try again",
        "request not complete in time",
    ),
    FailureRow(
        Reason.BAD_PAYLOAD,
        "the client's payload could not be read; see `security-hooks audit tail`, then run `security-hooks doctor`",
        "payload not decodable",
    ),
    FailureRow(
        Reason.NO_POLICY,
        "no valid policy is loaded, so every call is denied; a person must mend it: run `security-hooks rules lint`",
        "no policy in force",
    ),
    FailureRow(
        Reason.ANALYSIS_TIMEOUT,
        "what the call would do could not be found out within [limits] analysis_milliseconds; split it into smaller"
        " calls, or see whether the disk it is about answers",
        "not judged in time",
    ),
    FailureRow(
        Reason.ANALYSIS_FAILED,
        "the process that judges large and slow calls died over this one; split it into smaller calls or try again",
        "the judging process died or answered with nonsense",
    ),
    FailureRow(
        Reason.ANALYSIS_BUSY,
        "too many large or slow calls are waiting to be judged; try again when they are done",
        "too many calls wait to be judged apart",
    ),
    FailureRow(
        Reason.AUDIT_UNAVAILABLE,
        "the audit log cannot be written, so the call is denied; a person must mend it: run `security-hooks doctor`",
        "audit record could not be written",
    ),
    FailureRow(
        Reason.INTERNAL,
        "the guard failed while judging this call, so it is denied; see `security-hooks audit tail` and report it",
        "unexpected exception",
    ),
)


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure that happened. `detail` is for the log only: it may quote the request, so never the agent."""

    reason: Reason
    detail: str = ""

    @property
    def row(self) -> FailureRow:
        """The table's row for this failure."""
        return next(row for row in FAILURES if row.reason is self.reason)


class CallError(Exception):
    """Raised anywhere on the path of one call; caught only in `service/call.py`, where it becomes a denial."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"{failure.reason.value}: {failure.detail}")
        self.failure = failure


class StartupError(Exception):
    """Why the daemon or a command cannot start: one line that says what is wrong and how to mend it.

    Caught only in the CLI dispatcher; `exit_status` follows the table in `cli/command.py`.
    """

    def __init__(self, message: str, exit_status: int = 69) -> None:
        super().__init__(message)
        self.exit_status = exit_status

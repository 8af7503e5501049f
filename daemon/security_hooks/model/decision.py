"""The verdict and its reasons."""

from enum import IntEnum

import msgspec

from security_hooks.model.closed import Closed
from security_hooks.model.failure import Failure


class Verdict(IntEnum):
    """Ordered by strictness: combining verdicts is `max`."""

    ALLOW = 0
    ASK = 1
    DENY = 2

    @property
    def word(self) -> str:
        """The verdict as people and JSON see it."""
        return self.name.lower()


class Tier(Closed):
    """The first word of a rule."""

    BLOCK = "block"
    SUSPICIOUS = "suspicious"
    ALLOW = "allow"
    WATCH = "watch"
    EXCEPT = "except"


class Severity(Closed):
    """How bad what was found would be."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Basis(Closed):
    """What decided."""

    RULE = "rule"
    DEFAULT = "default"
    FAILURE = "failure"


class Finding(msgspec.Struct, frozen=True, gc=False):
    """A rule that matched. `certain` is False where the match is UNKNOWN; `verdict` None where it changes nothing.

    `evidence` is the text of the command (or of the input string) that made it match; `command` its index in
    the script, None for the call as a whole. `nudge` is filled in. `file` and `line` say where the rule stands.
    """

    rule: str
    tier: Tier
    certain: bool
    verdict: Verdict | None
    nudge: str
    evidence: str
    command: int | None
    file: str
    line: int
    severity: Severity
    tags: tuple[str, ...] = ()


class Decision(msgspec.Struct, frozen=True, gc=False):
    """The verdict on one call. `explicit` marks an allow that `allow` rules gave to every command.

    `would` is what policy said where `observe` mode turned it into an allow; else equal to `verdict`. `met` are the
    keys of what rules ask of earlier calls, where this call is one of them.
    """

    verdict: Verdict
    basis: Basis
    findings: tuple[Finding, ...] = ()
    explicit: bool = False
    would: Verdict = Verdict.ALLOW
    failure: Failure | None = None
    generation: int = 0
    digest: str = ""
    met: tuple[str, ...] = ()

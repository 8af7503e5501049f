"""What configuration is: one layer's bytes on the way in, one frozen `Config` on the way out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from security_hooks.model.sink import Sink
from security_hooks.model.spending import Budget


class Mode(StrEnum):
    """Whether verdicts bind, or are only recorded."""

    ENFORCE = "enforce"
    OBSERVE = "observe"


class DefaultAnswer(StrEnum):
    """What is answered where no rule matched."""

    APPROVE = "approve"
    SILENT = "silent"
    ASK = "ask"


class AskAnswer(StrEnum):
    """What an `ask` verdict becomes for one client. There is no way to make it an allow."""

    ASK = "ask"
    DENY = "deny"


class AuditContent(StrEnum):
    """How much of a call its record holds."""

    FULL = "full"
    STRUCTURE = "structure"


class Switch(StrEnum):
    """Whether something runs at all."""

    OFF = "off"
    ON = "on"


class Proof(StrEnum):
    """What shows that a person grants something from a terminal."""

    TERMINAL = "terminal"
    SUDO = "sudo"


class OnAuditFailure(StrEnum):
    """What happens to a call whose record cannot be written."""

    DENY = "deny"
    CONTINUE = "continue"


class OnFailingTool(StrEnum):
    """What happens to a tool whose calls fail again and again."""

    ALARM = "alarm"
    ASK = "ask"


class WhoseWork(StrEnum):
    """What is made of who wrote what a call would throw away: nothing, more questions, or fewer as well."""

    OFF = "off"
    ASK = "ask"
    LIFT = "lift"


@dataclass(frozen=True, slots=True)
class Layer:
    """One configuration file as found. `name` is `shipped`, `system`, `user` or `project`.

    A directory's `config.toml` and its `config.local.toml` are two layers of one name. `trusted` is False only
    for a project whose exact bytes no person has trusted.
    """

    name: str
    path: str
    text: bytes
    trusted: bool = True


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps on one request, on the calls served at once, on one script and on one session (there 0 is no cap).

    The defaults equal the shipped `config.toml` and hold where no configuration can be read.
    """

    request_bytes: int = 8_388_608
    request_seconds: int = 4
    concurrent: int = 64
    script_bytes: int = 262_144
    script_nodes: int = 10_000
    script_depth: int = 100
    script_commands: int = 1000
    script_milliseconds: int = 50
    analysis_milliseconds: int = 180
    max_tool_calls_per_session: int = 0
    tool_calls_per_minute: int = 0


@dataclass(frozen=True, slots=True)
class AuditSettings:
    """How the audit log is written; read by the daemon once, never per project."""

    content: AuditContent = AuditContent.FULL
    on_failure: OnAuditFailure = OnAuditFailure.DENY
    segment_bytes: int = 67_108_864
    reserve_bytes: int = 1_048_576
    sync_milliseconds: int = 200
    checkpoint_records: int = 1000
    checkpoint_seconds: int = 60
    compress: Switch = Switch.ON
    keep_days: int = 0
    keep_bytes: int = 0


@dataclass(frozen=True, slots=True)
class InsightSettings:
    """What reads the audit log beside the daemon; never per project."""

    process: Switch = Switch.ON


@dataclass(frozen=True, slots=True)
class Remembering:
    """Which values of secrets are remembered: whether any, how many, for how many hours; never per project."""

    switch: Switch = Switch.ON
    values: int = 2000
    hours: int = 24


@dataclass(frozen=True, slots=True)
class GrantSettings:
    """What a person may grant for a while, and how."""

    require: Proof = Proof.TERMINAL
    prompt: Switch = Switch.ON
    max_minutes: int = 60


@dataclass(frozen=True, slots=True)
class MemorySettings:
    """What is remembered of sessions, and for how many hours after their last call."""

    sessions: Switch = Switch.ON
    hours: int = 24


@dataclass(frozen=True, slots=True)
class BudgetSettings:
    """The budgets that are set, and whether what exceeds one is denied, not asked about."""

    budgets: tuple[Budget, ...] = ()
    denies: bool = False


@dataclass(frozen=True, slots=True)
class Config:
    """The effective configuration: every layer applied, every value checked.

    `lists` goes by the names that rules use. The defaults are the strictest reading of "no configuration":
    enforcing, with empty lists.
    """

    mode: Mode = Mode.ENFORCE
    default_answer: DefaultAnswer = DefaultAnswer.SILENT
    asks_per_hour: int = 0
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    disabled_rules: frozenset[str] = frozenset()
    ask_by_client: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = Limits()
    audit: AuditSettings = AuditSettings()
    anomaly_multiplier: int = 3
    on_failing_tool: OnFailingTool = OnFailingTool.ALARM
    blind_spots: Switch = Switch.ON
    goal_minutes: int = 15
    insight: InsightSettings = InsightSettings()
    remembering: Remembering = Remembering()
    grants: GrantSettings = GrantSettings()
    memory: MemorySettings = MemorySettings()
    sinks: tuple[Sink, ...] = ()
    metrics_listen: str = ""
    whose_work: WhoseWork = WhoseWork.ASK
    made_again: tuple[str, ...] = ()
    budgets: BudgetSettings = BudgetSettings()

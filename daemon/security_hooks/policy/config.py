"""Layers of TOML in, one `Config` out. Pure: whoever calls has read the files (`policy/source_layers.py`)."""

from collections.abc import Sequence

from security_hooks.model.diagnostic import Diagnostic, Level
from security_hooks.model.sink import decode_sink
from security_hooks.policy.config_budgets import SECTION, budgets_of
from security_hooks.policy.config_layers import Effective, fold_layers
from security_hooks.policy.config_rows import Choice, Names, Pins
from security_hooks.policy.config_schema import LISTS_SECTION, ROWS
from security_hooks.policy.config_types import (
    AskAnswer,
    AuditContent,
    AuditSettings,
    BudgetSettings,
    Config,
    DefaultAnswer,
    GrantSettings,
    InsightSettings,
    Layer,
    Limits,
    MemorySettings,
    Mode,
    OnAuditFailure,
    OnFailingTool,
    Proof,
    Remembering,
    Switch,
    WhoseWork,
)

__all__ = [
    "AskAnswer",
    "AuditContent",
    "AuditSettings",
    "BudgetSettings",
    "Config",
    "DefaultAnswer",
    "GrantSettings",
    "InsightSettings",
    "MemorySettings",
    "Layer",
    "Limits",
    "Mode",
    "OnAuditFailure",
    "OnFailingTool",
    "Proof",
    "Remembering",
    "Switch",
    "WhoseWork",
    "build_config",
    "config_of",
]


def build_config(layers: Sequence[Layer]) -> tuple[Config, tuple[Diagnostic, ...]]:
    """The effective configuration of these layers, in the order of `read_layers`, and all that is wrong with them.

    With an ERROR among the diagnostics the configuration is the built-in default and must not be put in force.
    """
    effective, diagnostics = fold_layers(layers)
    if any(diagnostic.level is Level.ERROR for diagnostic in diagnostics):
        return Config(), diagnostics
    return config_of(effective), diagnostics


def config_of(effective: Effective) -> Config:
    """Complete, checked values as the type that everyone else reads."""
    values = effective.values

    def word(*key: str) -> str:
        return str(values[key])

    def number(*key: str) -> int:
        value = values[key]
        if not isinstance(value, int):
            raise TypeError(key)
        return value

    def names(*key: str) -> tuple[str, ...]:
        value = values[key]
        return value if isinstance(value, tuple) else ()

    shipped_lists = {row.list_name: names(*row.path) for row in ROWS if isinstance(row, Names | Pins) and row.list_name}
    shipped_lists |= {row.list_name: (word(*row.path),) for row in ROWS if isinstance(row, Choice) and row.list_name}
    own_lists = {key[1]: names(*key) for key in values if key[0] == LISTS_SECTION}
    return Config(
        mode=Mode(word("mode")),
        default_answer=DefaultAnswer(word("verdict", "default")),
        asks_per_hour=number("verdict", "asks_per_hour"),
        lists=own_lists | shipped_lists,
        disabled_rules=frozenset(names("rules", "disabled")),
        ask_by_client={key[1]: AskAnswer(word(*key)) for key in values if key[0] == "clients"},
        limits=Limits(
            request_bytes=number("limits", "request_bytes"),
            request_seconds=number("limits", "request_seconds"),
            concurrent=number("limits", "concurrent"),
            script_bytes=number("limits", "script_bytes"),
            script_nodes=number("limits", "script_nodes"),
            script_depth=number("limits", "script_depth"),
            script_commands=number("limits", "script_commands"),
            script_milliseconds=number("limits", "script_milliseconds"),
            analysis_milliseconds=number("limits", "analysis_milliseconds"),
            max_tool_calls_per_session=number("limits", "max_tool_calls_per_session"),
            tool_calls_per_minute=number("limits", "tool_calls_per_minute"),
        ),
        audit=AuditSettings(
            content=AuditContent(word("audit", "content")),
            on_failure=OnAuditFailure(word("audit", "on_failure")),
            segment_bytes=number("audit", "segment_bytes"),
            reserve_bytes=number("audit", "reserve_bytes"),
            sync_milliseconds=number("audit", "sync_milliseconds"),
            checkpoint_records=number("audit", "checkpoint_records"),
            checkpoint_seconds=number("audit", "checkpoint_seconds"),
            compress=Switch(word("audit", "compress")),
            keep_days=number("audit", "keep_days"),
            keep_bytes=number("audit", "keep_bytes"),
        ),
        anomaly_multiplier=number("anomalies", "multiplier"),
        on_failing_tool=OnFailingTool(word("anomalies", "failing_tools")),
        blind_spots=Switch(word("blind_spots", "watch")),
        goal_minutes=number("goals", "minutes"),
        insight=InsightSettings(process=Switch(word("insight", "process"))),
        remembering=Remembering(
            switch=Switch(word("secrets", "remember")),
            values=number("secrets", "remember_values"),
            hours=number("secrets", "remember_hours"),
        ),
        grants=GrantSettings(
            require=Proof(word("grants", "require")),
            prompt=Switch(word("grants", "prompt")),
            max_minutes=number("grants", "max_minutes"),
        ),
        memory=MemorySettings(sessions=Switch(word("memory", "sessions")), hours=number("memory", "hours")),
        sinks=tuple(sink for text in names("sinks") if (sink := decode_sink(text)) is not None),
        metrics_listen=word("metrics", "listen"),
        whose_work=WhoseWork(word("work", "authors")),
        made_again=names("work", "made_again"),
        budgets=BudgetSettings(
            budgets=budgets_of({key: word(*key) for key in values if key[0] == SECTION}),
            denies=word(SECTION, "exceeded") == "deny",
        ),
    )

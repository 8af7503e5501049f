"""Figures, as Prometheus reads them."""

from typing import Any

from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from security_hooks.insight.cursor import BEGINNING
from security_hooks.insight.follow import read_after
from security_hooks.insight.metrics import Metrics
from security_hooks.model.insight import SinkReport, SinkState
from security_hooks.model.sink import SinkKind


def figures(metrics: Metrics) -> dict[tuple[str, ...], float]:
    """Every sample, by its name and the values of its labels."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(generate_latest(metrics.registry).decode())
        for sample in family.samples
    }


def counted(log: Any) -> Metrics:
    metrics = Metrics()
    for entry in read_after(log.directory, BEGINNING, 10_000).entries:
        metrics.count(entry)
    return metrics


def test_decisions_are_counted_by_client_and_verdict(log: Any) -> None:
    log.append(3)
    log.append(2, verdict="deny", client="codex-cli", elapsed_us=150_000)
    found = figures(counted(log))
    assert found["security_hooks_decisions_total", "claude-code", "allow"] == 3
    assert found["security_hooks_decisions_total", "codex-cli", "deny"] == 2
    assert found["security_hooks_decision_seconds_bucket", "0.0003"] == 3
    assert found["security_hooks_decision_seconds_bucket", "0.2"] == 5
    assert found["security_hooks_log_sequence",] == 5


def test_what_policy_would_have_said_is_counted_where_it_was_let_through(log: Any) -> None:
    log.append(2, verdict="allow", would="deny")
    log.append(verdict="allow", would="ask", client="codex-cli")
    log.append(verdict="allow", would="allow")
    log.append(verdict="deny", would="deny")
    found = figures(counted(log))
    assert {key[1:]: value for key, value in found.items() if key[0] == "security_hooks_would_total"} == {
        ("claude-code", "deny"): 2,
        ("codex-cli", "ask"): 1,
    }
    assert found["security_hooks_decisions_total", "claude-code", "allow"] == 3


def test_failures_are_counted_by_reason(log: Any) -> None:
    log.append(basis="failure", verdict="deny", failure={"reason": "bad_payload", "detail": "x"})
    assert figures(counted(log))["security_hooks_failures_total", "bad_payload"] == 1


def test_the_policy_is_the_machines(log: Any) -> None:
    log.append(kind="reload", generation=4, project=None)
    log.append(kind="reload", generation=5, project="/p")
    log.append(2, kind="reload_failed", generation=4, project=None)
    log.append(kind="gap", missed={"deny": 1})
    found = figures(counted(log))
    assert found["security_hooks_policy_generation",] == 4
    assert found["security_hooks_policy_reloads_total",] == 1
    assert found["security_hooks_policy_reload_failures_total",] == 2
    assert found["security_hooks_log_gaps_total",] == 1


def test_sinks_have_a_lag(log: Any) -> None:
    log.append(10)
    metrics = counted(log)
    metrics.show(
        {
            "a": SinkReport("a", SinkKind.HTTP, SinkState.DELIVERING, 10),
            "b": SinkReport("b", SinkKind.HTTP, SinkState.FAILING, 4),
        }
    )
    found = figures(metrics)
    assert (found["security_hooks_sink_lag_records", "a"], found["security_hooks_sink_failing", "a"]) == (0, 0)
    assert (found["security_hooks_sink_lag_records", "b"], found["security_hooks_sink_failing", "b"]) == (6, 1)


def test_a_log_full_of_names_does_not_fill_the_memory(log: Any) -> None:
    for number in range(300):
        log.append(client=f"c{number}")
    found = figures(counted(log))
    assert len([key for key in found if key[0] == "security_hooks_decisions_total"]) <= 201
    assert found["security_hooks_decisions_total", "other", "allow"] > 90


def test_fields_of_another_form_are_counted_as_they_can_be(log: Any) -> None:
    log.append(client=7)
    assert figures(counted(log))["security_hooks_decisions_total", "", ""] == 1

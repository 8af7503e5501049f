import pytest

from security_hooks.insight.anomalies.failures import CALLS, MOST_TOOLS, ToolFailures, severity_of
from security_hooks.insight.anomalies.rates import Reading
from security_hooks.model.decision import Severity


def fed(results: str, failures: ToolFailures | None = None) -> Reading | None:
    """What there is after so many results of a tool: `x` failed, `.` did not."""
    failures = failures or ToolFailures()
    reading = None
    for result in results:
        reading = failures.take("c", "Bash", has_failed=result == "x")
    return reading


@pytest.mark.parametrize(
    ("results", "observed"),
    [
        ("x" * 19, None),
        ("x" * 20, 20),
        ("." * 7 + "x" * 13, None),
        ("." * 6 + "x" * 14, 14),
        ("." * 100 + "x" * 14, 14),
        ("x" * 14 + "." * 100, None),
        (".x" * 50, None),
    ],
)
def test_fourteen_of_the_last_twenty_are_too_many(results: str, observed: int | None) -> None:
    reading = fed(results)
    assert (reading and reading.observed) == observed


def test_tools_are_counted_apart() -> None:
    failures = ToolFailures()
    for tool in ("Bash", "Read") * CALLS:
        reading = failures.take("c", tool, has_failed=tool == "Bash")
    assert reading is None
    assert failures.take("other", "Bash", has_failed=True) is None
    assert failures.take("c", "Bash", has_failed=True) is not None


def test_a_tool_that_was_cleared_begins_anew() -> None:
    failures = ToolFailures()
    assert fed("x" * 20, failures) is not None
    failures.clear("Bash")
    assert fed("x" * 19, failures) is None
    assert fed("x", failures) is not None


def test_the_tool_that_was_used_longest_ago_is_forgotten() -> None:
    failures = ToolFailures()
    fed("x" * 20, failures)
    for number in range(MOST_TOOLS):
        failures.take("c", f"tool-{number}", has_failed=False)
    assert fed("x", failures) is None


@pytest.mark.parametrize(("failed", "severity"), [(14, Severity.MEDIUM), (17, Severity.MEDIUM), (18, Severity.HIGH)])
def test_nearly_all_are_grave(failed: int, severity: Severity) -> None:
    assert severity_of(Reading(failed, 0.0, 14)) is severity

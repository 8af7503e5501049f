"""The detectors over the synthetic logs of `tests/logs`, and over what those do not show."""

from collections.abc import Iterable
from pathlib import Path
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.logs.synthesise import DAY, PROFILES, write_log

from security_hooks.audit.reader import Cursor, read_from
from security_hooks.insight.anomalies.alert import Alert, Kind
from security_hooks.insight.anomalies.detectors import ENOUGH_CALLS, MOST_SESSIONS, Detectors
from security_hooks.insight.anomalies.observation import Observation, Phase, observe
from security_hooks.model.decision import Severity

END = 1_795_262_400.0
QUIET: dict[Kind, set[Severity]] = {}
MATRIX = [
    ("low-activity", QUIET),
    ("bursty", {Kind.FILE_READ_VOLUME: set(Severity)}),
    ("secret-heavy", {Kind.REDACTION_RATE: {Severity.MEDIUM, Severity.HIGH}}),
    ("denied-heavy", {Kind.DENY_RATE: {Severity.HIGH}}),
]
CALL = Observation(Phase.ASKED, END, "2026-11-21T12:00:00.000000000Z", "claude-code", "s", "Bash")


def alerts(seen: Iterable[Observation], detectors: Detectors | None = None) -> list[Alert]:
    detectors = detectors or Detectors()
    return [alert for observation in seen for alert in detectors.feed(observation)]


def at(seconds: float, like: Observation = CALL, **changes: object) -> Observation:
    return msgspec.structs.replace(like, at=END + seconds, **changes)


def history(days: float = 4, calls: int = ENOUGH_CALLS) -> list[Observation]:
    """A machine that was used for some days without anything that stands out."""
    return [at(-days * DAY + number * days * DAY / calls, session=f"old-{number // 50}") for number in range(calls)]


@pytest.mark.parametrize(("profile", "fired"), MATRIX, ids=[name for name, _ in MATRIX])
@pytest.mark.parametrize("seed", range(3))
def test_of_each_profile_what_it_is_named_for_fires_and_nothing_else(
    profile: str, fired: dict[Kind, set[Severity]], seed: int, tmp_path: Path
) -> None:
    write_log(tmp_path, PROFILES[profile](END, Random(seed)))
    lines = [line for line, _ in read_from(tmp_path / "audit", Cursor(0, 0))]
    assert len(lines) > 360
    found = alerts(seen for seen in map(observe, lines) if seen is not None)
    worst = {alert.kind: alert.severity for alert in found}
    assert worst.keys() == fired.keys()
    assert all(worst[kind] in severities for kind, severities in fired.items())


@pytest.mark.parametrize(
    ("multiplier", "kinds"),
    [(1, {Kind.DENY_RATE, Kind.FILE_READ_VOLUME}), (3, {Kind.FILE_READ_VOLUME}), (10, set())],
)
def test_the_multiplier_makes_denials_and_files_more_or_less_noticed(multiplier: float, kinds: set[Kind]) -> None:
    calls = [at(number, is_denied=number < 3, files=(str(number),)) for number in range(60)]
    assert {alert.kind for alert in alerts(calls, Detectors(multiplier=multiplier))} == kinds


@pytest.mark.parametrize(("window", "fires"), [(900, False), (3_600, True)])
def test_a_longer_window_sees_what_is_spread_out(window: int, fires: bool) -> None:
    calls = [at(number * 500, is_denied=True) for number in range(7)]
    assert bool(alerts(calls, Detectors(window))) is fires


def test_what_lasts_is_told_when_it_begins_and_when_it_gets_worse() -> None:
    found = alerts(at(number * 10, is_denied=number % 4 == 0) for number in range(60))
    assert [alert.severity for alert in found] == [Severity.LOW, Severity.MEDIUM, Severity.HIGH]
    assert [alert.is_worse for alert in found] == [False, True, True]


def test_sessions_are_counted_apart() -> None:
    assert not alerts(at(number, is_denied=True, session=f"s{number % 4}") for number in range(20))


def test_the_first_secret_of_a_machine_with_a_history_is_told_and_the_second_is_not() -> None:
    calls = [*history(), at(1, has_secret=True), at(2, has_secret=True)]
    (alert,) = alerts(calls)
    assert (alert.kind, alert.severity, alert.observed) == (Kind.REDACTION_RATE, Severity.MEDIUM, 1)
    assert f"the first of {ENOUGH_CALLS} calls" in alert.text


@pytest.mark.parametrize(("days", "calls"), [(4, ENOUGH_CALLS - 2), (2.9, ENOUGH_CALLS), (0.1, 20)])
def test_without_a_history_nothing_is_new(days: float, calls: int) -> None:
    new = [at(0, has_secret=True), at(0, tool="Frob", session="x")]
    assert not alerts([*history(days, calls), *new])


@pytest.mark.parametrize(("is_mcp", "severity"), [(True, Severity.LOW), (False, Severity.MEDIUM)])
def test_a_tool_never_used_before_is_told(is_mcp: bool, severity: Severity) -> None:
    frob = at(0, tool="Frob", is_mcp=is_mcp)
    (alert,) = alerts([*history(), frob, frob])
    assert (alert.kind, alert.tool, alert.severity) == (Kind.UNKNOWN_INPUT, "Frob", severity)


def test_a_name_that_a_tool_was_never_given_is_told() -> None:
    (alert,) = alerts([*history(), at(0, keys=frozenset({"command", "frob"}))])
    assert (alert.kind, alert.severity) == (Kind.UNKNOWN_INPUT, Severity.LOW)
    assert "`command`, `frob`" in alert.text


def test_a_tool_that_fails_is_told_once_until_it_is_cleared() -> None:
    detectors = Detectors()
    results = [at(number, phase=Phase.RESULT, has_failed=True, session=f"s{number}") for number in range(40)]
    (alert,) = alerts(results, detectors)
    assert (alert.kind, alert.tool, alert.session) == (Kind.TOOL_FAILURE_RATE, "Bash", None)
    assert (alert.observed, alert.threshold, alert.severity) == (20, 14, Severity.HIGH)
    assert not alerts(results, detectors)
    detectors.clear("Bash")
    assert len(alerts(results, detectors)) == 1


def test_a_clock_set_back_begins_anew_and_a_record_a_little_late_does_not() -> None:
    denied = [at(number, is_denied=True) for number in range(5)]
    assert not alerts([*denied, at(-DAY, is_denied=True)])
    assert alerts([*denied, at(-60, is_denied=True)])


def test_a_time_far_ahead_does_not_hide_what_comes_after_it() -> None:
    assert alerts([at(10 * DAY), *(at(number, is_denied=True) for number in range(6))])


def test_many_sessions_keep_the_history_and_not_the_memory() -> None:
    detectors = Detectors()
    found = alerts((at(number, session=str(number), is_denied=number % 5 == 0) for number in range(1_000)), detectors)
    assert not found
    assert len(detectors._tracks) == MOST_SESSIONS
    # A fifth is denied on this machine, in whatever session.
    assert not alerts(
        (at(1_000 + number, session="new", is_denied=number % 3 == 0) for number in range(100)), detectors
    )


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.booleans(), st.sampled_from(["a", "b", ""])), max_size=80))
def test_an_alert_is_always_over_its_threshold(calls: list[tuple[float, bool, str]]) -> None:
    seen = (at(seconds, is_denied=denied, session=session) for seconds, denied, session in calls)
    for alert in alerts(seen):
        assert alert.observed >= alert.threshold >= alert.expected

"""Laws of what is remembered of sessions: budgets of questions and limits on calls."""

from hypothesis import given
from hypothesis import strategies as st

from security_hooks.memory.ask_budget import MOST, Asked, is_spent, share, with_question
from security_hooks.memory.call_count import (
    MOST_PER_MINUTE,
    MOST_RETRIES,
    MOST_WAITING,
    NOTHING,
    Caps,
    Count,
    excess,
    with_call,
    with_result,
)
from security_hooks.model.decision import Severity

SEVERITIES = tuple(Severity)
times = st.lists(st.floats(0, 10_000), max_size=40).map(sorted)
budgets = st.integers(0, 30)
severities = st.sampled_from(SEVERITIES)


def asked_at(moments: list[float]) -> Asked:
    asked: Asked = ()
    for at in moments:
        asked = with_question(asked, at)
    return asked


@given(times, budgets, severities, st.floats(0, 20_000))
def test_what_is_graver_is_never_spared_where_less_grave_is_not(
    moments: list[float], per_hour: int, severity: Severity, later: float
) -> None:
    now = max([0.0, *moments]) + later
    asked = asked_at(moments)
    for graver in SEVERITIES[SEVERITIES.index(severity) :]:
        assert is_spent(asked, severity, per_hour, now) >= is_spent(asked, graver, per_hour, now)


@given(times, st.integers(1, 30), st.integers(0, 30), severities, st.floats(0, 20_000))
def test_a_larger_budget_spares_no_more_and_time_gives_back(
    moments: list[float], per_hour: int, more: int, severity: Severity, later: float
) -> None:
    now = max([0.0, *moments])
    asked = asked_at(moments)
    assert is_spent(asked, severity, per_hour, now) >= is_spent(asked, severity, per_hour + more, now)
    assert is_spent(asked, severity, per_hour, now) >= is_spent(asked, severity, per_hour, now + later)


@given(st.lists(st.tuples(severities, st.floats(0, 600)), max_size=80), st.integers(1, 30))
def test_in_no_hour_is_more_asked_than_the_share_but_for_what_is_grave(
    wanted: list[tuple[Severity, float]], per_hour: int
) -> None:
    now = 0.0
    asked: tuple[float, ...] = ()
    put: list[tuple[float, Severity]] = []
    for severity, pause in wanted:
        now += pause
        if not is_spent(asked, severity, per_hour, now):
            asked = with_question(asked, now)
            put.append((now, severity))
    assert len(asked) <= MOST
    for severity in (Severity.INFO, Severity.LOW, Severity.MEDIUM):
        most = share(per_hour, severity)
        assert most is not None
        for at, _ in put:
            assert sum(at - 3_600 < when <= at and of is severity for when, of in put) <= most
    grave = [severity for severity, _ in wanted if severity in (Severity.HIGH, Severity.CRITICAL)]
    assert [severity for _, severity in put if severity in (Severity.HIGH, Severity.CRITICAL)] == grave


STEPS = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(["call", "failed", "succeeded"]), st.floats(0, 90)), max_size=60
)


@given(STEPS, st.integers(0, 8), st.integers(0, 8))
def test_no_session_makes_more_calls_than_it_may_but_a_few_retries(
    steps: list[tuple[str, str, float]], session: int, minute: int
) -> None:
    caps = Caps(session, minute)
    count, now = NOTHING, 0.0
    made: list[float] = []
    contents: set[str] = set()
    for name, what, pause in steps:
        now += pause
        content = name.encode()
        if what != "call":
            count = with_result(count, name, has_failed=what == "failed")
        elif excess(count, content, caps, now) is None:
            count = with_call(count, name, content, now)
            made.append(now)
            contents.add(name)
    retries = MOST_RETRIES * len(contents)
    if session:
        assert len(made) <= session + retries
    if minute:
        for at in made:
            assert sum(at - 60 < when <= at for when in made) <= minute + retries
    assert len(count.times) <= MOST_PER_MINUTE
    assert len(count.waiting) <= MOST_WAITING


@given(STEPS, st.integers(1, 8), st.integers(0, 8), st.sampled_from([b"a", b"b", b"z"]))
def test_a_lower_cap_never_lets_more_through(
    steps: list[tuple[str, str, float]], cap: int, more: int, content: bytes
) -> None:
    count: Count = NOTHING
    now = 0.0
    for name, what, pause in steps:
        now += pause
        if what == "call":
            count = with_call(count, name, name.encode(), now)
        else:
            count = with_result(count, name, has_failed=what == "failed")
    for low, high in ((Caps(cap, 0), Caps(cap + more, 0)), (Caps(0, cap), Caps(0, cap + more))):
        assert excess(count, content, low, now) is not None or excess(count, content, high, now) is None
    assert excess(count, content, Caps(0, 0), now) is None

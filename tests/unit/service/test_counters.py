from security_hooks.model.decision import Basis, Decision, Verdict
from security_hooks.model.failure import Failure, Reason
from security_hooks.service.counters import LATENCIES_KEPT, Counters

ALLOWED = Decision(Verdict.ALLOW, Basis.DEFAULT)
FAILED = Decision(Verdict.DENY, Basis.FAILURE, failure=Failure(Reason.NO_POLICY))


def test_nothing_is_said_of_latency_before_the_first_call() -> None:
    assert Counters().report()["median_us"] is None


def test_verdicts_and_failures_are_counted() -> None:
    counters = Counters()
    for decision in (ALLOWED, ALLOWED, FAILED):
        counters.count(decision, 5)
    report = counters.report()
    assert report["calls"] == 3
    assert report["verdicts"] == {"allow": 2, "ask": 0, "deny": 1}
    assert report["failures"] == {"no_policy": 1}
    assert report["would"] == {}


def test_what_policy_would_have_said_is_counted_where_it_was_let_through() -> None:
    counters = Counters()
    for would in (Verdict.ALLOW, Verdict.ASK, Verdict.DENY, Verdict.ASK):
        counters.count(Decision(Verdict.ALLOW, Basis.DEFAULT, would=would), 5)
    assert counters.report()["would"] == {"ask": 2, "deny": 1}


def test_latencies_are_those_of_the_last_calls() -> None:
    counters = Counters()
    for elapsed in [1000] * LATENCIES_KEPT + [10] * LATENCIES_KEPT:
        counters.count(ALLOWED, elapsed)
    assert counters.report()["p99_us"] == 10

from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from security_hooks.audit.reader import Cursor, read_from
from security_hooks.insight.filter import Filter
from security_hooks.insight.query import find
from security_hooks.insight.sieve import Sieve
from security_hooks.insight.store import Store

words = st.sampled_from(("allow", "ask", "deny", "high", "a", "*", "/p", ""))
several = st.lists(words.filter(bool), max_size=2).map(tuple)
filters = st.builds(
    Filter, verdicts=several, rules=several, paths=several, text=words, severity=st.sampled_from(("", "low", "high"))
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(asked=filters)
def test_line_by_line_passes_what_the_store_finds(
    asked: Filter, append: Callable[..., int], kept: Callable[[], Store], audit_log: Path
) -> None:
    if not kept().last():
        for verdict in ("allow", "ask", "deny"):
            append(verdict, script="ask a", findings=[{"rule": "a", "severity": "high"}])
            append(verdict, severity="low", effects=[{"kind": "reads", "target": "/p/x"}])
    sieve = Sieve(asked)
    passed = [line for line, _ in read_from(audit_log, Cursor(0, 0)) if sieve.passes(line)]
    sieve.close()
    assert [line.decode().rstrip("\n") for line in passed] == [found.line for found in find(kept(), asked)]

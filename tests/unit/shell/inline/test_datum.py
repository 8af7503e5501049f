from security_hooks.model.effect import EffectKind
from security_hooks.shell.inline.datum import MANY, Datum, sources_of, text
from security_hooks.shell.inline.outcome import Outcome


def test_sources_are_found_however_deep_they_are() -> None:
    datum = Datum(items=(Datum(of=Datum(sources=(3,))), Datum(others=(Datum(sources=(1,)),))))
    assert sources_of((datum, datum)) == (1, 3)


def test_values_that_are_shared_count_once() -> None:
    datum = Datum(sources=(1,))
    for _ in range(40):
        datum = Datum(items=(datum, datum))
    assert sources_of((datum,)) == (1,)


def test_sources_that_are_not_looked_for_exceed_the_budget_where_they_go() -> None:
    datum = Datum(items=tuple([text(str(number)) for number in range(10_000)]))
    assert MANY in sources_of((datum,))
    outcome = Outcome()
    sink = outcome.effect(EffectKind.WRITES, ("x",))
    assert not outcome.inline(over_budget=False).over_budget
    outcome.flow(sources_of((datum,)), sink)
    assert outcome.inline(over_budget=False).over_budget

from security_hooks.dsl.predicates import PREDICATES
from security_hooks.memory.aims import NARROWING, ROW_OF, ROWS, SERVED, Aim

KNOWN = {predicate.name for predicate in PREDICATES}


def test_every_aim_has_one_row() -> None:
    assert {row.aim for row in ROWS} == set(Aim) == set(ROW_OF)
    assert len(ROWS) == len(Aim)


def test_predicates_exist_and_stand_for_one_aim_each() -> None:
    named = [name for row in ROWS for name in row.predicates]
    assert len(named) == len(set(named))
    assert {*named, *NARROWING} <= KNOWN
    assert not NARROWING & set(named)


def test_the_deeds_of_an_aim_serve_it() -> None:
    for row in ROWS:
        if row.aim not in (Aim.SEND, Aim.MUTATE):
            assert row.aim in SERVED[row.kind]

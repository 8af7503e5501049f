from security_hooks.model.event import Place
from security_hooks.model.word import Hole, HoleKind
from security_hooks.shell.limits import Budget, ShellLimits
from security_hooks.shell.state import ANY, UNSET, Array, State

HOLE = Hole(HoleKind.GLOB, "*", splits=True)


def state() -> State:
    return State(Place(cwd="/w", home="/home/me"), Budget(ShellLimits()))


def test_where_two_ways_meet_only_what_both_know_stays() -> None:
    known = state()
    known.assign("same", ("a",))
    known.assign("other", ("a",))
    before = known.snapshot()
    known.assign("other", ("b",))
    before.places = ("/w", "/v")
    known.join(before)
    assert known.value("same") == ("a",)
    assert known.value("other") is None
    assert known.known.places == ("/w", "/v")
    assert known.cwd is None


def test_a_way_that_is_never_come_to_takes_nothing_away() -> None:
    known = state()
    before = known.snapshot()
    known.assign("x", ("a",))
    known.known.dead = True
    known.join(before)
    assert not known.known.dead
    assert known.variable("x") is None
    dead = known.snapshot()
    dead.dead = True
    known.assign("x", ("b",))
    known.join(dead)
    assert known.value("x") == ("b",)


def test_an_open_array_has_no_single_elements() -> None:
    known = state()
    known.assign("a", Array(((0, ("x",)), (1, (HOLE,)))))
    assert known.value("a") is None
    known.assign("b", Array(((2, ("x",)),)))
    assert known.value("b") == ()


def test_what_is_not_set_is_empty_and_known() -> None:
    known = state()
    assert known.value("x") is None
    known.assign("x", UNSET)
    assert known.value("x") == ()
    assert known.is_set("x") is False


def test_the_shells_own_variables_are_never_known() -> None:
    known = state()
    known.assign("RANDOM", ("4",))
    assert known.value("RANDOM") is None


def test_arguments_are_known_up_to_the_first_that_may_be_several() -> None:
    known = state()
    known.known.arguments = (("a",), *ANY)
    assert known.value("1") == ("a",)
    assert known.value("2") is None
    assert known.value("#") is None


def test_setting_a_readonly_variable_makes_everything_unknown() -> None:
    known = state()
    known.assign("x", ("a",))
    known.known.attributes["x"] = "r"
    known.assign("x", ("b",))
    assert known.blind
    assert known.value("HOME") is None

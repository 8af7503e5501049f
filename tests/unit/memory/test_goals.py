import msgspec
import pytest

from security_hooks.memory.aims import Aim
from security_hooks.memory.goals import MOST, MOST_SHELVES, Denial, Goals, Route
from security_hooks.memory.subject import Objection
from security_hooks.model.action import Action
from security_hooks.model.decision import Verdict
from security_hooks.model.deed import Deed, Deeds, Passage
from security_hooks.model.effect import EffectKind, Scope
from security_hooks.model.event import Place

PLACE = Place("/home/u/p", "/home/u", "/home/u/p")
RM_SRC = Deed(EffectKind.DELETES, "/home/u/p/src", recursive=True, command=0)
FILE = Deed(EffectKind.READS, "/home/u/p/x")
HOST = Deed(EffectKind.CONNECTS, "a.example", sends=True, command=1)


def denial(at: int = 100, family: str = "f", project: str | None = "/home/u/p") -> Denial:
    return Denial(Verdict.DENY, "r", "e", at, family, project)


def remembered(*objections: Objection, **said: int | str | None) -> Goals:
    goals = Goals()
    for objection in objections:
        goals.remember(objection, denial(**said), PLACE)  # type: ignore[arg-type]  # the same names and types
    return goals


def routes(goals: Goals, *deeds: Deed, passages: tuple[Passage, ...] = (), family: str = "f") -> set[Verdict]:
    return {route.verdict for route in goals.routes(Deeds(deeds, passages), family, PLACE, 0)}


def destroyed(target: str, **said: object) -> Goals:
    deed = msgspec.structs.replace(RM_SRC, target=target, **said)
    return remembered(Objection(Aim.DESTROY, deed))


@pytest.mark.parametrize(
    ("denied", "deed", "expected"),
    [
        ("/home/u/p/src", Deed(EffectKind.DELETES, "/home/u/p/src/a"), {Verdict.DENY}),
        ("/home/u/p/src", Deed(EffectKind.DELETES, "/home/u/p/src/a", certain=False), {Verdict.ASK}),
        ("/home/u/p/src", Deed(EffectKind.DELETES, "/home/u/p/src2"), set()),
        ("/home/u/p/src/a", Deed(EffectKind.DELETES, "/home/u/p/src", recursive=True), {Verdict.DENY}),
        ("/home/u/p/src/a", Deed(EffectKind.DELETES, "/home/u/p/src"), set()),
        ("/home/u/p/src/a", Deed(EffectKind.DELETES, "/home/u/p", recursive=True), set()),
        ("/home/u/p/src", Deed(EffectKind.DELETES, "/x", real="/home/u/p/src"), {Verdict.DENY}),
        ("/home/u/p/src", Deed(EffectKind.DELETES, None), {Verdict.ASK}),
        ("/home/u/p/src", Deed(EffectKind.DELETES, None, ends=("/home/u/p/", "c")), {Verdict.ASK}),
        ("/home/u/p/src", Deed(EffectKind.DELETES, None, ends=("/home/u/p/lib/", "")), set()),
        ("/home/u/p/src", Deed(EffectKind.DELETES, None, ends=("", ".pyc")), set()),
        ("/home/u/p/src", Deed(EffectKind.DELETES, None, ends=("/home/u/p/", "")), set()),
        ("/home/u/p/src", Deed(EffectKind.DELETES, None, ends=("/home/u/p/s", "")), {Verdict.ASK}),
        ("/home/u/p/src", Deed(EffectKind.DELETES, None, ends=("/home/u/p/sr", "src")), set()),
        ("/home/u", Deed(EffectKind.DELETES, None), set()),
        ("/home/u", Deed(EffectKind.NAMES, "/home/u"), set()),
        ("/home/u/p/src", Deed(EffectKind.DELETES, None, scope=Scope.TEMP), set()),
        ("/home/u/p/src", Deed(EffectKind.READS, None), set()),
        ("/home/u/p/src", Deed(EffectKind.NAMES, "/home/u/p/src"), {Verdict.ASK}),
        ("/home/u/p/src", Deed(EffectKind.NAMES, "/home/u/p/src/a"), set()),
        ("/home/u", Deed(EffectKind.DELETES, "/home/u"), {Verdict.DENY}),
        ("/home/u", Deed(EffectKind.DELETES, "/home/u/docs", recursive=True), {Verdict.ASK}),
        ("/home/u", Deed(EffectKind.DELETES, "/home/u/docs"), set()),
        ("/home/u", Deed(EffectKind.DELETES, "/home/u/docs/x", recursive=True), set()),
        ("/home/u/p", Deed(EffectKind.DELETES, "/home/u/p/build", recursive=True), set()),
        ("/", Deed(EffectKind.DELETES, "/tmp/x", recursive=True), set()),
    ],
)
def test_what_a_directory_stands_for(denied: str, deed: Deed, expected: set[Verdict]) -> None:
    assert routes(destroyed(denied), deed) == expected


def test_what_was_one_file_has_nothing_below() -> None:
    assert not routes(destroyed("/home/u/p/a", recursive=False), Deed(EffectKind.DELETES, "/home/u/p/a/b"))


def test_a_move_into_a_device_destroys() -> None:
    goals = destroyed("/home/u/p/src")
    move = Deed(EffectKind.MOVES, "/home/u/p/src", command=0)
    assert routes(goals, move, Deed(EffectKind.WRITES, "/dev/null", scope=Scope.DEVICE, command=0)) == {Verdict.DENY}
    assert not routes(goals, move, Deed(EffectKind.WRITES, "/tmp/src", scope=Scope.TEMP, command=0))


def test_what_an_ask_was_about_is_asked_about() -> None:
    goals = Goals()
    goals.remember(Objection(Aim.DESTROY, RM_SRC), msgspec.structs.replace(denial(), verdict=Verdict.ASK), PLACE)
    assert routes(goals, RM_SRC) == {Verdict.ASK}
    goals.remember(Objection(Aim.DESTROY, RM_SRC), denial(), PLACE)
    assert routes(goals, RM_SRC) == {Verdict.DENY}
    goals.remember(Objection(Aim.DESTROY, RM_SRC), msgspec.structs.replace(denial(), verdict=Verdict.ASK), PLACE)
    assert routes(goals, RM_SRC) == {Verdict.DENY}


def test_a_second_denial_of_the_same_takes_nothing_from_the_first() -> None:
    goals = remembered(Objection(Aim.DESTROY, RM_SRC))
    goals.remember(Objection(Aim.DESTROY, msgspec.structs.replace(RM_SRC, recursive=False)), denial(), PLACE)
    assert routes(goals, Deed(EffectKind.DELETES, "/home/u/p/src/a")) == {Verdict.DENY}
    for bound in (False, True):
        goals = remembered(*(Objection(Aim.SEND, FILE, host, bound) for host in ("a.example", "b.example")))
        for host in ("a.example", "b.example"):
            sink = msgspec.structs.replace(HOST, target=host)
            assert routes(goals, passages=(Passage(FILE, sink),)) == {Verdict.DENY}
            other = Passage(msgspec.structs.replace(FILE, target="/y"), sink)
            assert routes(goals, passages=(other,)) == (set() if bound else {Verdict.ASK})


@pytest.mark.parametrize(
    ("name", "action", "expected"),
    [
        ("+main", Action.GIT_HISTORY_REWRITE, {Verdict.DENY}),
        ("refs/heads/main", Action.GIT_HISTORY_REWRITE, {Verdict.DENY}),
        ("main", Action.GIT_REMOTE_WRITE, set()),
        (None, Action.GIT_HISTORY_REWRITE, {Verdict.ASK}),
        (None, Action.GIT_WRITE, set()),
        ("topic", Action.GIT_HISTORY_REWRITE, set()),
    ],
)
def test_what_is_beyond_the_disk_goes_by_its_name(name: str | None, action: Action, expected: set[Verdict]) -> None:
    rewrite = Deed(EffectKind.MUTATES, "main", object="git", action=Action.GIT_HISTORY_REWRITE)
    goals = remembered(Objection(Aim.MUTATE, rewrite))
    assert routes(goals, Deed(EffectKind.MUTATES, name, object="git", action=action)) == expected
    assert not routes(goals, Deed(EffectKind.MUTATES, name, object="container", action=action))


@pytest.mark.parametrize(
    ("source", "host", "bound", "expected"),
    [
        ("/home/u/p/x", "b.example", False, {Verdict.DENY}),
        ("/home/u/p/x", "b.example", True, set()),
        ("/home/u/p/x", "a.example", True, {Verdict.DENY}),
        ("/home/u/p/y", "a.example", False, {Verdict.ASK}),
        ("/home/u/p/y", "a.example", True, set()),
        ("/home/u/p/y", "b.example", False, set()),
    ],
)
def test_what_must_not_leave_goes_by_source_and_by_host(
    source: str, host: str, bound: bool, expected: set[Verdict]
) -> None:
    goals = remembered(Objection(Aim.SEND, FILE, "a.example", bound))
    sink = msgspec.structs.replace(HOST, target=host)
    passage = Passage(msgspec.structs.replace(FILE, target=source), sink)
    assert routes(goals, passages=(passage,)) == expected


def test_what_the_rule_judges_by_itself_is_left_to_it() -> None:
    goals = remembered(Objection(Aim.READ, FILE, is_judged=True))
    assert not routes(goals, FILE)
    assert routes(goals, Deed(EffectKind.MOVES, FILE.target)) == {Verdict.DENY}
    assert routes(goals, Deed(EffectKind.NAMES, FILE.target)) == {Verdict.ASK}


def test_families_and_projects_are_told_apart() -> None:
    goals = remembered(Objection(Aim.DESTROY, RM_SRC))
    elsewhere = Place("/home/u/q", "/home/u", "/home/u/q")
    assert goals.routes(Deeds((RM_SRC,)), "other", PLACE, 0)
    assert goals.routes(Deeds((RM_SRC,)), "f", elsewhere, 0)
    assert not goals.routes(Deeds((RM_SRC,)), "other", elsewhere, 0)


def test_what_is_cleared_is_gone_from_family_and_project() -> None:
    goals = remembered(Objection(Aim.DESTROY, RM_SRC))
    found = goals.routes(Deeds((RM_SRC,)), "f", PLACE, 0)
    goals.clear(frozenset(route.goal for route in found))
    assert not routes(goals, RM_SRC) and not routes(goals, RM_SRC, family="other")


def test_what_is_remembered_is_bounded() -> None:
    goals = Goals()
    for number in range(MOST + 10):
        deed = msgspec.structs.replace(RM_SRC, target=f"/home/u/p/{number}")
        goals.remember(Objection(Aim.DESTROY, deed), denial(number, project=None), PLACE)
    assert not routes(goals, msgspec.structs.replace(RM_SRC, target="/home/u/p/0"))
    assert routes(goals, msgspec.structs.replace(RM_SRC, target=f"/home/u/p/{MOST + 9}"))
    for number in range(MOST_SHELVES):
        goals.remember(Objection(Aim.DESTROY, RM_SRC), denial(family=str(number), project=None), PLACE)
    assert not routes(goals, RM_SRC)


def test_routes_are_told_with_the_command_that_takes_them() -> None:
    goals = remembered(Objection(Aim.DESTROY, RM_SRC))
    (route, *_) = goals.routes(Deeds((msgspec.structs.replace(RM_SRC, command=3),)), "f", PLACE, 0)
    assert isinstance(route, Route) and route.command == 3

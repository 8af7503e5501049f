"""Laws of denied goals: what is forgotten, what is kept, and what makes no difference."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from security_hooks.memory.aims import Aim
from security_hooks.memory.goals import MOST, Denial, Goals
from security_hooks.memory.subject import Objection
from security_hooks.model.decision import Verdict
from security_hooks.model.deed import Deed, Deeds
from security_hooks.model.effect import EffectKind
from security_hooks.model.event import Place

PLACE = Place("/home/u/p", "/home/u", "/home/u/p")
KINDS = {
    Aim.DESTROY: EffectKind.DELETES,
    Aim.DISPLACE: EffectKind.MOVES,
    Aim.ALTER: EffectKind.WRITES,
    Aim.READ: EffectKind.READS,
}
PATHS = st.lists(st.sampled_from(["home", "u", "p", "src", "a"]), min_size=1, max_size=5).map(
    lambda parts: "/" + "/".join(parts)
)
DEEDS = st.builds(
    Deed,
    st.sampled_from(list(EffectKind)),
    st.none() | PATHS,
    st.none() | PATHS,
    certain=st.booleans(),
    recursive=st.booleans(),
    contents=st.booleans(),
    command=st.integers(0, 3),
    empties=st.booleans(),
)
CALLS = st.lists(DEEDS, max_size=6).map(lambda deeds: Deeds(tuple(deeds)))
DENIED = st.tuples(st.sampled_from(list(KINDS)), PATHS, st.booleans(), st.sampled_from([Verdict.ASK, Verdict.DENY]))
MEMORIES = st.lists(st.tuples(DENIED, st.integers(0, 100)), max_size=12)


def goals_of(memories: list[tuple[tuple[Aim, str, bool, Verdict], int]]) -> Goals:
    goals = Goals()
    for (aim, path, recursive, verdict), at in memories:
        denial = Denial(verdict, "r", "e", at, "f", "/home/u/p")
        goals.remember(Objection(aim, Deed(KINDS[aim], path, recursive=recursive)), denial, PLACE)
    return goals


@given(MEMORIES, CALLS, st.integers(0, 101))
def test_what_is_older_counts_for_nothing(
    memories: list[tuple[tuple[Aim, str, bool, Verdict], int]], call: Deeds, since: int
) -> None:
    goals = goals_of(memories)
    assert all(route.goal.denial.at >= since for route in goals.routes(call, "f", PLACE, since))
    goals.expire(101)
    assert not goals.routes(call, "f", PLACE, 0)


@given(MEMORIES, CALLS)
def test_a_restart_changes_nothing(memories: list[tuple[tuple[Aim, str, bool, Verdict], int]], call: Deeds) -> None:
    goals, again = goals_of(memories), Goals()
    again.restore(goals.dump(0))
    assert set(again.routes(call, "f", PLACE, 0)) == set(goals.routes(call, "f", PLACE, 0))


@given(MEMORIES, CALLS, CALLS)
def test_looking_changes_nothing(
    memories: list[tuple[tuple[Aim, str, bool, Verdict], int]], call: Deeds, other: Deeds
) -> None:
    goals = goals_of(memories)
    before = goals.routes(call, "f", PLACE, 0)
    goals.routes(other, "f", PLACE, 0)
    assert goals.routes(call, "f", PLACE, 0) == before


@given(MEMORIES, CALLS)
def test_calls_that_move_nothing_leave_no_trace(
    memories: list[tuple[tuple[Aim, str, bool, Verdict], int]], call: Deeds
) -> None:
    goals = goals_of(memories)
    before = list(goals.dump(0))
    still = Deeds(tuple(deed for deed in call.deeds if deed.kind is not EffectKind.MOVES))
    goals.follow(still, "f", PLACE, 0)
    assert list(goals.dump(0)) == before


@given(MEMORIES, CALLS)
def test_more_denials_are_never_looser(memories: list[tuple[tuple[Aim, str, bool, Verdict], int]], call: Deeds) -> None:
    fewer = goals_of(memories[:-1]).routes(call, "f", PLACE, 0)
    more = goals_of(memories).routes(call, "f", PLACE, 0)
    worst = max((route.verdict for route in fewer), default=Verdict.ALLOW)
    assert max((route.verdict for route in more), default=Verdict.ALLOW) >= worst


@given(MEMORIES, CALLS)
def test_what_is_cleared_is_reached_no_more(
    memories: list[tuple[tuple[Aim, str, bool, Verdict], int]], call: Deeds
) -> None:
    goals = goals_of(memories)
    while found := goals.routes(call, "f", PLACE, 0):
        cleared = frozenset(route.goal for route in found)
        goals.clear(cleared)
        assert cleared.isdisjoint(route.goal for route in goals.routes(call, "f", PLACE, 0))


@given(st.lists(PATHS, max_size=3 * MOST))
def test_a_shelf_is_bounded(paths: list[str]) -> None:
    goals = Goals()
    for at, path in enumerate(paths):
        denial = Denial(Verdict.DENY, "r", "e", at, "f")
        goals.remember(Objection(Aim.READ, Deed(EffectKind.READS, f"{path}/{at}")), denial, PLACE)
    kept = [goal for part in goals.dump(0) for goal in msgspec.msgpack.decode(part)[2]]
    assert len(kept) == min(MOST, len(paths))

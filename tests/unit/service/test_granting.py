import itertools
from pathlib import Path

import pytest

from security_hooks.model.failure import CallError
from security_hooks.policy.built import Build, rules_of
from security_hooks.policy.config_types import Config
from security_hooks.policy.snapshot import assemble_at_once
from security_hooks.service.granter import remade
from security_hooks.service.granting import MOST, Granting
from security_hooks.service.grants import Grant, Grants

BUILD = Build("d", Config(), ())
BASE = assemble_at_once(BUILD, 3)


class Policy:
    """One base policy with grants on top."""

    def __init__(self, place: Path) -> None:
        self.now = 0.0
        self.grants = Grants(place / "g.json", lambda *_: None, lambda: self.now, lambda: self.now)
        numbers = itertools.count(100)
        self.granting = Granting(self.grants, {3: BUILD, 4: BUILD}.get, lambda: next(numbers))

    def forbid(self, project: str = "/p", until: float = 10.0) -> None:
        identity = f"F{self.now:.0f}"
        grant = Grant(identity, project, "forbid push", "forbid", "push", "", self.now, until, "prompt", 1)
        rule = remade(grant)
        assert rule is not None
        self.grants.add(grant, rule)


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    return Policy(tmp_path)


def test_where_nothing_is_granted_the_policy_is_the_very_same(policy: Policy) -> None:
    policy.forbid("/other")
    assert policy.granting.over(BASE, "/p") is BASE
    assert policy.granting.over(BASE, None) is BASE


def test_a_grant_makes_another_policy_until_it_ends(policy: Policy) -> None:
    policy.forbid()
    granted = policy.granting.over(BASE, "/p")
    assert granted.generation == 100
    assert policy.granting.over(BASE, "/p") is granted
    assert [rule.rule.name for rule in granted.rules] == ["grant-F0"]
    policy.now = 5.0
    policy.forbid(until=20.0)
    again = policy.granting.over(BASE, "/p")
    assert (again.generation, again.digest != granted.digest) == (101, True)
    policy.now = 20.0
    assert policy.granting.over(BASE, "/p") is BASE


def test_each_policy_beneath_has_its_own(policy: Policy) -> None:
    policy.forbid()
    first = policy.granting.over(BASE, "/p")
    second = policy.granting.over(assemble_at_once(BUILD, 4), "/p")
    assert first.generation != second.generation


def test_whoever_judges_apart_gets_the_grants_too(policy: Policy) -> None:
    policy.forbid()
    granted = policy.granting.over(BASE, "/p")
    build = policy.granting.build_of(granted.generation)
    assert build is not None
    assert [rule.name for rule in rules_of(build)] == ["grant-F0"]
    assert policy.granting.build_of(3) is BUILD
    assert policy.granting.build_of(999) is None


def test_a_policy_whose_build_is_gone_is_a_failure(policy: Policy) -> None:
    policy.forbid()
    with pytest.raises(CallError, match="internal"):
        policy.granting.over(assemble_at_once(BUILD, 5), "/p")


def test_only_so_many_are_kept(policy: Policy) -> None:
    for number in range(MOST + 3):
        policy.forbid(f"/p{number}", until=1e9)
        policy.now += 1
        policy.granting.over(BASE, f"/p{number}")
    assert len(policy.granting._made) == MOST

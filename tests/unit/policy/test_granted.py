from security_hooks.dsl.resolved import ResolvedRule
from security_hooks.policy.built import Build, rules_of
from security_hooks.policy.config_types import Config
from security_hooks.policy.grant_rules import resolved
from security_hooks.policy.granted import with_granted
from security_hooks.policy.snapshot import assemble_at_once


def rule(name: str) -> ResolvedRule:
    made = resolved(f'block "{name}"\n  match command("x")\n')
    assert made is not None
    return made


def test_a_policy_with_grants_is_another_one_with_the_same_rules_and_more() -> None:
    build = Build("d", Config(), ())
    base = assemble_at_once(build, 3)
    made, snapshot = with_granted(build, base, [rule("grant-a")], 9)
    assert (snapshot.generation, snapshot.config) == (9, base.config)
    assert [found.name for found in rules_of(made)] == ["grant-a"]
    assert [found.rule.name for found in snapshot.rules] == ["grant-a"]
    assert snapshot.digest == made.digest != build.digest
    other, _ = with_granted(build, base, [rule("grant-b")], 10)
    assert other.digest != made.digest

"""From sources to a build: whole or not at all, and only what changed done again."""

from pathlib import Path

import msgspec
import pytest

from security_hooks.catalogue.load import shipped
from security_hooks.dsl.clauses import SELF_PROTECTION as TAG
from security_hooks.dsl.resolved import ResolvedRule
from security_hooks.dsl.scope import GUARD
from security_hooks.model.diagnostic import Level, PolicyError
from security_hooks.policy.build import BuildCache, build
from security_hooks.policy.built import SELF_PROTECTION, Build, is_in_force, rules_of
from security_hooks.policy.config_types import Layer
from security_hooks.policy.source import RuleFile, Sources

CATALOGUE = shipped()
SHIPPED = (Path(__file__).parents[3] / "config.toml").read_bytes()
CONFIG = Layer("shipped", "config.toml", SHIPPED)
LISTS = RuleFile("shipped", "rules/lists.rules", b'list bad = "rm", "dd"\nmacro really = with_flags("-f")\n')
LISTED = RuleFile(
    "shipped",
    "rules/listed.rules",
    b'block "listed"\n  match command(bad) and really()\n  nudge "no"\n'
    b'  example stop "rm -f x"\n  example pass "rm x"\n',
)
OTHER = RuleFile(
    "user",
    "/u/other.rules",
    b'block "other"\n  match command("nc")\n  example stop "nc x 1"\n  example pass "ls"\nwatch "seen"\n  match zzz\n',
)
BASE = Sources((CONFIG,), (LISTS, LISTED, OTHER))


def file(text: str, layer: str = "user", *, trusted: bool = True) -> RuleFile:
    return RuleFile(layer, f"/{layer}/x.rules", text.encode(), trusted)


def make(*files: RuleFile, user: str = "", cache: BuildCache | None = None) -> Build:
    layers = (CONFIG, Layer("user", "/u/config.toml", user.encode()))
    return build(Sources(layers, files), cache or BuildCache(), CATALOGUE)


def own_rules(made: Build) -> tuple[ResolvedRule, ...]:
    """All but those that are in every build."""
    return tuple(rule for rule in rules_of(made) if rule.layer != GUARD)


def names(made: Build) -> set[str]:
    return {rule.name for rule in own_rules(made)}


def codes(made: Build) -> list[str]:
    return [found.code for found in made.diagnostics]


def refused(*files: RuleFile, user: str = "") -> list[str]:
    with pytest.raises(PolicyError) as error:
        make(*files, user=user)
    return [found.code for found in error.value.diagnostics if found.level is Level.ERROR]


def test_a_build_holds_rules_configuration_and_the_digest_of_its_sources() -> None:
    made = build(BASE, BuildCache(), CATALOGUE)
    assert names(made) == {"listed", "other", "seen"}
    assert made.digest == BASE.digest
    assert made.full == {"config.toml", "rules/lists.rules", "rules/listed.rules", "/u/other.rules"}
    assert made.config.lists["allowed_executables"]


def test_a_build_travels_as_bytes() -> None:
    made = build(BASE, BuildCache(), CATALOGUE)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(made), type=Build) == made


def test_nothing_is_done_again_where_nothing_changed() -> None:
    cache = BuildCache()
    first = build(BASE, cache, CATALOGUE)
    assert (cache.parsed, cache.tried) == (3, 2)
    assert build(BASE, cache, CATALOGUE) == first
    assert (cache.parsed, cache.tried) == (3, 2)


def test_only_the_changed_file_is_parsed_and_only_changed_rules_are_tried() -> None:
    cache = BuildCache()
    build(BASE, cache, CATALOGUE)
    moved = RuleFile("user", OTHER.path, b"# one line more\n" + OTHER.data)
    build(Sources((CONFIG,), (LISTS, LISTED, moved)), cache, CATALOGUE)
    assert (cache.parsed, cache.tried) == (4, 2)
    changed = RuleFile("user", OTHER.path, OTHER.data.replace(b'"nc"', b'"nc", "ncat"'))
    build(Sources((CONFIG,), (LISTS, LISTED, changed)), cache, CATALOGUE)
    assert (cache.parsed, cache.tried) == (5, 3)


@pytest.mark.parametrize("old_new", [(b'"dd"', b'"dd", "shred"'), (b'"-f"', b'"-f", "-i"')])
def test_a_rule_is_tried_again_when_its_list_or_macro_changed(old_new: tuple[bytes, bytes]) -> None:
    cache = BuildCache()
    build(BASE, cache, CATALOGUE)
    lists = RuleFile("shipped", LISTS.path, LISTS.data.replace(*old_new))
    build(Sources((CONFIG,), (lists, LISTED, OTHER)), cache, CATALOGUE)
    assert (cache.parsed, cache.tried) == (4, 3)


def test_a_broken_list_is_found_by_the_examples_of_the_rule_that_uses_it() -> None:
    lists = RuleFile("shipped", LISTS.path, LISTS.data.replace(b'"rm", ', b""))
    assert refused(lists, LISTED) == ["failed-example"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('block "x"\n  match command("rm")\n  example stop "ls"\n', "failed-example"),
        ('block "x"\n  match command("rm")\n  example pass "rm x"\n', "failed-example"),
        ("block\n", "syntax"),
        ('block "x"\n  match comand("rm")\n', "unknown-name"),
        ('block "x"\n  match (?=x)\n', "bad-pattern"),
    ],
)
def test_anything_wrong_in_one_file_refuses_the_whole_build(text: str, code: str) -> None:
    assert refused(LISTS, LISTED, file(text)) == [code]


def test_a_file_that_is_not_utf8_is_refused() -> None:
    assert len(refused(RuleFile("user", "/u/x.rules", b'block "\xff"\n'))) == 1


def test_all_errors_of_all_files_are_told_at_once() -> None:
    found = refused(file("block\n"), RuleFile("user", "/u/y.rules", b"allow\n"), user="[nonsense]\n")
    assert len(found) >= 3


def test_what_a_person_takes_off_a_list_breaks_no_example() -> None:
    rule = file(
        'suspicious "u"\n  match base_command_not_in(allowed_executables)\n  example pass "git status"\n', "shipped"
    )
    made = make(rule, user='[executables]\nexclude = ["git"]\n')
    assert "git" not in made.config.lists["allowed_executables"]
    assert names(made) == {"u"}


LOOSENING = 'allow "lax"\n  match command("ls")\nexcept "more"\n  for "base"\n  match command("ls")\n  reason "r"\n'
BASE_RULE = file('block "base"\n  match command("ls")\n', "shipped")


def test_an_untrusted_project_only_tightens() -> None:
    tight = 'block "tight"\n  match command("nc")\n'
    made = make(BASE_RULE, file(LOOSENING + tight, "project", trusted=False))
    assert names(made) == {"base", "tight"}
    assert codes(made) == ["untrusted", "untrusted"]
    assert names(make(BASE_RULE, file(LOOSENING + tight, "project"))) == {"base", "tight", "lax", "more"}


def test_disabled_names_that_are_no_rules_only_warn() -> None:
    made = make(BASE_RULE, user='[rules]\ndisabled = ["base", "bass"]\n')
    assert codes(made) == ["unknown-rule"]
    assert "`bass`" in made.diagnostics[0].message
    assert not is_in_force(own_rules(made)[0], made.config)


def test_what_protects_the_guard_cannot_be_disabled() -> None:
    guard = file(f'block "guard"\n  match command("ls")\n  tags "{SELF_PROTECTION}"\n', "shipped")
    made = make(guard, user='[rules]\ndisabled = ["guard"]\n')
    assert codes(made) == ["self-protection"]
    assert is_in_force(own_rules(made)[0], made.config)


def test_the_tag_is_the_same_word_in_the_language_and_here() -> None:
    assert TAG == SELF_PROTECTION


def test_the_order_of_files_does_not_show() -> None:
    one = build(BASE, BuildCache(), CATALOGUE)
    other = build(Sources((CONFIG,), BASE.rules[::-1]), BuildCache(), CATALOGUE)
    assert (one.digest, sorted(one.rules)) == (other.digest, sorted(other.rules))

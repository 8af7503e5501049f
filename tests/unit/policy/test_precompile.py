"""The shipped policy as plain data."""

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from security_hooks import __version__
from security_hooks.model.diagnostic import PolicyError
from security_hooks.policy.built import Precompiled, rules_of
from security_hooks.policy.precompile import compile_shipped
from security_hooks.policy.source import PolicyDirectories, read_sources
from security_hooks.service.load import made_before

ROOT = Path(__file__).parents[3]
CONFIG = (ROOT / "config.toml").read_bytes()
RULES = {file.name: file.read_bytes() for file in sorted((ROOT / "rules").glob("*.rules"))}


@pytest.fixture
def places(tmp_path: Path) -> PolicyDirectories:
    (tmp_path / "shipped/rules").mkdir(parents=True)
    (tmp_path / "shipped/config.toml").write_bytes(CONFIG)
    for name, data in RULES.items():
        (tmp_path / "shipped/rules" / name).write_bytes(data)
    (tmp_path / "shipped/policy.bin").write_bytes(compile_shipped(RULES, CONFIG))
    names = ("shipped", "shipped/rules", "system", "config", "state")
    return PolicyDirectories(*(str(tmp_path / name) for name in names))


def test_it_holds_every_shipped_rule() -> None:
    made = msgspec.msgpack.decode(compile_shipped(RULES, CONFIG), type=Precompiled)
    assert made.version == __version__
    assert {rule.name for rule in rules_of(made.build)} >= {"fork-bomb", "critical-deletion", "guard-files"}


def test_a_policy_that_is_not_valid_is_refused() -> None:
    with pytest.raises(PolicyError):
        compile_shipped({**RULES, "x.rules": b"block\n"}, CONFIG)


def test_it_is_used_where_the_installed_sources_are_the_very_same(places: PolicyDirectories) -> None:
    made = made_before(places, read_sources(places))
    assert made is not None
    assert made.digest == read_sources(places).digest


@pytest.mark.parametrize(
    "change", ["shipped/rules/new.rules", "config/rules/mine.rules", "config/config.toml", "config/catalogue/mine.toml"]
)
def test_it_is_not_used_where_anything_was_added(places: PolicyDirectories, tmp_path: Path, change: str) -> None:
    (tmp_path / change).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / change).write_text("# more\n")
    assert made_before(places, read_sources(places)) is None


def test_it_is_not_used_where_a_shipped_file_was_changed_or_removed(places: PolicyDirectories, tmp_path: Path) -> None:
    path = tmp_path / "shipped/rules/machine.rules"
    path.write_bytes(path.read_bytes() + b"#\n")
    assert made_before(places, read_sources(places)) is None
    path.unlink()
    assert made_before(places, read_sources(places)) is None


def test_it_is_used_where_the_daemon_has_its_files_in_other_places(places: PolicyDirectories) -> None:
    elsewhere = replace(places, guarded=("/x/**",))
    made = made_before(elsewhere, read_sources(elsewhere))
    assert made is not None
    assert made.guarded == ("/x/**",)

"""The last good policy on disk."""

import os
from pathlib import Path

import msgspec
import pytest

from security_hooks import __version__
from security_hooks.policy.built import Build, Precompiled
from security_hooks.policy.config_types import Config, Layer
from security_hooks.policy.source import RuleFile, Sources
from security_hooks.service.last_good import (
    PROJECTS,
    LastGood,
    LastGoodProject,
    code_stamp,
    file_for,
    load,
    load_precompiled,
    save,
)

SOURCES = Sources((Layer("user", "/c", b"x"),), (RuleFile("user", "/r", b"y"),))
KEPT = LastGood("stamp", SOURCES, Build("digest", Config(lists={"a": ("b",)}), (b"rule",)))


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    path = file_for(str(tmp_path / "state"), None)
    save(path, KEPT)
    assert load(path, LastGood) == KEPT
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_second_save_replaces_the_first(tmp_path: Path) -> None:
    path = file_for(str(tmp_path), None)
    save(path, KEPT)
    other = msgspec.structs.replace(KEPT, stamp="other")
    save(path, other)
    assert load(path, LastGood) == other
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-1], lambda data: data[:40] + b"?" + data[41:], lambda data: b""]
)
def test_what_is_torn_counts_as_missing(tmp_path: Path, damage: "object") -> None:
    path = file_for(str(tmp_path), None)
    save(path, KEPT)
    assert callable(damage)
    path.write_bytes(damage(path.read_bytes()))
    assert load(path, LastGood) is None


def test_another_kind_of_data_counts_as_missing(tmp_path: Path) -> None:
    path = file_for(str(tmp_path), "/p")
    save(path, LastGoodProject("/p", SOURCES))
    assert load(path, LastGood) is None
    assert load(tmp_path / "nowhere", LastGood) is None


def test_a_planted_link_is_not_written_through(tmp_path: Path) -> None:
    path = file_for(str(tmp_path), None)
    path.parent.mkdir()
    path.with_suffix(".new").symlink_to(tmp_path / "victim")
    with pytest.raises(OSError, match="symbolic"):
        save(path, KEPT)
    assert not (tmp_path / "victim").exists()


def test_projects_are_kept_apart_and_the_oldest_forgotten(tmp_path: Path) -> None:
    roots = [f"/p{number}" for number in range(PROJECTS + 2)]
    for age, root in enumerate(roots):
        path = file_for(str(tmp_path), root)
        save(path, LastGoodProject(root, SOURCES))
        os.utime(path, (age, age))
    save(file_for(str(tmp_path), None), KEPT)
    kept = [load(file_for(str(tmp_path), root), LastGoodProject) for root in roots]
    assert kept[:2] == [None, None]
    assert kept[2] == LastGoodProject("/p2", SOURCES)
    assert load(file_for(str(tmp_path), None), LastGood) == KEPT


def test_the_stamp_names_this_code() -> None:
    assert code_stamp() == code_stamp()
    assert len(code_stamp()) == 64


@pytest.mark.parametrize(("version", "is_used"), [(__version__, True), ("0.0.0-other", False)])
def test_a_precompiled_policy_is_for_its_own_version_only(tmp_path: Path, version: str, is_used: bool) -> None:
    (tmp_path / "policy.bin").write_bytes(msgspec.msgpack.encode(Precompiled(version, KEPT.build)))
    assert load_precompiled(str(tmp_path)) == (KEPT.build if is_used else None)


def test_without_a_precompiled_policy_there_is_none(tmp_path: Path) -> None:
    assert load_precompiled(str(tmp_path)) is None
    (tmp_path / "policy.bin").write_bytes(b"nonsense")
    assert load_precompiled(str(tmp_path)) is None

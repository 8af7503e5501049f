"""Which layers hold where a command is run."""

import argparse
from pathlib import Path

import pytest

from security_hooks.cli.layers import project_at, read_here, read_machine
from security_hooks.policy.source_layers import read_project
from security_hooks.policy.trust import TrustStore, digest, encode_store, with_trust
from security_hooks.service import directories


def test_project_layer_is_trusted_only_by_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "work/project"
    (root / ".security-hooks").mkdir(parents=True)
    (root / ".security-hooks/config.toml").touch()
    (root / "below").mkdir()
    monkeypatch.chdir(root / "below")
    monkeypatch.setattr(directories, "SYSTEM_DIR", tmp_path / "system")
    arguments = argparse.Namespace(config_dir=tmp_path / "user", state_dir=tmp_path)
    assert project_at(root / "below") == root
    assert [(layer.name, layer.trusted) for layer in read_here(arguments).layers] == [
        ("shipped", True),
        ("project", False),
    ]
    store = with_trust(TrustStore(), str(root), digest(read_project(root)), 1)
    (tmp_path / "trust.json").write_bytes(encode_store(store))
    assert [layer.trusted for layer in read_here(arguments).layers] == [True, True]
    assert [layer.name for layer in read_machine(arguments).layers] == ["shipped"]


def test_no_project_is_no_layer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    arguments = argparse.Namespace(config_dir=tmp_path / "user", state_dir=tmp_path)
    assert "project" not in {name for name, _ in read_here(arguments).folders}

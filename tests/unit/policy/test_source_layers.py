"""Files on disk to layers: missing is fine, unreadable is loud, special files are never opened for long."""

import os
from pathlib import Path

import pytest

from security_hooks.model.diagnostic import PolicyError
from security_hooks.policy.source_layers import (
    PROJECT_DIR,
    PROJECT_FILES,
    project_layers,
    read_layers,
    read_project,
    read_trust,
)
from security_hooks.policy.trust import TrustStore, encode_store, with_trust


def put(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_layers_come_in_order_of_precedence(tmp_path: Path) -> None:
    shipped, system, user = (tmp_path / name for name in ("shipped", "system", "user"))
    for folder in (shipped, system, user, tmp_path / "project" / PROJECT_DIR):
        put(folder / "config.local.toml", "local")
        put(folder / "config.toml", "main")
    layers = read_layers(shipped, system, user, tmp_path / "project", trusted=False)
    assert [(layer.name, Path(layer.path).name, layer.trusted) for layer in layers] == [
        (name, file, name != "project")
        for name in ("shipped", "system", "user", "project")
        for file in ("config.toml", "config.local.toml")
    ]
    assert layers[0].text == b"main"


def test_missing_files_are_no_layers(tmp_path: Path) -> None:
    put(tmp_path / "s/config.toml")
    layers = read_layers(tmp_path / "s", tmp_path / "none", tmp_path / "s/config.toml", tmp_path, trusted=True)
    assert [layer.name for layer in layers] == ["shipped"]


@pytest.mark.parametrize("kind", ["dangling", "directory", "fifo", "loop", "huge"])
def test_file_that_cannot_be_read_is_an_error(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "config.toml"
    match kind:
        case "dangling":
            path.symlink_to(tmp_path / "gone")
        case "directory":
            path.mkdir()
        case "fifo":
            os.mkfifo(path)
        case "loop":
            path.symlink_to(path)
        case _:
            path.write_bytes(b"#" * (1 << 20))
    with pytest.raises(PolicyError) as raised:
        read_layers(tmp_path / "a", tmp_path / "b", tmp_path, None, trusted=False)
    assert [(found.file, found.code) for found in raised.value.diagnostics] == [(str(path), "unreadable")]


def test_directory_that_is_a_broken_link_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "user").symlink_to(tmp_path / "gone")
    with pytest.raises(PolicyError):
        read_layers(tmp_path / "a", tmp_path / "b", tmp_path / "user", None, trusted=False)


def test_links_are_followed(tmp_path: Path) -> None:
    target = put(tmp_path / "dotfiles/mine.toml", "x")
    (tmp_path / "user").mkdir()
    (tmp_path / "user/config.toml").symlink_to(target)
    layers = read_layers(tmp_path / "a", tmp_path / "b", tmp_path / "user", None, trusted=False)
    assert [layer.text for layer in layers] == [b"x"]


def test_project_is_every_regular_file_below_its_directory(tmp_path: Path) -> None:
    put(tmp_path / PROJECT_DIR / "config.toml", "c")
    put(tmp_path / PROJECT_DIR / "rules/a.rules", "r")
    put(tmp_path / PROJECT_DIR / "rules/.hidden.rules", "h")
    put(tmp_path / "shared/b.rules", "s")
    (tmp_path / PROJECT_DIR / "linked").symlink_to(tmp_path / "shared")
    os.mkfifo(tmp_path / PROJECT_DIR / "pipe")
    (tmp_path / PROJECT_DIR / "gone").symlink_to(tmp_path / "nowhere")
    files = read_project(tmp_path)
    assert files == {
        "config.toml": b"c",
        "rules/a.rules": b"r",
        "rules/.hidden.rules": b"h",
        "linked/b.rules": b"s",
    }
    assert [(layer.path, layer.text, layer.trusted) for layer in project_layers(tmp_path, files, trusted=False)] == [
        (str(tmp_path / PROJECT_DIR / "config.toml"), b"c", False)
    ]


def test_project_without_a_directory_has_no_files(tmp_path: Path) -> None:
    assert read_project(tmp_path) == {}
    put(tmp_path / PROJECT_DIR)
    assert read_project(tmp_path) == {}


def test_project_that_is_too_much_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loop" / PROJECT_DIR).mkdir(parents=True)
    (tmp_path / "loop" / PROJECT_DIR / "again").symlink_to(tmp_path / "loop" / PROJECT_DIR)
    with pytest.raises(PolicyError):
        read_project(tmp_path / "loop")
    (tmp_path / "many" / PROJECT_DIR).mkdir(parents=True)
    for number in range(PROJECT_FILES + 1):
        (tmp_path / "many" / PROJECT_DIR / str(number)).touch()
    with pytest.raises(PolicyError):
        read_project(tmp_path / "many")


def test_trust_store_is_read_and_fails_closed(tmp_path: Path) -> None:
    assert read_trust(tmp_path) == (TrustStore(), ())
    store = with_trust(TrustStore(), "/p", "a" * 64, 1)
    (tmp_path / "trust.json").write_bytes(encode_store(store))
    assert read_trust(tmp_path) == (store, ())
    (tmp_path / "trust.json").unlink()
    (tmp_path / "trust.json").mkdir()
    known, diagnostics = read_trust(tmp_path)
    assert known == TrustStore()
    assert [found.code for found in diagnostics] == ["unreadable"]

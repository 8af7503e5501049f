"""A file is replaced whole or not at all."""

from pathlib import Path

import pytest

from security_hooks.cli.atomic import create_file, replace_file
from security_hooks.model.failure import StartupError


def test_file_is_replaced_with_its_mode_and_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "new/file"
    replace_file(path, b"one")
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    replace_file(path, b"two")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"two", 0o640)
    replace_file(path, b"three", 0o600)
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_failure_leaves_the_old_file_and_names_it(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken/inside").touch()
    with pytest.raises(StartupError, match="taken cannot be written"):
        replace_file(tmp_path / "taken", b"x")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["taken"]
    with pytest.raises(StartupError):
        replace_file(tmp_path / "taken/inside/below", b"x")


def test_a_new_file_never_takes_the_place_of_another(tmp_path: Path) -> None:
    path = tmp_path / "new/file"
    create_file(path, b"first")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"first", 0o600)
    with pytest.raises(StartupError, match="cannot be written"):
        create_file(path, b"second")
    assert path.read_bytes() == b"first"
    assert [found.name for found in path.parent.iterdir()] == ["file"]

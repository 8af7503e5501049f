from pathlib import Path

import pytest

from security_hooks.cli.changes import show, told, write
from security_hooks.install.plan import Change
from security_hooks.model.failure import StartupError


def test_files_are_made_changed_and_removed_with_their_directories(tmp_path: Path) -> None:
    (tmp_path / "old").write_bytes(b"a")
    ours = tmp_path / "extensions/security-hooks/hooks/hooks.json"
    write([Change(tmp_path / "old", b"a", b"b", b"a"), Change(ours, None, b"{}")])
    assert (tmp_path / "old").read_bytes() == b"b"
    assert (tmp_path / "old.before-security-hooks").read_bytes() == b"a"
    write([Change(ours, b"{}", None)])
    assert not ours.parent.parent.exists() and (tmp_path / "extensions").is_dir()


def test_a_change_that_fails_takes_the_others_back(tmp_path: Path) -> None:
    (tmp_path / "kept").write_bytes(b"a")
    (tmp_path / "file").write_bytes(b"")
    changes = [
        Change(tmp_path / "kept", b"a", b"b"),
        Change(tmp_path / "new", None, b"c"),
        Change(tmp_path / "file/below", None, b"d"),
    ]
    with pytest.raises(StartupError, match="file/below cannot be changed"):
        write(changes)
    assert (tmp_path / "kept").read_bytes() == b"a"
    assert not (tmp_path / "new").exists()


def test_a_diff_shows_little_of_what_stands_around(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    before = b"secret one\nsecret two\nnear\nold\x1b[31m\nnear\nsecret three\n"
    show([Change(tmp_path / "s", before, before.replace(b"old", b"new"))])
    out = capsys.readouterr().out
    assert "-old" in out and "+new" in out and "secret" not in out and "\x1b" not in out


def test_a_change_is_told_with_its_backup(tmp_path: Path) -> None:
    assert told(Change(tmp_path / "s", None, b"")) == f"created {tmp_path}/s"
    assert told(Change(tmp_path / "s", b"", None)) == f"removed {tmp_path}/s"
    assert told(Change(tmp_path / "s", b"", b"x", b"")).endswith(
        f"what it was is in {tmp_path}/s.before-security-hooks"
    )

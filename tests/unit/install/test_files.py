import os
from pathlib import Path

import pytest

from security_hooks.install import files
from security_hooks.install.files import as_text, changeable, read_bytes, read_settings
from security_hooks.model.diagnostic import PolicyError
from security_hooks.wiring.report import Role


def test_a_file_is_read_whole_and_none_is_none(tmp_path: Path) -> None:
    (tmp_path / "s").write_bytes(b"{}\r\n")
    (tmp_path / "l").symlink_to("s")
    assert read_bytes(tmp_path / "s") == read_bytes(tmp_path / "l") == b"{}\r\n"
    assert read_bytes(tmp_path / "none") is None


def test_what_is_no_file_of_bearable_size_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST", 10)
    (tmp_path / "huge").write_bytes(b"x" * 11)
    (tmp_path / "lost").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name, says in (
        ("huge", "larger than"),
        ("lost", "leads nowhere"),
        ("loop", "cannot be read"),
        ("folder", "cannot be read|no regular file"),
        ("pipe", "no regular file"),
    ):
        with pytest.raises(PolicyError, match=says):
            read_bytes(tmp_path / name)


@pytest.mark.skipif(os.getuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s").write_bytes(b"{}")
    (tmp_path / "s").chmod(0)
    with pytest.raises(PolicyError, match="permission denied"):
        read_bytes(tmp_path / "s")


def test_bytes_that_are_no_text_are_refused_with_their_place(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"s:2:3: it is not UTF-8"):
        as_text(tmp_path / "s", b"a\nbc\xff")


def test_for_a_report_what_cannot_be_read_is_a_problem_and_no_error(tmp_path: Path) -> None:
    (tmp_path / "lost").symlink_to("nowhere")
    named = Path("/etc/x")
    assert read_settings(Role.USER, tmp_path / "none", named).text is None
    found = read_settings(Role.USER, tmp_path / "lost", named)
    assert (found.text, found.named) == (None, "/etc/x") and "leads nowhere" in found.problem


@pytest.mark.skipif(os.getuid() != 0, reason="needs root to give a directory away")
def test_what_others_than_root_can_change_or_replace_is_told_with_its_links(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for directory in (ours, theirs):
        directory.mkdir(mode=0o755)
        (directory / "file").touch(mode=0o644)
    trusted = changeable(ours / "file")
    # The directories above are this machine's own matter.
    assert trusted is None or trusted in tmp_path.parents
    os.chown(theirs, 65534, 65534)
    (ours / "link").symlink_to(theirs / "file")
    assert changeable(theirs / "file") == theirs
    assert changeable(ours / "link") == theirs
    (ours / "file").chmod(0o666)
    assert changeable(ours / "file") == ours / "file"

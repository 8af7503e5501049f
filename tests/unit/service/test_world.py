"""The real disk, links and all, as one call sees it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from security_hooks.model.world import Entry
from security_hooks.service.world import (
    APART,
    ON_THE_LOOP,
    SETTLED_NS,
    LocalWorld,
    Reach,
    UnseenWorld,
    is_elsewhere,
    is_settled,
    still_holds,
)


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    (tmp_path / "dir/sub").mkdir(parents=True)
    (tmp_path / "file").write_text("content")
    (tmp_path / "dir/up").symlink_to("../file")
    (tmp_path / "to-dir").symlink_to(tmp_path / "dir")
    (tmp_path / "here").symlink_to(".")
    (tmp_path / "dangling").symlink_to("nothing")
    (tmp_path / "loop").symlink_to("loop2")
    (tmp_path / "loop2").symlink_to("loop")
    os.mkfifo(tmp_path / "fifo")
    return tmp_path


@pytest.mark.parametrize(
    ("path", "entry", "real"),
    [
        ("file", Entry.FILE, "file"),
        ("dir", Entry.DIRECTORY, "dir"),
        ("here", Entry.DIRECTORY, "."),
        ("here/here/file", Entry.FILE, "file"),
        ("dir/", Entry.DIRECTORY, "dir"),
        ("dir/./sub/..//sub", Entry.DIRECTORY, "dir/sub"),
        ("to-dir/up", Entry.FILE, "file"),
        ("to-dir/..", Entry.DIRECTORY, "."),
        ("dangling", Entry.MISSING, "nothing"),
        ("missing/below", Entry.MISSING, "missing/below"),
        ("to-dir/missing", Entry.MISSING, "dir/missing"),
        ("file/below", Entry.MISSING, "file/below"),
        ("fifo", Entry.OTHER, "fifo"),
        ("loop", Entry.UNKNOWN, None),
        ("x" * 5000, Entry.UNKNOWN, None),
        ("a\0b", Entry.UNKNOWN, None),
    ],
)
def test_paths_lead_where_the_file_system_says(disk: Path, path: str, entry: Entry, real: str | None) -> None:
    world = LocalWorld()
    assert world.kind(f"{disk}/{path}") is entry
    assert world.real(f"{disk}/{path}") == (None if real is None else os.path.normpath(disk / real))
    assert not world.left_out


def test_a_relative_path_and_the_root() -> None:
    assert LocalWorld().kind("file") is Entry.UNKNOWN
    assert LocalWorld().kind("/") is Entry.DIRECTORY
    assert LocalWorld().real("/..") == "/"


def test_a_small_regular_file_is_read(disk: Path) -> None:
    world = LocalWorld()
    assert world.read(f"{disk}/to-dir/up", 7) == b"content"
    assert world.read(f"{disk}/file", 6) is None
    assert world.read(f"{disk}/missing", 9) is None
    assert world.read(f"{disk}/dir", 9) is None
    assert world.read(f"{disk}/fifo", 9) is None


def test_a_file_that_may_not_be_read_or_looked_at_is_not_known(disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "open", refused)
    assert LocalWorld().read(f"{disk}/file", 99) is None
    monkeypatch.setattr(os, "lstat", refused)
    assert LocalWorld().kind(f"{disk}/file") is Entry.UNKNOWN
    assert LocalWorld().real(f"{disk}/file") is None


def test_a_file_that_is_replaced_while_it_is_read_is_not_known(disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = LocalWorld()
    assert world.kind(f"{disk}/file") is Entry.FILE
    (disk / "file").rename(disk / "old")
    (disk / "file").write_text("another")
    assert world.read(f"{disk}/file", 99) is None


def test_names_are_sorted_and_no_more_than_asked_for(disk: Path) -> None:
    assert LocalWorld().names(f"{disk}/to-dir", 9) == ("sub", "up")
    assert LocalWorld().names(f"{disk}/dir", 1) is None
    assert LocalWorld().names(f"{disk}/file", 9) is None


def test_a_name_that_is_no_text_is_not_told(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(os.fsdecode(b"\xff"))
    assert LocalWorld().real(f"{tmp_path}/a") is None
    (tmp_path / os.fsdecode(b"\xfe")).touch()
    assert LocalWorld().names(str(tmp_path), 9) is None


@pytest.mark.parametrize(
    "path", ["/proc", "/proc/self/environ", "/proc/self/root/etc/passwd", "/dev/stdin", "/dev/fd/0"]
)
def test_what_means_another_thing_to_each_process_is_not_known(path: str) -> None:
    world = LocalWorld()
    assert world.kind(path) is Entry.UNKNOWN
    assert world.real(path) is None
    assert world.read(path, 4096) is None
    assert world.names(path, 4096) is None


def test_devices_are_not_opened(tmp_path: Path) -> None:
    (tmp_path / "null").symlink_to("/dev/null")
    assert LocalWorld().kind(f"{tmp_path}/null") is Entry.OTHER
    assert LocalWorld().read(f"{tmp_path}/null", 9) is None
    assert LocalWorld().names("/dev", 9999) is None
    assert LocalWorld().names("/sys", 9999) is None


def test_nothing_below_a_slow_mount_is_touched(disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (disk / "mount/below").mkdir(parents=True)
    (disk / "link").symlink_to(disk / "mount/below")
    touched: list[str] = []
    lstat = os.lstat

    def noted(path: str) -> os.stat_result:
        touched.append(path)
        return lstat(path)

    monkeypatch.setattr(os, "lstat", noted)
    slow = frozenset({f"{disk}/mount"})
    for path in ("mount", "mount/below", "link", "dir/../link/x"):
        world = LocalWorld(slow)
        assert world.kind(f"{disk}/{path}") is Entry.UNKNOWN
        assert world.real(f"{disk}/{path}") is None
        assert world.left_out
        assert is_elsewhere(f"{disk}/{path}", slow)
    assert not is_elsewhere(f"{disk}/file", slow)
    assert not is_elsewhere(f"{disk}/mount", frozenset())
    assert not any(f"{disk}/mount" in path for path in touched)


def test_what_is_beyond_the_reach_is_left_out(disk: Path) -> None:
    asked: tuple[tuple[Reach, Callable[[LocalWorld], object]], ...] = (
        (Reach(2, 99, 99), lambda world: world.kind(f"{disk}/dir/sub")),
        (Reach(99, 3, 99), lambda world: world.read(f"{disk}/file", 99)),
        (Reach(99, 99, 1), lambda world: world.names(f"{disk}/dir", 99)),
    )
    for reach, ask in asked:
        world = LocalWorld(reach=reach)
        assert ask(world) in (None, Entry.UNKNOWN)
        assert world.left_out
    assert ON_THE_LOOP.lookups < APART.lookups


def test_a_world_says_the_same_throughout_a_call(disk: Path) -> None:
    world = LocalWorld()
    assert world.kind(f"{disk}/dir/x") is Entry.MISSING
    (disk / "dir/x").touch()
    assert world.kind(f"{disk}/dir/x") is Entry.MISSING


def _swap_directory(disk: Path) -> None:
    (disk / "dir").rename(disk / "moved")
    (disk / "dir").symlink_to("moved")


def _swap_link(disk: Path) -> None:
    (disk / "to-dir").unlink()
    (disk / "to-dir").symlink_to(disk / "dir/sub")


def _rewrite(disk: Path) -> None:
    before = (disk / "file").stat()
    (disk / "file").write_text("CONTENT")
    os.utime(disk / "file", ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("dir/missing", lambda disk: (disk / "dir/missing").touch()),
        ("dir/missing", _swap_directory),
        ("dir/sub", lambda disk: (disk / "dir/sub").rmdir()),
        ("to-dir/missing", _swap_link),
        ("file", _rewrite),
        ("dir", lambda disk: (disk / "dir/new").touch()),
    ],
    ids=["made", "directory to link", "removed", "link to another", "rewritten in its old time", "new name"],
)
def test_a_change_of_what_was_looked_at_shows(disk: Path, path: str, change: object) -> None:
    assert callable(change)
    world = LocalWorld()
    world.kind(f"{disk}/{path}")
    world.read(f"{disk}/{path}", 99)
    world.names(f"{disk}/{path}", 99)
    assert still_holds(world.looks)
    change(disk)
    assert not still_holds(world.looks)


def test_a_change_of_something_else_does_not_show(disk: Path) -> None:
    world = LocalWorld()
    world.kind(f"{disk}/dir/missing")
    world.kind(f"{disk}/file")
    (disk / "dir/other").touch()
    (disk / "file").write_text("another")
    assert still_holds(world.looks)


def test_what_changed_just_now_is_not_settled(disk: Path) -> None:
    world = LocalWorld()
    world.read(f"{disk}/file", 99)
    changed = (disk / "file").stat().st_ctime_ns
    assert not is_settled(world.looks, changed + SETTLED_NS // 2)
    assert is_settled(world.looks, changed + SETTLED_NS * 2)
    other = LocalWorld()
    other.kind(f"{disk}/missing")
    assert is_settled(other.looks, SETTLED_NS + 1)


def test_of_a_disk_that_is_not_seen_nothing_is_said(disk: Path) -> None:
    world = UnseenWorld()
    assert world.kind(f"{disk}/file") is Entry.UNKNOWN
    assert world.real(f"{disk}/file") is None
    assert world.read(f"{disk}/file", 99) is None
    assert world.names(f"{disk}/dir", 9) is None
    assert not world.left_out

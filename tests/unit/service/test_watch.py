"""What is watched, and that a change of it is noticed, however it is made."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from security_hooks.service.changes import WatchfilesChanges, open_changes
from security_hooks.service.watch import Watched, Watcher, watched

SOON = 10.0


def _look(root: Path) -> Watched:
    return watched(
        [str(root / "conf/config.toml")], [str(root / "conf/rules")], [str(root / "project/.security-hooks")]
    )


@pytest.fixture(params=[open_changes, WatchfilesChanges], ids=["native", "watchfiles"])
async def watcher(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Watcher]:
    made = Watcher(lambda: _look(tmp_path), request.param)
    yield made
    made.close()


def _write(root: Path) -> None:
    (root / "conf/rules/a.rules").write_text("one")


def _replace(root: Path) -> None:
    (root / "conf/rules/.new").write_text("two")
    (root / "conf/rules/.new").rename(root / "conf/rules/a.rules")


def _remove(root: Path) -> None:
    (root / "conf/rules/a.rules").unlink()


def _like_vim(root: Path) -> None:
    file = root / "conf/rules/a.rules"
    file.rename(root / "conf/rules/a.rules~")
    file.write_text("three")


def _swap_directories(root: Path) -> None:
    (root / "other").mkdir()
    (root / "other/b.rules").write_text("b")
    (root / "conf/rules").rename(root / "old")
    (root / "other").rename(root / "conf/rules")


def _configure(root: Path) -> None:
    (root / "conf/config.toml").write_text("x = 1")


def _change_mode(root: Path) -> None:
    (root / "conf/rules/a.rules").chmod(0o600)


@pytest.mark.parametrize("change", [_write, _replace, _remove, _like_vim, _swap_directories, _configure, _change_mode])
async def test_a_change_is_noticed(watcher: Watcher, tmp_path: Path, change: Callable[[Path], None]) -> None:
    (tmp_path / "conf/rules").mkdir(parents=True)
    (tmp_path / "conf/rules/a.rules").write_text("zero")
    await watcher.arm()
    waiting = asyncio.ensure_future(watcher.wait())
    change(tmp_path)
    await asyncio.wait_for(waiting, SOON)


async def test_directories_made_later_are_noticed_step_by_step(watcher: Watcher, tmp_path: Path) -> None:
    for step in (
        lambda: (tmp_path / "conf").mkdir(),
        lambda: (tmp_path / "conf/rules").mkdir(),
        lambda: (tmp_path / "conf/rules/a.rules").write_text("one"),
        lambda: (tmp_path / "project").mkdir(),
        lambda: (tmp_path / "project/.security-hooks").mkdir(),
        lambda: (tmp_path / "project/.security-hooks/deep").mkdir(),
        lambda: (tmp_path / "project/.security-hooks/deep/any").write_text("anything counts for trust"),
    ):
        await watcher.arm()
        waiting = asyncio.ensure_future(watcher.wait())
        step()
        await asyncio.wait_for(waiting, SOON)


async def test_the_target_of_a_link_and_the_link_itself_are_watched(watcher: Watcher, tmp_path: Path) -> None:
    (tmp_path / "conf/rules").mkdir(parents=True)
    (tmp_path / "far/v1").mkdir(parents=True)
    (tmp_path / "far/v2").mkdir(parents=True)
    (tmp_path / "far/v1/a").write_text("one")
    (tmp_path / "far/v2/a").write_text("two")
    (tmp_path / "far/now").symlink_to("v1")
    (tmp_path / "conf/rules/a.rules").symlink_to("../../far/now/a")
    for change in (
        lambda: (tmp_path / "far/v1/a").write_text("more"),
        lambda: _swap(tmp_path / "far/now", "v2"),
        lambda: (tmp_path / "far/v2/a").write_text("more"),
    ):
        await watcher.arm()
        waiting = asyncio.ensure_future(watcher.wait())
        change()
        await asyncio.wait_for(waiting, SOON)


def _swap(link: Path, target: str) -> None:
    link.with_suffix(".new").symlink_to(target)
    link.with_suffix(".new").replace(link)


async def test_what_does_not_matter_does_not_end_a_wait(watcher: Watcher, tmp_path: Path) -> None:
    (tmp_path / "conf/rules").mkdir(parents=True)
    await watcher.arm()
    waiting = asyncio.ensure_future(watcher.wait(0.3))
    (tmp_path / "conf/rules/a.rules~").write_text("a backup")
    (tmp_path / "conf/notes.txt").write_text("nothing of ours")
    done, _ = await asyncio.wait({waiting}, timeout=0.15)
    assert not done
    await waiting


async def test_wake_ends_a_wait(watcher: Watcher) -> None:
    await watcher.arm()
    waiting = asyncio.ensure_future(watcher.wait())
    await asyncio.wait({waiting}, timeout=0.05)
    watcher.wake()
    await asyncio.wait_for(waiting, SOON)


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf/rules").symlink_to("rules")
    (tmp_path / "project").symlink_to("project")
    assert str(tmp_path / "conf") in _look(tmp_path).directories

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from security_hooks.service.changes import Directories

if sys.platform != "linux":
    pytest.skip("Linux only", allow_module_level=True)

from security_hooks.service.inotify import InotifyChanges


async def reported(directories: Directories, change: object, enough: int = 1) -> set[str]:
    """The paths reported for a change, once so many are known."""
    found: set[str] = set()
    news = asyncio.Event()

    def report(paths: frozenset[str] | None) -> None:
        assert paths is not None
        found.update(paths)
        if len(found) >= enough:
            news.set()

    changes = InotifyChanges(directories, report)
    assert callable(change)
    change()
    await asyncio.wait_for(news.wait(), 10)
    changes.close()
    changes.close()
    return found


async def test_names_that_come_are_reported(tmp_path: Path) -> None:
    directories = Directories(frozenset({str(tmp_path)}), frozenset())
    assert await reported(directories, (tmp_path / "new").mkdir) == {f"{tmp_path}/new"}


async def test_what_is_written_is_reported_where_contents_matter(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    directories = Directories(frozenset({str(tmp_path)}), frozenset({str(tmp_path)}))
    assert await reported(directories, lambda: (tmp_path / "a").write_text("x")) == {f"{tmp_path}/a"}


async def test_opening_and_reading_and_elsewhere_writing_is_no_news(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")

    def look_and_then_make() -> None:
        (tmp_path / "a").read_text()
        (tmp_path / "a").write_text("more")
        subprocess.run(["/bin/true"], check=True)
        (tmp_path / "z").touch()

    directories = Directories(frozenset({str(tmp_path), "/etc"}), frozenset())
    assert await reported(directories, look_and_then_make) == {f"{tmp_path}/z"}


async def test_a_directory_that_moves_away_is_reported(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    directories = Directories(frozenset({f"{tmp_path}/d"}), frozenset())
    assert await reported(directories, lambda: (tmp_path / "d").rename(tmp_path / "e")) == {f"{tmp_path}/d"}


async def test_a_directory_that_is_gone_is_an_error_that_leaks_nothing(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(FileNotFoundError):
        InotifyChanges(Directories(frozenset({str(tmp_path), f"{tmp_path}/gone"}), frozenset()), lambda _: None)
    assert len(list(Path("/proc/self/fd").iterdir())) == before

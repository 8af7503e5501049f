import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from security_hooks.audit.segment import (
    Segment,
    files_of,
    first_of,
    open_directory,
    open_file,
    segment_name,
    segment_names,
    take_lock,
)

Runner = Callable[..., object]


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[int]:
    descriptor = open_directory(tmp_path / "audit")
    yield descriptor
    os.close(descriptor)


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("00000001.jsonl", 1),
        ("123456789.jsonl", 123456789),
        ("1.jsonl", None),
        ("lock", None),
        ("00000001.jsonl.zst.new", None),
    ],
)
def test_names_carry_the_first_number(name: str, first: int | None) -> None:
    assert first_of(name) == first
    if first is not None:
        assert segment_name(first) == name


def test_segments_are_listed_by_number(tmp_path: Path) -> None:
    for name in ("100000000.jsonl", "00000002.jsonl", "99999999.jsonl", "reserve"):
        (tmp_path / name).touch()
    assert [first for first, _ in segment_names(tmp_path)] == [2, 99_999_999, 100_000_000]


def test_directory_is_made_private_with_its_parents(tmp_path: Path) -> None:
    os.close(open_directory(tmp_path / "a/b/audit"))
    assert stat.S_IMODE((tmp_path / "a/b/audit").stat().st_mode) == 0o700


def test_directory_that_others_may_enter_is_closed_to_them(tmp_path: Path) -> None:
    (tmp_path / "audit").mkdir(mode=0o755)
    os.close(open_directory(tmp_path / "audit"))
    assert stat.S_IMODE((tmp_path / "audit").stat().st_mode) == 0o700


def test_symbolic_link_is_no_directory_of_ours(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "audit").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError):
        open_directory(tmp_path / "audit")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
def test_directory_of_another_user_is_refused(tmp_path: Path) -> None:
    (tmp_path / "audit").mkdir(mode=0o700)
    os.chown(tmp_path / "audit", 65534, 65534)
    with pytest.raises(PermissionError, match="another user"):
        open_directory(tmp_path / "audit")


def test_lock_names_its_holder(directory: int) -> None:
    lock = take_lock(directory)
    with pytest.raises(BlockingIOError, match=f"process {os.getpid()}"):
        take_lock(directory)
    os.close(lock)
    os.close(take_lock(directory))


def test_links_and_other_kinds_of_files_are_refused(tmp_path: Path, directory: int) -> None:
    folder = tmp_path / "audit"
    (folder / "target").touch()
    (folder / "link").symlink_to(folder / "target")
    os.link(folder / "target", folder / "second")
    os.mkfifo(folder / "fifo")
    for name in ("link", "second", "fifo"):
        with pytest.raises(OSError):
            os.close(open_file(directory, name, os.O_WRONLY))


def test_file_that_others_may_read_is_closed_to_them(tmp_path: Path, directory: int) -> None:
    (tmp_path / "audit/x").touch(mode=0o644)
    os.close(open_file(directory, "x", os.O_WRONLY))
    assert stat.S_IMODE((tmp_path / "audit/x").stat().st_mode) == 0o600


def test_new_segment_never_takes_an_old_file(tmp_path: Path, directory: int) -> None:
    (tmp_path / "audit/00000001.jsonl").touch()
    with pytest.raises(FileExistsError):
        Segment(directory, tmp_path / "audit", "00000001.jsonl", new=True)


@pytest.mark.parametrize(
    ("meddle", "problem"),
    [
        (lambda path: None, None),
        (lambda path: path.unlink(), "segment_removed"),
        (lambda path: path.rename(path.with_name("moved")), "segment_removed"),
        (lambda path: (path.unlink(), path.write_bytes(b"line\n")), "segment_replaced"),
        (lambda path: os.truncate(path, 2), "segment_changed"),
        (lambda path: path.open("ab").write(b"more"), "segment_changed"),
    ],
)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_what_happens_to_the_file_is_seen(
    tmp_path: Path, directory: int, meddle: Callable[[Path], object], problem: str | None
) -> None:
    segment = Segment(directory, tmp_path / "audit", "00000001.jsonl", new=True)
    segment.append(b"line\n")
    meddle(tmp_path / "audit/00000001.jsonl")
    assert segment.displaced() == problem
    segment.close()


SHORT_WRITE = """
import os, resource, signal, sys
from pathlib import Path
from security_hooks.audit.segment import Segment, open_directory
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
path = Path(sys.argv[1])
segment = Segment(open_directory(path), path, "00000001.jsonl", new=True)
segment.append(b"x" * 90 + b"\\n")
resource.setrlimit(resource.RLIMIT_FSIZE, (120, resource.RLIM_INFINITY))
try:
    segment.append(b"y" * 90 + b"\\n")
except OSError as error:
    assert "29 of 91 bytes written" in str(error), error
else:
    raise AssertionError("a short write went unnoticed")
assert (path / "00000001.jsonl").read_bytes() == b"x" * 90 + b"\\n"
assert segment.displaced() is None
"""


def test_short_write_is_cut_back(tmp_path: Path, script: Runner) -> None:
    script(SHORT_WRITE, str(tmp_path / "audit"))


def test_a_compressed_segment_counts_where_the_plain_one_is_gone(tmp_path: Path) -> None:
    for name in ("00000001.jsonl", "00000001.jsonl.zst", "00000005.jsonl.zst", "00000009.jsonl.zst.new"):
        (tmp_path / name).touch()
    assert segment_names(tmp_path) == [(1, "00000001.jsonl"), (5, "00000005.jsonl.zst")]
    assert set(files_of(5)) == {"00000005.jsonl", "00000005.jsonl.zst", "00000005.jsonl.zst.new"}

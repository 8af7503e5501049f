from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.repositories import git, new_repository

from security_hooks.worktree.index import Entry, UnreadableError, read_index

FILES = {"a.py": "a\n", "src/b.py": "b\n", "src/deep/c.py": "c\n", "docs/d.md": "d\n", "z" * 200: "z\n"}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return new_repository(tmp_path / "p", FILES)


def listed(repository: Path) -> dict[bytes, bytes]:
    """Path and blob of each file, as git tells them."""
    lines = git(repository, "ls-files", "-s", "-z").split(b"\0")[:-1]
    return {line.partition(b"\t")[2]: bytes.fromhex(line.split()[1].decode()) for line in lines}


@pytest.mark.parametrize("version", ["2", "3", "4"])
def test_every_version_is_read_as_git_reads_it(repository: Path, version: str) -> None:
    (repository / "meant.py").write_text("later\n")
    git(repository, "add", "--intent-to-add", "meant.py")
    git(repository, "update-index", "--index-version", version)
    index = read_index((repository / ".git/index").read_bytes())
    assert {name: entry.blob for name, entry in index.entries.items()} == listed(repository)
    assert not index.is_merging


def test_an_entry_tells_what_the_disk_said(repository: Path) -> None:
    status = (repository / "src/b.py").stat()
    entry = read_index((repository / ".git/index").read_bytes()).entries[b"src/b.py"]
    seen = (entry.written, entry.changed, entry.inode, entry.size, entry.mode)
    inode = status.st_ino & 0xFFFFFFFF
    assert seen == (status.st_mtime_ns, status.st_ctime_ns, inode, status.st_size, 0o100644)


def test_trees_are_those_that_the_index_still_holds(repository: Path) -> None:
    trees = read_index((repository / ".git/index").read_bytes()).trees
    shown = git(repository, "ls-tree", "-r", "-d", "HEAD").decode().splitlines()
    expected = {line.partition("\t")[2].encode(): bytes.fromhex(line.split()[2]) for line in shown}
    assert trees == {**expected, b"": bytes.fromhex(git(repository, "rev-parse", "HEAD^{tree}").decode())}
    (repository / "src/b.py").write_text("other\n")
    git(repository, "add", "src/b.py")
    assert set(read_index((repository / ".git/index").read_bytes()).trees) == {b"docs", b"src/deep"}


def test_a_merge_that_is_under_way_shows(repository: Path) -> None:
    git(repository, "checkout", "-q", "-b", "topic")
    (repository / "a.py").write_text("theirs\n")
    git(repository, "commit", "-q", "-a", "-m", "theirs")
    git(repository, "checkout", "-q", "main")
    (repository / "a.py").write_text("ours\n")
    git(repository, "commit", "-q", "-a", "-m", "ours")
    with pytest.raises(Exception, match="returned non-zero"):
        git(repository, "merge", "-q", "topic")
    assert read_index((repository / ".git/index").read_bytes()).is_merging


def test_a_split_index_is_not_read(repository: Path) -> None:
    git(repository, "update-index", "--split-index")
    with pytest.raises(UnreadableError):
        read_index((repository / ".git/index").read_bytes())


def test_no_part_of_an_index_is_taken_for_one(repository: Path) -> None:
    data = (repository / ".git/index").read_bytes()
    for end in range(0, len(data), 7):
        with pytest.raises(UnreadableError):
            read_index(data[:end])


@given(st.binary(max_size=300))
def test_nothing_else_is_raised(data: bytes) -> None:
    for start in (b"", b"DIRC\0\0\0\2\0\0\0\1", b"DIRC\0\0\0\4\0\0\0\2"):
        try:
            # With zeros for a sum it is read on.
            entries = read_index(start + data + bytes(20)).entries
        except UnreadableError:
            continue
        assert all(isinstance(entry, Entry) for entry in entries.values())

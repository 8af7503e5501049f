from pathlib import Path

import pytest
from tests.repositories import git, new_repository, put

from security_hooks.service.repository import Repository, find_root
from security_hooks.worktree.index import UnreadableError

FILES = {"a.py": "a\n", "src/b.py": "b\n", "src/deep/c.py": "c\n", "docs/d.md": "d\n"}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return new_repository(tmp_path / "p", FILES)


def held(path: Path) -> dict[str, str | None]:
    """What the last commit holds of each file of the index, as we read it."""
    repository = Repository(str(path))
    index, _ = repository.index()
    committed = repository.committed(index)
    names = {*index.entries, *committed.files}
    found = {name: committed.blob(name, index.entries[name].blob if name in index.entries else None) for name in names}
    return {name.decode(): None if blob is None else blob.hex() for name, blob in found.items()}


def told(path: Path) -> dict[str, str | None]:
    """The same, as git says."""
    lines = git(path, "ls-tree", "-r", "HEAD").decode().splitlines()
    committed = {line.partition("\t")[2]: line.split()[2] for line in lines}
    staged = git(path, "ls-files").decode().split()
    return {name: committed.get(name) for name in {*committed, *staged}}


def change(path: Path) -> None:
    put(path, {"src/b.py": "other\n", "new/e.py": "e\n"})
    git(path, "add", "-A")
    git(path, "rm", "-q", "--cached", "docs/d.md")


def test_nothing_staged_is_told_by_one_tree(repository: Path) -> None:
    opened = Repository(str(repository))
    committed = opened.committed(opened.index()[0])
    assert (committed.files, committed.same) == ({}, {b""})


@pytest.mark.parametrize(
    "commands",
    [
        (),
        (("gc", "-q"),),
        (("pack-refs", "--all"),),
        (("checkout", "-q", "--detach"),),
        (("checkout", "-q", "-b", "topic/of/mine"), ("gc", "-q")),
    ],
)
def test_what_is_committed_however_it_is_kept(repository: Path, commands: tuple[tuple[str, ...], ...]) -> None:
    for command in commands:
        git(repository, *command)
    assert held(repository) == told(repository)
    change(repository)
    assert held(repository) == told(repository)


def test_another_work_tree_and_borrowed_objects(repository: Path, tmp_path: Path) -> None:
    git(repository, "worktree", "add", "-q", str(tmp_path / "w"), "-b", "w")
    git(repository, "clone", "-q", "--shared", str(repository), str(tmp_path / "c"))
    for other in (tmp_path / "w", tmp_path / "c"):
        change(other)
        assert held(other) == told(other)


def test_before_the_first_commit_there_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "n").mkdir()
    git(tmp_path / "n", "init", "-q")
    assert Repository(str(tmp_path / "n")).index()[0].entries == {}
    put(tmp_path / "n", {"a": "a"})
    git(tmp_path / "n", "add", "a")
    assert held(tmp_path / "n") == {"a": None}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (".git/HEAD", "ref: refs/heads/../../../etc/passwd\n"),
        (".git/HEAD", "ref: HEAD\n"),
        (".git/HEAD", "0123\n"),
        (".git/refs/heads/main", "0" * 40),
        (".git/refs/heads/main", "f" * 64),
        (".git/reftable/tables.list", ""),
    ],
)
def test_what_is_not_understood_is_said(repository: Path, name: str, content: str) -> None:
    put(repository, {name: content})
    opened = Repository(str(repository))
    with pytest.raises(UnreadableError):
        opened.committed(opened.index()[0])


def test_the_stash_latest_first(repository: Path) -> None:
    assert Repository(str(repository)).stash() == ()
    for word in ("one", "two"):
        put(repository, {"a.py": word})
        git(repository, "stash", "push", "-q", "-m", word)
    found = Repository(str(repository)).stash()
    assert [words for words, _ in found] == ["On main: two", "On main: one"]
    made = int(git(repository, "log", "-1", "--format=%ct", "stash@{0}"))
    assert found[0][1] == made


def test_where_a_work_tree_is(repository: Path, tmp_path: Path) -> None:
    assert find_root(f"{repository}/src/deep/none") == str(repository)
    assert find_root(str(repository)) == str(repository)
    assert find_root("/proc/none") is None

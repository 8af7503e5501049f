import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.repositories import git, new_repository

from security_hooks.worktree.index import UnreadableError
from security_hooks.worktree.objects import (
    MOST_BYTES,
    Found,
    entries_of,
    find_in_pack,
    read_loose,
    read_packed,
    tree_of,
)


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose files changed a little many times, so that its pack is full of deltas."""
    lines = [f"line {number} of a file that is long enough for deltas" for number in range(400)]
    repository = new_repository(tmp_path_factory.mktemp("p") / "p", {"long.txt": "\n".join(lines), "b": "b"})
    for number in range(12):
        lines[number * 30] = f"changed {number}"
        (repository / "long.txt").write_text("\n".join(lines))
        git(repository, "commit", "-q", "-a", "-m", str(number))
    git(repository, "gc", "-q", "--aggressive")
    return repository


def test_every_object_of_a_pack_is_what_git_says(packed: Path) -> None:
    (path,) = (packed / ".git/objects/pack").glob("*.pack")
    pack, index = path.read_bytes(), path.with_suffix(".idx").read_bytes()

    def find(name: bytes) -> Found:
        offset = find_in_pack(index, name)
        assert offset is not None
        return read_packed(pack, offset, find)

    names = git(packed, "cat-file", "--batch-all-objects", "--batch-check").decode().splitlines()
    deltas = git(packed, "cat-file", "--batch-all-objects", "--batch-check=%(deltabase)").decode().split()
    assert len(set(deltas)) > 5
    for line in names:
        name, kind, _ = line.split()
        assert find(bytes.fromhex(name)) == (kind.encode(), git(packed, "cat-file", kind, name)), line
    assert find_in_pack(index, bytes(20)) is None
    assert find_in_pack(index, b"\xff" * 20) is None


def test_loose_objects_commits_and_trees(tmp_path: Path) -> None:
    repository = new_repository(tmp_path / "p", {"a": "a\n", "d/b": "b\n"})

    def load(name: str) -> Found:
        return read_loose((repository / f".git/objects/{name[:2]}/{name[2:]}").read_bytes())

    kind, commit = load(git(repository, "rev-parse", "HEAD").decode().strip())
    assert kind == b"commit"
    kind, tree = load(tree_of(commit).hex())
    assert kind == b"tree"
    found = {name: (mode, blob.hex()) for name, mode, blob in entries_of(tree)}
    assert found[b"a"] == (0o100644, git(repository, "hash-object", "a").decode().strip())
    assert found[b"d"][0] == 0o040000


@pytest.mark.parametrize(
    "data", [b"", b"not zlib", zlib.compress(b"blob 3\0abc")[:-3], zlib.compress(bytes(MOST_BYTES + 1))]
)
def test_what_is_no_object_or_too_large_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableError):
        read_loose(data)


def test_commits_and_trees_that_are_none_are_refused() -> None:
    with pytest.raises(UnreadableError):
        tree_of(b"blob of text")
    with pytest.raises(ValueError):
        tree_of(b"tree zz\nauthor")
    with pytest.raises(ValueError):
        list(entries_of(b"100644 name\0short"))


@given(st.binary(max_size=200), st.integers(0, 250))
def test_nothing_else_is_raised_by_packs(data: bytes, offset: int) -> None:
    def find(name: bytes) -> Found:
        raise UnreadableError("none")

    for pack in (data, b"PACK" + bytes([0x65]) + zlib.compress(data)):
        with pytest.raises(UnreadableError):
            read_packed(pack, min(offset, 4) if pack is not data else offset, find)


def test_a_chain_of_deltas_without_an_end_is_refused() -> None:
    delta = zlib.compress(b"\0\0")
    # Each says that its base stands one entry before it; the first that it stands before the pack.
    entry = bytes([0x62, 3 + len(delta) - 1]) + delta
    with pytest.raises(UnreadableError):
        read_packed(entry * 100, len(entry) * 99, lambda _: (b"blob", b""))

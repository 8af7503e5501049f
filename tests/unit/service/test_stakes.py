import os
from pathlib import Path

import pytest
from tests.repositories import git, new_repository, put

from security_hooks.model.work import Discard, Loss, Stakes
from security_hooks.service.stakes import MOST_STAKES, blob_name, find_stakes

FILES = {"a.py": "a\n", "src/b.py": "b\n", "src/c.py": "c\n", ".gitignore": "*.gen\n/kept/\n", "docs/d.md": "d\n"}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    made = new_repository(tmp_path / "p", FILES)
    # Older than the index, so that git need not read them again.
    for name in FILES:
        os.utime(made / name, ns=(10**18, 10**18))
    git(made, "update-index", "--refresh", "-q")
    return made


def look(repository: Path, loss: Loss, *names: str, **more: object) -> Stakes:
    roots = tuple(str(repository / name) for name in names) or (str(repository),)
    options = {"is_whole": loss is Loss.STAGED and not names, "is_deep": True} | more
    made_again = options.pop("made_again", ())
    assert isinstance(made_again, tuple)
    discard = Discard(loss, roots, 0, is_whole=bool(options["is_whole"]), is_deep=bool(options["is_deep"]))
    return find_stakes(discard, str(repository.parent), made_again)


def names(found: Stakes, repository: Path) -> set[str]:
    return {stake.path.removeprefix(f"{repository}/") for stake in found.stakes}


@pytest.mark.parametrize("loss", [Loss.CHANGES, Loss.STAGED, Loss.UNTRACKED, Loss.FILES])
def test_a_clean_work_tree_has_nothing_at_stake(repository: Path, loss: Loss) -> None:
    assert look(repository, loss) == Stakes()
    # Touched, and the same: git reads it and says so, too.
    (repository / "a.py").touch()
    assert look(repository, loss) == Stakes()


@pytest.mark.parametrize(
    ("loss", "roots", "expected"),
    [
        (Loss.CHANGES, (), {"a.py", "src/b.py"}),
        (Loss.CHANGES, ("src",), {"src/b.py"}),
        (Loss.CHANGES, ("a.py", "docs"), {"a.py"}),
        (Loss.STAGED, (), {"a.py", "src/b.py", "src/c.py", "added.py"}),
        (Loss.STAGED, ("src",), {"src/b.py", "src/c.py"}),
        (Loss.UNTRACKED, (), {"new.txt", "dir/new.txt"}),
        (Loss.UNTRACKED, ("dir",), {"dir/new.txt"}),
        (Loss.IGNORED, (), {"new.txt", "dir/new.txt", "x.gen", "kept/y"}),
        (Loss.FILES, ("a.py", "new.txt", "x.gen", "added.py", "docs"), {"a.py", "new.txt"}),
        (Loss.FILES, ("src", "dir", "kept"), {"src/b.py", "dir/new.txt"}),
    ],
)
def test_what_is_at_stake(repository: Path, loss: Loss, roots: tuple[str, ...], expected: set[str]) -> None:
    put(repository, {"src/c.py": "staged\n", "added.py": "added\n"})
    git(repository, "add", "src/c.py", "added.py")
    put(repository, {"a.py": "changed\n", "src/b.py": "changed\n", "new.txt": "n", "dir/new.txt": "n"})
    put(repository, {"x.gen": "g", "kept/y": "k"})
    (repository / "docs/d.md").unlink()
    found = look(repository, loss, *roots)
    assert names(found, repository) == expected
    assert found.missing == ""


def test_a_stake_tells_what_git_can_give_back(repository: Path) -> None:
    put(repository, {"src/b.py": "staged\n"})
    git(repository, "add", "src/b.py")
    put(repository, {"src/b.py": "changed\n"})
    (change,) = look(repository, Loss.CHANGES).stakes
    assert (change.kept, change.staged) == (blob_name(b"staged\n"), None)
    (stake,) = look(repository, Loss.STAGED).stakes
    assert (stake.kept, stake.staged) == (blob_name(b"b\n"), blob_name(b"staged\n"))
    status = (repository / "src/b.py").stat()
    assert stake.shape is not None
    assert (stake.shape.written, stake.shape.inode) == (status.st_mtime_ns, status.st_ino)


def test_a_change_that_keeps_size_and_time_of_writing_is_found(repository: Path) -> None:
    before = (repository / "a.py").stat()
    (repository / "a.py").write_text("b\n")
    os.utime(repository / "a.py", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert names(look(repository, Loss.CHANGES), repository) == {"a.py"}


def test_what_would_be_overwritten_without_being_known(repository: Path) -> None:
    git(repository, "rm", "-q", "--cached", "a.py")
    assert look(repository, Loss.STAGED) == Stakes()
    put(repository, {"a.py": "mine\n"})
    assert names(look(repository, Loss.STAGED), repository) == {"a.py"}


def test_content_that_only_the_index_holds(repository: Path) -> None:
    put(repository, {"a.py": "staged\n"})
    git(repository, "add", "a.py")
    (repository / "a.py").unlink()
    (stake,) = look(repository, Loss.STAGED).stakes
    assert (stake.shape, stake.staged) == (None, blob_name(b"staged\n"))


def test_what_is_made_again_is_nobodys_work(repository: Path) -> None:
    put(repository, {"build/out/x": "x", "src/deep/x.pyc": "x", "src/deep/y": "y"})
    found = look(repository, Loss.FILES, "build", "src", made_again=("build", "*.pyc"))
    assert names(found, repository) == {"src/deep/y"}
    assert names(look(repository, Loss.FILES, "build/out/x", made_again=("build",)), repository) == set()


def test_links_are_files_and_are_not_followed(repository: Path, tmp_path: Path) -> None:
    put(tmp_path, {"elsewhere/f": "f"})
    (repository / "link").symlink_to(tmp_path / "elsewhere")
    assert names(look(repository, Loss.FILES, "link"), repository) == {"link"}
    (tmp_path / "way").symlink_to(repository)
    discard = Discard(Loss.CHANGES, (f"{tmp_path}/way/a.py",), 0)
    put(repository, {"a.py": "changed\n"})
    assert names(find_stakes(discard, "/home/u"), repository) == {"a.py"}


def test_a_directory_is_not_deleted_by_what_deletes_files(repository: Path) -> None:
    put(repository, {"dir/new.txt": "n"})
    assert look(repository, Loss.FILES, "dir", is_deep=False) == Stakes()


def test_another_repository_within(repository: Path) -> None:
    new_repository(repository / "inner", {"f": "f"})
    assert look(repository, Loss.UNTRACKED) == Stakes()
    assert look(repository, Loss.FILES, "inner").stakes == ()
    put(repository, {"inner/f": "changed"})
    assert names(look(repository, Loss.FILES, "inner"), repository) == {"inner/f"}


def test_a_merge_and_submodules_are_said_to_be_missing(repository: Path) -> None:
    blob = git(repository, "rev-parse", "HEAD").decode().strip()
    git(repository, "update-index", "--add", "--cacheinfo", f"160000,{blob},module")
    assert look(repository, Loss.CHANGES).missing == "it has submodules"


def test_outside_of_a_work_tree_nothing_is(tmp_path: Path) -> None:
    put(tmp_path, {"f": "f"})
    assert find_stakes(Discard(Loss.FILES, (f"{tmp_path}/f",)), "/home/u") == Stakes()


def test_bounds_are_said(repository: Path) -> None:
    put(repository, {f"many/{number}": "n" for number in range(MOST_STAKES + 1)})
    found = look(repository, Loss.UNTRACKED)
    assert (len(found.stakes), found.missing) == (MOST_STAKES, "there are too many files")
    ticks = iter(range(10_000))
    late = find_stakes(Discard(Loss.UNTRACKED, (str(repository),), is_deep=True), "/", (), 3.0, lambda: next(ticks))
    assert late.missing == "there is too much to look at"
    assert 0 < len(late.stakes) < MOST_STAKES


@pytest.mark.parametrize("content", [b"", b"DIRC", b"\0" * 400])
def test_a_damaged_index_is_said(repository: Path, content: bytes) -> None:
    (repository / ".git/index").write_bytes(content)
    assert look(repository, Loss.CHANGES).missing == "the index is damaged"


def test_what_blocks_whoever_opens_it_does_not_block(repository: Path) -> None:
    (repository / ".git/info/exclude").unlink()
    os.mkfifo(repository / ".git/info/exclude")
    os.mkfifo(repository / "pipe")
    assert names(look(repository, Loss.UNTRACKED), repository) == {"pipe"}

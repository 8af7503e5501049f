"""Which project a call belongs to."""

from pathlib import Path

import pytest

from security_hooks.service.place import find_project, has_policy

HOME = "/home/user"


@pytest.mark.parametrize("mark", [".git", ".security-hooks"])
def test_the_nearest_ancestor_with_a_mark_is_the_project(tmp_path: Path, mark: str) -> None:
    (tmp_path / "outer/.git").mkdir(parents=True)
    (tmp_path / "outer/inner" / mark).mkdir(parents=True)
    (tmp_path / "outer/inner/src/deep").mkdir(parents=True)
    assert find_project(str(tmp_path / "outer/inner/src/deep"), HOME) == str(tmp_path / "outer/inner")
    assert find_project(str(tmp_path / "outer"), HOME) == str(tmp_path / "outer")


def test_a_mark_may_be_a_file_or_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "worktree/src").mkdir(parents=True)
    (tmp_path / "worktree/.git").write_text("gitdir: /elsewhere")
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked/.security-hooks").symlink_to("/nowhere")
    assert find_project(str(tmp_path / "worktree/src"), HOME) == str(tmp_path / "worktree")
    assert find_project(str(tmp_path / "linked"), HOME) == str(tmp_path / "linked")


def test_a_directory_made_later_is_seen_at_once(tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    assert find_project(str(tmp_path / "a/b"), HOME) == str(tmp_path / "a/b")
    (tmp_path / "a/.security-hooks").mkdir()
    assert find_project(str(tmp_path / "a/b"), HOME) == str(tmp_path / "a")


def test_a_home_is_no_project_even_with_a_mark(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "work").mkdir()
    assert find_project(str(tmp_path), str(tmp_path)) is None
    assert find_project(str(tmp_path / "work"), str(tmp_path)) == str(tmp_path / "work")
    assert find_project(str(tmp_path / "work"), f"{tmp_path}/") == str(tmp_path / "work")


@pytest.mark.parametrize(
    "cwd",
    [
        "/",
        "/home",
        "/home/other",
        "/root",
        "/tmp",
        "/etc/ssh",
        "/usr/lib/python3",
        "/proc/self",
        "/Users/someone",
        "src",
        "",
        "/a\0b",
    ],
)
def test_system_trees_homes_and_nonsense_are_no_project(cwd: str) -> None:
    assert find_project(cwd, HOME) is None


@pytest.mark.parametrize("cwd", ["/home/other/src", "/tmp/work", "/usr/src/linux", "/srv/site", "/nowhere/at/all"])
def test_without_a_mark_the_project_is_the_directory_itself(cwd: str) -> None:
    assert find_project(cwd, HOME) == cwd


def test_dots_mean_what_the_file_system_says(tmp_path: Path) -> None:
    (tmp_path / "real/sub").mkdir(parents=True)
    (tmp_path / "real/.git").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real/sub")
    assert find_project(f"{tmp_path}/link/..", HOME) == str(tmp_path / "real")
    assert find_project(f"{tmp_path}/real/./sub//", HOME) == str(tmp_path / "real")


def test_a_project_has_policy_if_its_directory_is_there_in_any_form(tmp_path: Path) -> None:
    assert not has_policy(str(tmp_path))
    assert not has_policy(str(tmp_path / "missing"))
    (tmp_path / ".security-hooks").symlink_to("/nowhere")
    assert has_policy(str(tmp_path))


def test_a_fictitious_place_has_what_the_caller_says() -> None:
    assert find_project("/home/user/a/b/c", HOME, exists=lambda path: path == "/home/user/a/.git") == "/home/user/a"
    assert find_project("/home/user/a/b", HOME, exists=lambda _: False) == "/home/user/a/b"

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.repositories import git, new_repository

from security_hooks.worktree.ignore import is_ignored, read_level

PATTERNS = (
    "*.log", "/build", "docs/*.txt", "**/cache", "a/**", "a/**/z", "!keep.log", "temp?", "[ab].c", "[!ab].h", "dir/",
    "# a comment", "\\#name", "\\!name", "with space\\ ", "trailing   ", "**/x/y", "x/**", "*", "!*.py", "/*.md", "",
    "a.b", "[", "foo[", "back\\\\slash", "é*", "/", "**", "*/deep",
)  # fmt: skip
PATHS = (
    "x.log", "keep.log", "d/x.log", "build", "d/build", "docs/a.txt", "docs/d/a.txt", "cache", "d/cache", "a/b",
    "a/b/z", "a/z", "temp1", "temp12", "a.c", "c.c", "c.h", "dir", "#name", "!name", "with space ", "trailing",
    "x/y", "d/x/y", "m.md", "d/m.md", "main.py", "aXb", "é1", "d/deep", "deep",
)  # fmt: skip


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return new_repository(tmp_path_factory.mktemp("i") / "p", {})


def as_git_says(repository: Path, lines: list[str], paths: list[str]) -> set[str]:
    (repository / ".gitignore").write_text("\n".join(lines) + "\n")
    given = "\0".join(paths).encode() + b"\0"
    try:
        told = git(repository, "check-ignore", "--no-index", "-z", "--stdin", given=given)
    except subprocess.CalledProcessError as error:
        assert error.returncode == 1, error.stderr
        return set()
    return {name.decode() for name in told.split(b"\0")[:-1]}


def as_we_say(lines: list[str], paths: list[str]) -> set[str]:
    levels = [read_level("\n".join(lines))]

    def ignored(path: str) -> bool:
        parts = path.split("/")
        above = ["/".join(parts[:end]) for end in range(1, len(parts))]
        return any(is_ignored(levels, name, is_directory=True) for name in above) or is_ignored(
            levels, path, is_directory=False
        )

    return {path for path in paths if ignored(path)}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_each_pattern_is_read_as_git_reads_it(repository: Path, pattern: str) -> None:
    paths = list(PATHS)
    assert as_we_say([pattern], paths) == as_git_says(repository, [pattern], paths)


@settings(max_examples=40)
@given(st.lists(st.sampled_from(PATTERNS), max_size=6))
def test_several_lines_are_read_as_git_reads_them(repository: Path, lines: list[str]) -> None:
    assert as_we_say(lines, list(PATHS)) == as_git_says(repository, lines, list(PATHS))


def test_files_further_down_say_more() -> None:
    levels = [read_level("*.log\n"), read_level("!keep.log\n", "src")]
    assert is_ignored(levels, "keep.log", is_directory=False)
    assert not is_ignored(levels, "src/keep.log", is_directory=False)
    assert is_ignored(levels, "src/other.log", is_directory=False)


@given(st.text(max_size=40))
def test_no_line_is_an_error(text: str) -> None:
    is_ignored([read_level(text)], "a/b", is_directory=False)

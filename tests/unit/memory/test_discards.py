import pytest

from security_hooks.catalogue.load import shipped
from security_hooks.memory.discards import MOST_DISCARDS, MOST_ROOTS, discards_of
from security_hooks.model.event import EventKind, HookEvent, Place, ToolCall, ToolKind
from security_hooks.model.work import NO_DISCARDS, Discards, Loss
from security_hooks.policy.config_types import Limits
from security_hooks.service.judge import shell_limits
from security_hooks.tools.facts import call_facts

PLACE = Place("/home/u/p/sub", "/home/u", "/home/u/p")


def discards(tool: ToolCall) -> Discards:
    event = HookEvent("claude-code", EventKind.PRE_TOOL, "PreToolUse", "s", cwd=PLACE.cwd, tool=tool)
    return discards_of(call_facts(event, tool, PLACE, shipped(), shell_limits(Limits())))


def of_script(script: str) -> Discards:
    return discards(ToolCall("Bash", ToolKind.SHELL, script=script))


HERE = "/home/u/p/sub"


@pytest.mark.parametrize(
    ("script", "loss", "roots", "is_whole", "is_exact"),
    [
        ("git reset --hard", Loss.STAGED, (HERE,), True, True),
        ("git reset -q --hard HEAD", Loss.STAGED, (HERE,), True, True),
        ("git -C ../x reset --hard", Loss.STAGED, ("/home/u/p/x",), True, True),
        ("git reset --hard HEAD~1", Loss.STAGED, (HERE,), True, False),
        ("git reset --hard origin/main", Loss.STAGED, (HERE,), True, False),
        ("git reset --hard --recurse-submodules", Loss.STAGED, (HERE,), True, False),
        ("git reset --merge", Loss.STAGED, (HERE,), True, False),
        ("sudo git reset --hard", Loss.STAGED, (HERE,), True, False),
        ("while true; do git reset --hard; done", Loss.STAGED, (HERE,), True, False),
        ("git checkout one two three", Loss.STAGED, (f"{HERE}/two", f"{HERE}/three"), False, False),
        ("git checkout -f", Loss.STAGED, (HERE,), True, True),
        ("git checkout -f topic", Loss.STAGED, (HERE,), True, False),
        ("git checkout .", Loss.CHANGES, (HERE,), False, True),
        ("cd .. && git checkout -- a.py b", Loss.CHANGES, ("/home/u/p/a.py", "/home/u/p/b"), False, True),
        ("git checkout HEAD -- a.py", Loss.STAGED, (f"{HERE}/HEAD", f"{HERE}/a.py"), False, True),
        ("git checkout HEAD~1 a.py", Loss.STAGED, (f"{HERE}/HEAD~1", f"{HERE}/a.py"), False, True),
        ("git checkout -- 'src/*.py'", Loss.CHANGES, (f"{HERE}/src",), False, True),
        ("git restore :/", Loss.CHANGES, (HERE,), False, False),
        ('git restore a "$X"', Loss.CHANGES, (f"{HERE}/a",), False, False),
        ("git restore .", Loss.CHANGES, (HERE,), False, True),
        ("git restore -S -W a", Loss.STAGED, (f"{HERE}/a",), False, True),
        ("git restore --source=HEAD~2 a", Loss.STAGED, (f"{HERE}/a",), False, True),
        ("git switch -f main", Loss.STAGED, (HERE,), True, False),
        ("git clean -fd", Loss.UNTRACKED, (HERE,), False, True),
        ("git clean -fd build", Loss.UNTRACKED, (f"{HERE}/build",), False, True),
        ("git clean -fdx", Loss.IGNORED, (HERE,), False, True),
        ("git clean -i", Loss.UNTRACKED, (HERE,), False, False),
        ("git rm -f a.py", Loss.STAGED, (f"{HERE}/a.py",), False, True),
        ("git stash drop", Loss.STASH, (HERE,), True, False),
        ("rm notes.txt", Loss.FILES, (f"{HERE}/notes.txt",), False, False),
        ("rm -rf src", Loss.FILES, (f"{HERE}/src",), False, False),
        ("python3 -c 'import os; os.remove(\"a\")'", Loss.FILES, (f"{HERE}/a",), False, False),
    ],
)
def test_what_commands_throw_away(
    script: str, loss: Loss, roots: tuple[str, ...], is_whole: bool, is_exact: bool
) -> None:
    (found,) = of_script(script).discards
    assert (found.loss, found.roots, found.is_whole, found.is_exact) == (loss, roots, is_whole, is_exact)


@pytest.mark.parametrize(
    "script",
    [
        "git status",
        "git restore --staged a",
        "git branch -D topic",
        "git checkout -B topic",
        "git clean -n",
        "git rm a.py",
        "GIT_DIR=x git reset --hard",
        "export GIT_WORK_TREE=/x; git reset --hard",
        "git --work-tree=/x reset --hard",
        "git -c core.worktree=/x reset --hard",
        'rm "$X"',
        "ssh host.example git reset --hard",
        "ssh host.example rm notes.txt",
        "mv notes.txt /tmp",
    ],
)
def test_what_is_no_discard_that_we_know_of(script: str) -> None:
    assert of_script(script).discards == ()


@pytest.mark.parametrize(
    ("script", "is_alone"),
    [
        ("git status && git reset --hard", True),
        ("git diff > d.patch; git reset --hard", False),
        ("git stash pop; git reset --hard", False),
        ("make && git reset --hard", False),
        ("git checkout . && git clean -fd", True),
        ("./run.sh; git checkout .", False),
    ],
)
def test_whether_anything_else_changes_files(script: str, is_alone: bool) -> None:
    assert of_script(script).is_alone is is_alone


@pytest.mark.parametrize(
    ("script", "is_told"),
    [
        ("echo x > f", True),
        ("cat a b | sort > c", True),
        ("rm f; touch g", True),
        ("python gen.py", False),
        ("sed -i s/a/b/ f", False),
        ("mv a b", False),
        ("make", False),
        ("git stash pop", False),
        ('echo x > "$F"', False),
        ("sleep 9 > f &", False),
        ("somebodys-own-tool", False),
    ],
)
def test_whether_all_that_it_writes_is_known(script: str, is_told: bool) -> None:
    assert of_script(script).is_told is is_told


def test_other_tools() -> None:
    assert discards(ToolCall("Write", ToolKind.WRITE, paths=("a",))).is_told
    assert not discards(ToolCall("mcp__x__y", ToolKind.MCP)).is_told
    assert discards_of(None) is NO_DISCARDS


def test_their_number_is_bounded() -> None:
    found = of_script("; ".join(f"rm f{number}" for number in range(MOST_DISCARDS + 2)))
    assert len(found.discards) == MOST_DISCARDS
    assert found.is_cut
    (many,) = of_script("git restore " + " ".join(f"f{number}" for number in range(MOST_ROOTS + 1))).discards
    assert len(many.roots) == MOST_ROOTS
    assert not many.is_exact

"""Sessions that write, people that write, and calls that would throw away what was written: a real daemon, a real shim,
a real repository. The calls go to the daemon alone; what files become, the test does itself.
"""

import json
import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.conftest import Answer, Daemon, answer

pytestmark = pytest.mark.slow

SHELLS = {"claude-code": "Bash", "codex-cli": "Bash", "gemini-cli": "run_shell_command"}
WRITES = {"claude-code": "Write", "gemini-cli": "write_file"}
# What the clients add to a call's end, as recorded.
ENDS: dict[str, Any] = {
    "claude-code": {"filePath": "f", "structuredPatch": [], "type": "update"},
    "gemini-cli": {"llmContent": "Successfully overwrote file", "returnDisplay": "done"},
    "codex-cli": "Exit code: 0\nWall time: 0 seconds\nOutput:\nSuccess. Updated the following files:\n",
}


def git(repository: Path, *arguments: str) -> None:
    environment = {**os.environ, "HOME": str(repository.parent), "GIT_CONFIG_NOSYSTEM": "1"}
    who = ["-c", "user.name=A Person", "-c", "user.email=a@b.example"]
    subprocess.run(["git", *who, *arguments], cwd=repository, check=True, capture_output=True, env=environment)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    made = tmp_path / "project"
    (made / "src").mkdir(parents=True)
    (made / "src/a.py").write_text("a = 1\n")
    (made / "notes.md").write_text("# Notes\n")
    (made / ".gitignore").write_text("*.gen\n")
    git(made, "init", "-q")
    git(made, "add", "-A")
    git(made, "commit", "-q", "-m", "first")
    return made


@dataclass
class Session:
    """An agent of a client at work; `act` is what its call does when it may run."""

    daemon: Daemon
    repository: Path
    client: str = "claude-code"
    name: str = "4f2a9c00-1111"
    count: int = 0

    def _send(self, kind: str, tool: str, given: dict[str, object], **more: object) -> Answer:
        events = {"claude-code": ("PreToolUse", "PostToolUse"), "gemini-cli": ("BeforeTool", "AfterTool")}
        before, after = events.get(self.client, ("PreToolUse", "PostToolUse"))
        call: dict[str, object] = {
            "session_id": self.name,
            "transcript_path": str(self.repository.parent / "t.jsonl"),
            "cwd": str(self.repository),
            "hook_event_name": before if kind == "before" else after,
            "permission_mode": "default",
            "tool_name": tool,
            "tool_input": given,
            **more,
        }
        if self.client == "gemini-cli":
            call["timestamp"] = "2026-01-01T00:00:00.000Z"
        else:
            call |= {"tool_use_id": f"toolu_{self.count}", "turn_id": "1", "model": "m"}
        shim = self.daemon.open_shim(self.client)
        assert shim.stdin is not None
        shim.stdin.write(json.dumps(call).encode())
        shim.stdin.close()
        shim.stdin = None
        return answer(shim)

    def call(self, tool: str, given: dict[str, object], act: Callable[[], object]) -> None:
        self.count += 1
        assert self._send("before", tool, given).verdict == "allow"
        act()
        self._send("after", tool, given, tool_response=ENDS[self.client])

    def write(self, path: str, text: str) -> None:
        """Have a file written by the client's own tool for that."""
        file = self.repository / path
        if self.client == "codex-cli":
            start = f"*** Update File: {path}\n@@\n-x\n+{text}" if file.exists() else f"*** Add File: {path}\n+{text}"
            patch = f"*** Begin Patch\n{start}\n*** End Patch"
            self.call("apply_patch", {"command": patch}, lambda: file.write_text(text))
            return
        given: dict[str, object] = {"file_path": str(file), "content": text}
        self.call(WRITES[self.client], given, lambda: file.write_text(text))

    def run(self, command: str, act: Callable[[], object]) -> None:
        """Have a command run."""
        self.call(SHELLS[self.client], {"command": command}, act)

    def would(self, command: str) -> Answer:
        """What is said to a command that is never run."""
        self.count += 1
        return self._send("before", SHELLS[self.client], {"command": command})


def findings(daemon: Daemon) -> list[dict[str, Any]]:
    found: Any = daemon.records()[-1].get("findings", [])
    return list(found)


@pytest.fixture(params=["claude-code", "codex-cli", "gemini-cli"])
def session(request: pytest.FixtureRequest, daemon: Daemon, repository: Path) -> Session:
    return Session(daemon, repository, request.param)


def asked(answer: Answer) -> bool:
    # Codex and Gemini have no question: what a person should decide is denied, with the reason.
    return answer.verdict in ("ask", "deny")


@pytest.mark.parametrize(
    "command", ["git reset --hard", "git checkout -- .", "git restore src", "git checkout src/a.py"]
)
def test_a_session_may_discard_what_it_wrote_itself(session: Session, command: str) -> None:
    session.write("src/a.py", "a = 2\n")
    session.write("src/a.py", "a = 3\n")
    assert session.would(command).verdict == "allow"
    (found,) = findings(session.daemon)
    assert (found["rule"], found["verdict"]) == ("git-discard", None)
    assert found["nudge"] == "Not asked about: what it would discard is this session's own: 1 file"


def test_nothing_at_stake_is_nothing_to_ask(session: Session) -> None:
    assert session.would("git reset --hard").verdict == "allow"
    assert findings(session.daemon)[0]["nudge"] == "Not asked about: it would discard nothing that is not committed"


def test_what_a_person_wrote_is_asked_about_by_name(session: Session) -> None:
    session.write("src/a.py", "a = 2\n")
    (session.repository / "notes.md").write_text("# Notes\nfor nobody else\n")
    said = session.would("git reset --hard")
    assert asked(said)
    assert "notes.md (by a person, just now); and 1 file of its own" in said.stdout + said.stderr


def test_what_a_person_changed_after_the_session_is_the_persons_too(session: Session) -> None:
    session.write("src/a.py", "a = 2\n")
    (session.repository / "src/a.py").write_text("a = 2  # mine\n")
    said = session.would("git checkout -- src/a.py")
    assert asked(said)
    assert "src/a.py (by a person" in said.stdout + said.stderr


def test_a_file_that_held_a_persons_work_is_not_the_sessions(session: Session) -> None:
    (session.repository / "src/a.py").write_text("a = 1  # mine\n")
    session.write("src/a.py", "a = 2  # mine\n")
    said = session.would("git checkout -- src/a.py")
    assert asked(said)
    assert "src/a.py (by a person" in said.stdout + said.stderr


def test_another_sessions_work_is_named_by_its_session(daemon: Daemon, repository: Path) -> None:
    other = Session(daemon, repository, "codex-cli", "77aa0000-2222")
    other.write("src/a.py", "a = 2\n")
    said = Session(daemon, repository).would("git checkout .")
    assert said.verdict == "ask"
    assert "src/a.py (by codex-cli session 77aa0000" in said.stdout


def test_staged_work_counts(daemon: Daemon, repository: Path) -> None:
    (repository / "notes.md").write_text("# Staged\n")
    git(repository, "add", "notes.md")
    said = Session(daemon, repository).would("git reset --hard HEAD")
    assert "notes.md (by a person" in said.stdout


def test_own_work_that_was_staged_may_go(daemon: Daemon, repository: Path) -> None:
    session = Session(daemon, repository)
    session.write("src/a.py", "a = 2\n")
    session.write("src/b.py", "b = 2\n")
    git(repository, "add", "-A")
    assert session.would("git reset --hard").verdict == "allow"
    session.write("src/a.py", "a = 3\n")
    assert session.would("git reset --hard").verdict == "allow"
    assert session.would("git rm -f src/a.py").verdict == "allow"


def test_work_since_the_sessions_own_commit_may_go(daemon: Daemon, repository: Path) -> None:
    (repository / "src/a.py").write_text("a = 1  # mine\n")
    session = Session(daemon, repository)
    session.write("src/a.py", "a = 2  # mine\n")
    git(repository, "commit", "-q", "-a", "-m", "second")
    session.write("src/a.py", "a = 3\n")
    assert session.would("git reset --hard").verdict == "allow"


@pytest.mark.parametrize(
    "command",
    [
        "git reset --hard HEAD~1",
        "git reset --hard && make",
        "git stash pop; git reset --hard",
        "git checkout -f main",
        "GIT_WORK_TREE=/elsewhere git reset --hard",
        "git -c core.worktree=/elsewhere reset --hard",
        'git checkout -- "$FILES"',
        "git branch -D topic",
        "git stash drop",
        "rm -rf .git",
    ],
)
def test_what_may_throw_away_more_is_asked_about_as_ever(daemon: Daemon, repository: Path, command: str) -> None:
    session = Session(daemon, repository)
    session.write("src/a.py", "a = 2\n")
    assert session.would(command).verdict == "ask"


def test_what_programs_wrote_is_never_called_the_sessions_own(daemon: Daemon, repository: Path) -> None:
    session = Session(daemon, repository)
    session.run("python format.py", lambda: (repository / "src/a.py").write_text("a = 1.0\n"))
    assert session.would("git checkout -- src/a.py").verdict == "ask"
    assert findings(daemon)[0]["nudge"].startswith("This throws work away that is in no commit")


@pytest.mark.parametrize(
    "command", ["rm notes.txt", "python3 -c 'import os; os.remove(\"notes.txt\")'", "rm -r drafts"]
)
def test_a_persons_file_that_git_does_not_know_is_asked_about(daemon: Daemon, repository: Path, command: str) -> None:
    (repository / "notes.txt").write_text("mine\n")
    (repository / "drafts").mkdir()
    (repository / "drafts/one.txt").write_text("mine\n")
    said = Session(daemon, repository).would(command)
    assert said.verdict == "ask"
    assert "would delete work that is not this session's: " in said.stdout
    assert "(by a person, just now)" in said.stdout
    assert findings(daemon)[0]["rule"] == "others-work"


def test_ordinary_deletions_are_silent(daemon: Daemon, repository: Path) -> None:
    session = Session(daemon, repository)
    (repository / "x.gen").write_text("ignored\n")
    (repository / "build").mkdir()
    (repository / "build/out.txt").write_text("made\n")
    session.write("scratch.py", "1\n")
    session.run("echo x > list.txt", lambda: (repository / "list.txt").write_text("x\n"))
    session.run("python make.py", lambda: (repository / "made.txt").write_text("made\n"))
    commands = (
        "rm x.gen",
        "rm -rf build",
        "rm scratch.py list.txt",
        "rm made.txt",
        "rm src/a.py",
        "rm -r src",
        "rm no",
    )
    assert {command: session.would(command).verdict for command in commands} == dict.fromkeys(commands, "allow")


def test_what_a_client_never_ran_leaves_no_trace(daemon: Daemon, repository: Path) -> None:
    session = Session(daemon, repository)
    file = repository / "src/a.py"
    session.count += 1
    session._send("before", "Write", {"file_path": str(file), "content": "a = 2\n"})
    # Refused by the person, who then writes it themselves.
    session._send("prompt", "Write", {"file_path": str(file)}, hook_event_name="UserPromptSubmit", prompt="no")
    time.sleep(2.1)
    file.write_text("a = 5\n")
    assert session.would("git checkout -- src/a.py").verdict == "ask"


@pytest.mark.parametrize(
    ("command", "verdict"), [("git clean -fd", "ask"), ("git clean -fd scratch", "allow"), ("git clean -fdx", "ask")]
)
def test_clean_of_own_files_passes_and_of_others_names_them(
    daemon: Daemon, repository: Path, command: str, verdict: str
) -> None:
    session = Session(daemon, repository)
    (repository / "scratch").mkdir()
    session.write("scratch/one.py", "1\n")
    (repository / "mine.txt").write_text("mine\n")
    said = session.would(command)
    assert said.verdict == verdict
    assert ("mine.txt (by a person, just now); and 1 file of its own" in said.stdout) is (verdict == "ask")


def test_stashed_work_is_told(daemon: Daemon, repository: Path) -> None:
    (repository / "notes.md").write_text("# Mine\n")
    git(repository, "stash", "push", "-m", "before lunch")
    said = Session(daemon, repository).would("git stash drop")
    assert "before lunch (just now)" in said.stdout


def test_the_switch(unstarted: Daemon, repository: Path) -> None:
    unstarted.config.mkdir(parents=True)
    file = unstarted.config / "config.toml"
    file.write_text('[work]\nauthors = "off"\n')
    unstarted.start()
    session = Session(unstarted, repository)
    (repository / "mine.txt").write_text("mine\n")
    assert session.would("rm mine.txt").verdict == "allow"
    assert session.would("git reset --hard").verdict == "ask"


def test_without_lifting_there_are_only_more_questions(unstarted: Daemon, repository: Path) -> None:
    unstarted.config.mkdir(parents=True)
    (unstarted.config / "config.toml").write_text('[work]\nauthors = "ask"\n')
    unstarted.start()
    session = Session(unstarted, repository)
    (repository / "mine.txt").write_text("mine\n")
    assert session.would("rm mine.txt").verdict == "ask"
    assert session.would("git checkout .").verdict == "ask"


def test_a_repository_that_cannot_be_read_is_asked_about_as_ever(daemon: Daemon, repository: Path) -> None:
    (repository / ".git/index").write_bytes(b"DIRC nonsense")
    assert Session(daemon, repository).would("git checkout .").verdict == "ask"
    assert "could not be told: the index is damaged" in str(findings(daemon))


def test_nothing_of_the_repository_is_run(daemon: Daemon, repository: Path, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    git(repository, "config", "core.fsmonitor", f"touch {marker}")
    git(repository, "config", "filter.x.clean", f"touch {marker}; cat")
    (repository / ".gitattributes").write_text("* filter=x\n")
    (repository / "notes.md").write_text("# Other\n")
    assert Session(daemon, repository).would("git reset --hard").verdict == "ask"
    assert not marker.exists()

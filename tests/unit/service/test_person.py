import os
from pathlib import Path

import pytest

from security_hooks.service.person import objection

SHELL = ("bash", "/bin/bash")


class Processes:
    """A /proc of our own. Each process has a parent, a terminal (0: none), a name and a command line."""

    def __init__(self, place: Path) -> None:
        self.place = place
        (place / "self").mkdir()
        (place / "self/stat").touch()
        self.add(1, 0, 0, "systemd", "/sbin/init")

    def add(self, pid: int, parent: int, terminal: int, name: str, *words: str) -> None:
        folder = self.place / str(pid)
        folder.mkdir()
        (folder / "stat").write_text(f"{pid} ({name}) S {parent} {pid} {pid} {terminal} {pid} 0 0")
        (folder / "cmdline").write_text("".join(f"{word}\0" for word in words))


@pytest.fixture
def processes(tmp_path: Path) -> Processes:
    return Processes(tmp_path)


def test_a_command_in_a_persons_shell_is_a_persons(processes: Processes) -> None:
    processes.add(10, 1, 34_816, *SHELL)
    processes.add(11, 10, 34_816, "security-hooks", "python3", "/usr/bin/security-hooks", "allow-once", "claude")
    assert objection(11, processes.place) is None


def test_a_process_without_a_terminal_is_nobodys(processes: Processes) -> None:
    processes.add(11, 1, 0, *SHELL)
    assert "terminal of their own" in (objection(11, processes.place) or "")


@pytest.mark.parametrize(
    ("name", "words", "agent"),
    [
        ("claude", ("claude", "-p", "x"), "claude-code"),
        ("2.0.1", ("/home/u/.local/bin/claude",), "claude-code"),
        ("MainThread", ("node", "--no-warnings", "/usr/bin/gemini"), "gemini-cli"),
        ("node", ("/usr/bin/node", "/usr/lib/node_modules/@google/gemini-cli/dist/index.js"), "gemini-cli"),
        ("bun", ("bun", "/x/node_modules/@anthropic-ai/claude-code/cli.js"), "claude-code"),
        ("codex", ("/x/codex-x86_64/codex", "exec"), "codex-cli"),
        ("codex", (), "codex-cli"),
        (") S 1 (codex", ("codex",), "codex-cli"),
    ],
)
def test_what_runs_below_an_agent_is_the_agents(
    processes: Processes, name: str, words: tuple[str, ...], agent: str
) -> None:
    processes.add(10, 1, 34_816, name, *words)
    processes.add(11, 10, 34_816, *SHELL)
    processes.add(12, 11, 34_817, "script", "script", "-qc", "security-hooks asks")
    assert f"process 10 above is {agent}" in (objection(12, processes.place) or "")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("vim", ("vim", "claude")),
        ("bash", ("/home/claude/bin/bash",)),
        ("node", ("node", "server.js", "codex")),
        ("tmux: server", ("tmux", "new", "-s", "gemini")),
    ],
)
def test_what_merely_speaks_of_an_agent_is_none(processes: Processes, name: str, words: tuple[str, ...]) -> None:
    processes.add(10, 1, 34_816, name, *words)
    processes.add(11, 10, 34_816, *SHELL)
    assert objection(11, processes.place) is None


@pytest.mark.parametrize("text", ["", "11", "11 (x) S", "11 (x) S one 1 1 34816", "11 (x) S 1 1 1 tty"])
def test_what_cannot_be_read_is_not_a_persons(processes: Processes, text: str) -> None:
    processes.add(11, 1, 34_816, *SHELL)
    (processes.place / "11/stat").write_text(text)
    assert objection(11, processes.place) == "the system does not tell who asks"
    assert objection(0, processes.place) == "the system does not tell who asks"


def test_ancestors_that_end_or_go_in_circles_end_the_walk(processes: Processes) -> None:
    processes.add(11, 12, 34_816, *SHELL)
    processes.add(12, 11, 34_816, *SHELL)
    processes.add(13, 999, 34_816, *SHELL)
    assert objection(11, processes.place) is None
    assert objection(13, processes.place) is None


def test_without_a_proc_nothing_is_known_of_anybody(tmp_path: Path) -> None:
    assert objection(os.getpid(), tmp_path) is None

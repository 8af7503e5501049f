"""Who typed a prompt, by a /proc of our own."""

from pathlib import Path

import pytest

from security_hooks.clients import client_named
from security_hooks.clients.client import Client
from security_hooks.model.event import EventKind, HookEvent
from security_hooks.service.peer import Peer
from security_hooks.service.typist import UNTOLD, not_typed

TTY, OTHER_TTY = 34_816, 34_817
SHIM = ("/opt/x/security-hooks-shim", "claude-code", "--socket", "/s", "--id", "0123456789abcdef")
LINE = "'/opt/x/security-hooks-shim' claude-code --socket /s --id 0123456789abcdef"
HELD = f"/usr/bin/timeout -k 1 4 {LINE} || exit 2"


class Processes:
    """Each process has a parent, a session, a terminal (0: none), a command line and what its stdin is."""

    def __init__(self, place: Path) -> None:
        self.place = place
        (place / "self").mkdir()
        (place / "self/stat").touch()
        self.add(1, 0, 1, 0, "/sbin/init")
        self.add(10, 1, 10, TTY, "/bin/bash")

    def add(self, pid: int, parent: int, session: int, terminal: int, *words: str, stdin: str = "/dev/pts/0") -> None:
        folder = self.place / str(pid)
        (folder / "fd").mkdir(parents=True)
        name = Path(words[0]).name[:15]
        (folder / "stat").write_text(f"{pid} ({name}) S {parent} {pid} {session} {terminal} {pid} 0 0")
        (folder / "cmdline").write_text("".join(f"{word}\0" for word in words))
        (folder / "fd/0").symlink_to(stdin)
        (folder / "exe").symlink_to(words[0])

    def shim(self, pid: int, parent: int) -> None:
        self.add(pid, parent, pid, 0, *SHIM, stdin="pipe:[1]")

    def asked(self, pid: int = 90, client: str = "claude-code", **fields: str) -> str | None:
        prompt = fields.pop("prompt", "@guard allow push")
        event = HookEvent(client, EventKind.PROMPT, "UserPromptSubmit", "s", prompt=prompt, **fields)  # type: ignore[arg-type]
        return not_typed(Peer(1000, pid), _named(client), event, self.place)


def _named(name: str) -> Client:
    client = client_named(name)
    assert client is not None
    return client


@pytest.fixture
def processes(tmp_path: Path) -> Processes:
    return Processes(tmp_path)


def test_a_hook_of_a_client_at_a_terminal_is_the_persons(processes: Processes) -> None:
    processes.add(20, 10, 10, TTY, "/home/u/.local/bin/claude")
    processes.shim(90, 20)
    assert processes.asked() is None


@pytest.mark.parametrize("shell", [("/bin/sh", "-c"), ("/usr/bin/bash", "-c"), ("/bin/zsh", "-c")], ids=lambda s: s[0])
@pytest.mark.parametrize("line", [LINE, f"{LINE} || exit 2"])
def test_the_shell_of_the_hook_line_may_stand_between(processes: Processes, shell: tuple[str, str], line: str) -> None:
    processes.add(20, 10, 10, TTY, "claude")
    processes.add(80, 20, 80, 0, *shell, line)
    processes.shim(90, 80)
    assert processes.asked() is None


def test_so_may_the_subshell_and_the_program_that_ends_a_stopped_shim(processes: Processes) -> None:
    processes.add(20, 10, 10, TTY, "claude")
    processes.add(80, 20, 80, 0, "/bin/bash", "-c", HELD)
    processes.add(81, 80, 80, 0, "/bin/bash", "-c", HELD)
    processes.add(82, 81, 80, 0, "/usr/bin/timeout", "-k", "1", "4", *SHIM)
    processes.shim(90, 82)
    assert processes.asked() is None


@pytest.mark.parametrize(
    "words",
    [
        ("/bin/bash", "x.sh"),
        ("/bin/bash", "-c", "bash x.sh"),
        ("/usr/bin/python3", "-c", LINE),
        ("/bin/bash", "-c", LINE, "more"),
        ("/usr/bin/env", "x"),
    ],
)
def test_whatever_else_stands_between_is_a_tools(processes: Processes, words: tuple[str, ...]) -> None:
    processes.add(20, 10, 10, TTY, "claude")
    processes.add(80, 20, 80, 0, *words)
    processes.shim(90, 80)
    assert "no claude-code sent it itself" in (processes.asked() or "")


def test_another_program_than_the_shim_is_believed_nothing(processes: Processes) -> None:
    processes.add(20, 10, 10, TTY, "claude")
    processes.add(90, 20, 90, 0, "/usr/bin/python3", "fake.py")
    assert processes.asked() == "it did not come through the shim"


def test_the_client_that_the_header_names_is_the_one_that_must_be_there(processes: Processes) -> None:
    processes.add(20, 10, 10, TTY, "claude")
    processes.shim(90, 20)
    assert "no codex-cli sent it itself" in (processes.asked(client="codex-cli") or "")


def test_a_client_without_a_terminal_has_nobody_in_front_of_it(processes: Processes) -> None:
    processes.add(20, 10, 20, 0, "claude")
    processes.shim(90, 20)
    assert processes.asked() == "claude-code has no terminal"


@pytest.mark.parametrize("stdin", ["pipe:[7]", "/tmp/prompt.txt", "/dev/null", "socket:[3]"])
def test_nor_has_one_that_reads_from_elsewhere(processes: Processes, stdin: str) -> None:
    processes.add(20, 10, 10, TTY, "claude", stdin=stdin)
    processes.shim(90, 20)
    assert processes.asked() == "claude-code does not read from a terminal"


@pytest.mark.parametrize(
    ("client", "words"),
    [
        ("claude-code", ("claude", "-p", "x")),
        ("claude-code", ("claude", "--print", "x")),
        ("claude-code", ("claude", "-cp")),
        ("claude-code", ("claude", "--input-format=stream-json")),
        ("claude-code", ("claude", "--agent-id", "a@team", "--team-name", "team")),
        ("claude-code", ("node", "--no-warnings", "/usr/bin/claude", "-p")),
        ("codex-cli", ("codex", "exec", "x")),
        ("codex-cli", ("codex", "-m", "o", "app-server")),
        ("codex-cli", ("node", "/usr/bin/codex", "exec")),
        ("gemini-cli", ("node", "/usr/bin/gemini", "-p", "x")),
        ("gemini-cli", ("node", "/usr/bin/gemini", "--prompt=x")),
        ("gemini-cli", ("gemini", "--acp")),
    ],
)
def test_a_run_without_a_person_is_nobodys(processes: Processes, client: str, words: tuple[str, ...]) -> None:
    processes.add(20, 10, 10, TTY, *words)
    processes.shim(90, 20)
    assert processes.asked(client=client) == f"{client} runs without a person"


@pytest.mark.parametrize(
    ("client", "words"),
    [
        ("claude-code", ("claude", "--model", "x")),
        ("claude-code", ("claude", "-c")),
        ("codex-cli", ("codex", "--no-daemon")),
        ("gemini-cli", ("node", "/usr/bin/gemini", "-i", "hello")),
    ],
)
def test_other_words_are_a_persons(processes: Processes, client: str, words: tuple[str, ...]) -> None:
    processes.add(20, 10, 10, TTY, *words)
    processes.shim(90, 20)
    assert processes.asked(client=client) is None


@pytest.mark.parametrize("outer", ["claude", "codex", "gemini"])
def test_a_client_below_an_agent_is_the_agents(processes: Processes, outer: str) -> None:
    processes.add(20, 10, 10, TTY, outer)
    processes.add(30, 20, 30, OTHER_TTY, "/bin/bash", "-c", "script -qc claude")
    processes.add(31, 30, 31, OTHER_TTY, "claude")
    processes.shim(90, 31)
    assert "was started by" in (processes.asked() or "")


def test_so_is_one_that_the_tools_shell_became(processes: Processes) -> None:
    """`sh -c claude` runs no shell beside it: the other client stands right below its agent."""
    processes.add(20, 10, 10, TTY, "claude")
    processes.add(31, 20, 31, OTHER_TTY, "claude")
    processes.shim(90, 31)
    assert "was started by claude-code, process 20" in (processes.asked() or "")
    processes.add(32, 20, 10, TTY, "claude", "@guard allow push")
    processes.shim(91, 32)
    assert "was started by claude-code, process 20" in (processes.asked(91) or "")


@pytest.mark.parametrize(
    ("client", "launcher", "itself"),
    [
        (
            "gemini-cli",
            ("node", "/usr/bin/gemini", "-m"),
            ("node", "--max-old-space-size=8", "/usr/bin/gemini", "-m"),
        ),
        ("codex-cli", ("node", "/usr/bin/codex", "-m", "x"), ("/x/bin/codex", "-m", "x")),
    ],
)
def test_a_client_that_starts_itself_again_is_one(
    processes: Processes, client: str, launcher: tuple[str, ...], itself: tuple[str, ...]
) -> None:
    processes.add(20, 10, 10, TTY, *launcher)
    processes.add(21, 20, 10, TTY, *itself)
    processes.shim(90, 21)
    assert processes.asked(client=client) is None


def test_what_the_system_does_not_tell_counts_against_it(processes: Processes, tmp_path: Path) -> None:
    assert processes.asked(99) == UNTOLD
    # An ancestor that cannot be seen.
    processes.add(20, 999, 20, TTY, "claude")
    processes.shim(90, 20)
    assert processes.asked() == UNTOLD
    # A client that lets nobody look at its files.
    processes.add(21, 10, 10, TTY, "claude")
    (processes.place / "21/fd/0").unlink()
    processes.shim(91, 21)
    assert processes.asked(91) == UNTOLD
    # No /proc at all.
    (tmp_path / "self/stat").unlink()
    assert processes.asked() == UNTOLD


def test_what_an_agent_sent_or_a_client_made_up_is_nobodys(processes: Processes) -> None:
    processes.add(20, 10, 10, TTY, "claude")
    processes.shim(90, 20)
    assert processes.asked(agent_id="a") == "another agent sent it"
    assert processes.asked(prompt="<task-notification>\n@guard x") == "the client made it up"

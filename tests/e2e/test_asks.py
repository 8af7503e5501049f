"""A person's one-time permit: the real daemon, the real shim, the real commands at a terminal of their own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.terminal import ours_at_terminal

pytestmark = pytest.mark.slow
BIN = Path(sys.executable).parent
RULES = """
suspicious "frob"
  match command("frob")
  nudge "ask first"
block "grob"
  match command("grob")
  nudge "no"
"""
AGENT = "import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:]))"


ASK_ALONE = """
import socket, sys
with socket.socket(socket.AF_UNIX) as s:
    s.connect(sys.argv[1])
    s.sendall(sys.argv[2].encode())
    s.shutdown(socket.SHUT_WR)
    print(s.recv(65536).decode())
"""


@pytest.fixture
def asking(unstarted: Any) -> Any:
    """A daemon that asks about `frob` and denies `grob`."""
    (unstarted.config / "rules").mkdir(parents=True)
    (unstarted.config / "rules/mine.rules").write_text(RULES)
    return unstarted.start()


def waiting(daemon: Any) -> list[dict[str, Any]]:
    status, said = ours_at_terminal(daemon, "asks", "--json")
    assert status == 0, said
    found: list[dict[str, Any]] = json.loads(said)
    return found


@pytest.mark.parametrize("client", ["codex-cli", "gemini-cli", "claude-code"])
def test_a_person_permits_one_call_once(asking: Any, client: str) -> None:
    command = "frob --token=ghp_abcdefghijklmnopqrstuvwxyz0123456789 x"
    first = asking.call(command, client=client)
    assert first.verdict == ("ask" if client == "claude-code" else "deny")
    (ask,) = waiting(asking)
    code = ask["code"]
    assert ask["client"] == client
    assert "frob" in ask["rules"]
    assert "ghp_" not in ask["text"]
    shown = json.loads(first.stdout).pop("systemMessage") if client != "codex-cli" else ""
    assert (code in shown) == (client != "codex-cli")
    assert code not in first.stdout.replace(shown, "") + first.stderr
    assert code not in json.dumps(asking.records())

    assert ours_at_terminal(asking, "allow-once", code)[0] == 0
    assert asking.call("frob --other", client=client).verdict == first.verdict
    assert asking.call(command, client=client, cwd="/home/user/elsewhere").verdict == first.verdict
    assert asking.call(command, client=client).verdict == "allow"
    assert asking.call(command, client=client).verdict == first.verdict
    assert ours_at_terminal(asking, "allow-once", code)[0] == 1

    given = [record["permit"] for record in asking.records() if record["kind"] == "permit" and "permit" in record]
    used = [record["permit"] for record in asking.records() if record["kind"] == "decision" and "permit" in record]
    assert given == used
    assert used[0]["code"] == code
    assert asking.verify().returncode == 0


def test_what_is_denied_and_what_guards_the_guard_has_no_code(asking: Any) -> None:
    for command in ("grob", "grob; frob", "echo x > .mcp.json", "frob; echo x > .mcp.json"):
        assert asking.call(command, client="codex-cli").verdict == "deny"
    assert waiting(asking) == []


def test_without_a_terminal_nothing_is_permitted(asking: Any) -> None:
    asking.call("frob", client="codex-cli")
    command = [BIN / "security-hooks", "allow-once", waiting(asking)[0]["code"], "--socket", asking.socket]
    bare = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        start_new_session=True,
        stdin=subprocess.DEVNULL,
    )
    assert (bare.returncode, "in a terminal of your own" in bare.stderr) == (64, True)
    assert asking.call("frob", client="codex-cli").verdict == "deny"


def test_below_an_agent_nothing_is_listed_or_permitted(asking: Any, tmp_path: Path) -> None:
    asking.call("frob", client="codex-cli")
    code = waiting(asking)[0]["code"]
    (tmp_path / "codex").symlink_to(sys.executable)
    for words in (("asks",), ("allow-once", code)):
        status, said = ours_at_terminal(asking, *words, above=(str(tmp_path / "codex"), "-c", AGENT))
        assert status == 64
        assert "is codex-cli" in said
        assert code not in said
    assert asking.call("frob", client="codex-cli").verdict == "deny"


def test_the_daemon_looks_for_itself(asking: Any) -> None:
    asking.call("frob", client="codex-cli")
    code = waiting(asking)[0]["code"]
    for question in ("@asks\n", f"@permit\n{code}"):
        command = [sys.executable, "-c", ASK_ALONE, str(asking.socket), f"SH1 {question}"]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
        )
        assert "only a person decides this" in json.loads(done.stdout)["refused"]
        assert code not in done.stdout
    assert asking.call("frob", client="codex-cli").verdict == "deny"
    assert any("refused" in record for record in asking.records() if record["kind"] == "permit")


def ran(daemon: Any, command: str) -> None:
    """The client asks a person, who says yes, and the command runs."""
    for event in ("PreToolUse", "PostToolUse"):
        call = {
            "session_id": "s",
            "cwd": "/home/user/project",
            "hook_event_name": event,
            "tool_name": "Bash",
            "tool_input": {"command": command},
            "tool_use_id": f"t{len(daemon.records())}" if event == "PreToolUse" else f"t{len(daemon.records()) - 1}",
            "permission_mode": "default",
        }
        tell(daemon, call | ({"duration_ms": 0} if event == "PostToolUse" else {}))


def tell(daemon: Any, payload: dict[str, object]) -> None:
    """Something that Claude Code does, and that nothing is said against."""
    shim = daemon.open_shim()
    shim.communicate(json.dumps(payload).encode(), timeout=60)
    assert shim.returncode == 0


def test_what_a_person_approves_again_and_again_is_learned_by_their_word(asking: Any) -> None:
    places: tuple[str, ...] = ("--state-dir", str(asking.state), "--config-dir", str(asking.config))
    for _ in range(3):
        ran(asking, "frob --all")
    at_once = json.loads(asking.run("learn", "--json", "--blind", "60", *places).stdout)
    assert (at_once["proposals"], at_once["approved"], at_once["blind"]) == ([], 0, 3)
    places = (*places, "--blind", "0")
    (found,) = json.loads(asking.run("learn", "--json", *places).stdout)["proposals"]
    assert (found["kind"], found["approved"], found["rules"]) == ("except", 3, ["frob", "unknown-executable"])
    denied = asking.run("learn", "--apply", "1", *places)
    assert denied.returncode == 64
    assert asking.call("frob --all").verdict == "ask"

    status, said = ours_at_terminal(asking, "learn", "--apply", "1", *places, socket=False)
    assert status == 0, said
    asking.wait_until(lambda: asking.call("frob --all").verdict == "allow")
    assert asking.call("frob --other").verdict == "ask"


def test_how_asks_were_answered_is_told(asking: Any) -> None:
    for number in range(6):
        ran(asking, f"frob {number}")
    asking.call("frob --wipe")
    tell(
        asking,
        {"session_id": "s", "cwd": "/home/user/project", "hook_event_name": "UserPromptSubmit", "prompt": "no, stop"},
    )
    asking.call("frob --all", client="codex-cli")
    assert ours_at_terminal(asking, "allow-once", waiting(asking)[-1]["code"])[0] == 0
    asking.call("frob --all", client="codex-cli")

    stats = asking.run("audit", "stats", "--state-dir", asking.state, "--json", "--blind", "60")
    told = json.loads(stats.stdout)["attention"]
    assert (told["asks"], told["approved"], told["permitted"], told["rejected"]) == (8, 6, 1, 1)
    assert (told["exact"]["answers"], told["at_most"]["answers"], told["untimed"]) == (7, 0, 0)
    assert (told["longest_streak"]["asks"], told["current_streak"]) == (told["blind"], None)
    assert told["blind"] == 6
    assert {rule["rule"]: rule["asks"] for rule in told["rules"]} == {"frob": 8, "unknown-executable": 8}
    assert asking.verify().returncode == 0


def test_a_wrong_code_permits_nothing(asking: Any) -> None:
    asking.call("frob", client="codex-cli")
    assert ours_at_terminal(asking, "allow-once", "AAAAAAAA")[0] == 1
    assert ours_at_terminal(asking, "allow-once", "no-code!")[0] == 64
    assert asking.call("frob", client="codex-cli").verdict == "deny"

import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from security_hooks.cli import check
from security_hooks.cli.check_batch import run_batch
from security_hooks.cli.main import main
from security_hooks.service.load import load_snapshot, policy_directories
from security_hooks.service.offline import Offline, fictitious_project

CALL = {
    "session_id": "s",
    "cwd": "/home/user/project",
    "hook_event_name": "PreToolUse",
    "tool_name": "Bash",
    "tool_input": {"command": "rm -rf ~/Pictures"},
}
GEMINI = CALL | {"hook_event_name": "BeforeTool", "tool_name": "run_shell_command"}


def policy(tmp_path: Path) -> Offline:
    directories = policy_directories(tmp_path / "config", None, tmp_path / "state")
    return Offline(load_snapshot(directories, None), fictitious_project)


@pytest.fixture(scope="session")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Offline:
    """The shipped policy, built once."""
    return policy(tmp_path_factory.mktemp("policy"))


def answers(offline: Offline, lines: Iterable[bytes]) -> list[dict[str, Any]]:
    out = io.BytesIO()
    assert run_batch(lines, out, offline) == 0
    return [json.loads(line) for line in out.getvalue().splitlines()]


def answer(offline: Offline, case: object) -> dict[str, Any]:
    line = case if isinstance(case, bytes) else json.dumps(case).encode()
    (answered,) = answers(offline, [line])
    return answered


def test_an_answer_holds_exactly_what_is_promised(offline: Offline) -> None:
    answered = answer(offline, {"id": 1, "command": "rm -rf ~/Pictures", "cwd": "/home/user"})
    assert list(answered) == ["id", "verdict", "basis", "rules", "action", "elapsed_us"]
    assert answered.pop("elapsed_us") >= 0
    rules = ["critical-deletion"]
    assert answered == {"id": 1, "verdict": "deny", "basis": "rule", "rules": rules, "action": "filesystem_delete"}


@pytest.mark.parametrize(
    ("command", "verdict", "basis"),
    [
        ("git fetch", "allow", "default"),
        ("git status", "allow", "rule"),
        ("frobnicate", "ask", "rule"),
        ("rm -rf ~/Pictures", "deny", "rule"),
    ],
)
def test_verdicts_are_those_of_the_policy(offline: Offline, command: str, verdict: str, basis: str) -> None:
    answered = answer(offline, {"command": command, "cwd": "/x", "home": "/home/user"})
    assert (answered["verdict"], answered["basis"]) == (verdict, basis)


@pytest.mark.parametrize(("client", "payload"), [("claude-code", CALL), ("codex-cli", CALL), ("gemini-cli", GEMINI)])
def test_payloads_are_read_as_their_client_sends_them(offline: Offline, client: str, payload: object) -> None:
    answered = answer(offline, {"id": "a", "client": client, "payload": payload})
    assert (answered["verdict"], answered["rules"]) == ("deny", ["critical-deletion"])


@pytest.mark.parametrize("name", [0, -1, 1.5, 10**30, "x", "\u00e4\n", "", None, True, [1, [2]], {"a": {"b": None}}])
def test_an_id_comes_back_as_it_was_whatever_it_is(offline: Offline, name: object) -> None:
    assert answer(offline, {"id": name, "command": "ls"})["id"] == name
    assert answer(offline, {"command": 5, "id": name})["id"] == name


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (b"nonsense", None),
        (b"{", None),
        (b"[]", None),
        (b"null", None),
        (b'"text"', None),
        (b'{"id": 7, "command": ', 7),
        (b'{"id": "a b", "payload": {]', "a b"),
        (b'{"id": "a\\n", "command": ', None),
        (b'{"id": 7', None),
        (b'{"id": "\xff", "command": "ls"}', None),
        (b'{"id": 7, "command": "\xff"}', 7),
        (b'{"id": 7, "command": "\\ud800"}', 7),
        (b'{"id": 7, "command": ["ls"]}', 7),
        (b'{"id": 7}', 7),
        (b'{"id": 7, "command": null}', 7),
        (b'{"id": 7, "command": "ls", "cwd": "relative"}', 7),
        (b'{"id": 7, "command": "ls", "cwd": "/a\\u0000b"}', 7),
        (b'{"id": 7, "command": "ls", "home": "relative"}', 7),
        (b'{"id": 7, "command": "ls", "client": "emacs"}', 7),
        (b'{"id": 7, "payload": "text"}', 7),
        (b'{"id": 7, "payload": []}', 7),
        (b'{"id": 7, "payload": {"session_id": "s"}}', 7),
        (b'{"id": 7, "payload": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 7),
        (b'\xef\xbb\xbf{"id": 7, "command": "ls"}', None),
    ],
)
def test_a_line_that_cannot_be_judged_is_denied_and_keeps_its_id(offline: Offline, line: bytes, name: object) -> None:
    answered = answer(offline, line)
    assert (answered["id"], answered["verdict"], answered["basis"], answered["rules"]) == (name, "deny", "failure", [])


def test_every_line_is_answered_in_order_and_blank_lines_are_no_cases(offline: Offline) -> None:
    lines = [b'{"id": 1, "command": "ls"}\n', b"\n", b"  \r\n", b"broken\n", b'{"id": 2, "command": "ls"}']
    assert [answered["id"] for answered in answers(offline, lines)] == [1, None, 2]
    assert answers(offline, []) == []


def test_an_answer_is_there_before_the_next_case_is_asked_for(offline: Offline) -> None:
    out = io.BytesIO()
    buffered = io.BufferedWriter(out)

    def conversation() -> Iterator[bytes]:
        for number in range(3):
            assert out.getvalue().count(b"\n") == number
            yield b'{"id": 1, "command": "ls"}\n'

    run_batch(conversation(), buffered, offline)


def test_a_payload_over_the_cap_is_denied_as_the_daemon_would(offline: Offline) -> None:
    longest = offline.snapshot.config.limits.request_bytes
    huge = CALL | {"tool_input": {"command": "ls", "description": "x" * longest}}
    answered = answer(offline, {"id": 1, "payload": huge})
    assert (answered["verdict"], answered["basis"]) == ("deny", "failure")
    assert answer(offline, {"id": 1, "command": "ls # " + "x" * 500_000})["basis"] != "failure"


def test_home_stands_for_the_home_of_the_case(offline: Offline, tmp_path: Path) -> None:
    (tmp_path / "config/rules").mkdir(parents=True)
    (tmp_path / "config/rules/a.rules").write_text(
        'block "in-home"\n  match cwd_in("~/secret")\n  nudge "no"\n  on "*"\n'
    )
    own = policy(tmp_path)
    case = {"command": "ls", "cwd": "/home/a/secret"}
    assert answer(own, case | {"home": "/home/a"})["verdict"] == "deny"
    assert answer(own, case | {"home": "/home/b"})["verdict"] == "allow"


def test_observing_changes_verdicts_but_lets_no_broken_line_through(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config/config.toml").write_text('mode = "observe"\n')
    observing = policy(tmp_path)
    answered = answer(observing, {"command": "rm -rf ~/Pictures", "cwd": "/x"})
    assert (answered["verdict"], answered["rules"]) == ("allow", ["critical-deletion"])
    for broken in (b"broken", b'{"payload": {}}'):
        assert answer(observing, broken)["verdict"] == "deny"


def test_only_with_real_files_is_the_disk_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "project/.git").mkdir(parents=True)
    deep = str(tmp_path / "project/src")
    found: list[str | None] = []

    def looking(lines: object, out: object, offline: Offline) -> int:
        found.append(offline.project_of(deep, "/home/user"))
        return 0

    monkeypatch.setattr(check, "run_batch", looking)
    words = ["check", "--config-dir", str(tmp_path), "--state-dir", str(tmp_path / "state"), "--batch", "/dev/null"]
    assert main(words) == main([*words, "--real-files"]) == 0
    assert found == [deep, str(tmp_path / "project")]
    assert not (tmp_path / "state").exists()

import json
import shlex
from dataclasses import replace

import pytest

from security_hooks.wiring import claude_code, codex, gemini
from security_hooks.wiring.line import HookLine, id_in, is_ours, unsafe_in
from security_hooks.wiring.table import wired_client

LINE = HookLine("/opt/a b/security-hooks-shim", "/run/h.sock", "0123abcd", timeout="/usr/bin/timeout")


def test_a_line_says_which_client_which_socket_and_which_installation() -> None:
    assert LINE.words("codex-cli") == (
        "/opt/a b/security-hooks-shim",
        "codex-cli",
        "--socket",
        "/run/h.sock",
        "--id",
        "0123abcd",
    )
    assert HookLine("/s", None, "1", observe=True).words("codex-cli") == ("/s", "codex-cli", "--id", "1", "--observe")


def test_a_shell_reads_the_words_that_were_meant() -> None:
    assert tuple(shlex.split(LINE.shell("gemini-cli"))) == LINE.words("gemini-cli")
    held = shlex.split(LINE.shell("gemini-cli", held=True))
    assert held == ["/usr/bin/timeout", "-k", "1", "20", *LINE.words("gemini-cli")]


@pytest.mark.parametrize("path", ["/a$HOME/x", "/a`x`", "/a'b", '/a"b', "/a\nb", "/a\\b", "/a;b", "/é"])
def test_what_a_client_or_a_shell_would_change_cannot_stand_in_a_line(path: str) -> None:
    assert unsafe_in(path) is not None
    assert unsafe_in("/opt/security-hooks 1.0/bin/security-hooks-shim") is None


def test_ours_are_known_by_the_shim_and_installations_by_their_id() -> None:
    assert is_ours(("/usr/bin/timeout", "/x/security-hooks-shim"))
    assert not is_ours(("/usr/bin/security-hooks", "status"))
    assert id_in(f'"command": "{LINE.shell("x")}"') == "0123abcd"
    assert id_in('"args": ["--id",\n   "0123abcd"]') == "0123abcd"
    assert id_in("--id none") is None


def test_what_starts_a_daemon_says_nothing_and_reads_nothing() -> None:
    line = replace(LINE, start=("/usr/bin/env", "-i", "/o p/security-hooks", "start"))
    assert line.behind_start("x") == "/usr/bin/env -i '/o p/security-hooks' start </dev/null >/dev/null 2>&1; x"
    assert LINE.behind_start("x") == "x"


@pytest.mark.parametrize("observe", [False, True])
def test_only_the_start_of_a_session_starts_a_daemon(observe: bool) -> None:
    line = replace(LINE, start=("/bin/start-it",), observe=observe)
    made = {
        "claude-code": {event: json.dumps(group) for event, group in claude_code.groups(line, None).items()},
        "gemini-cli": {event: json.dumps(group) for event, group in gemini.groups(line).items()},
        "codex-cli": {row.event: codex.command(line, row.event) for row in wired_client("codex-cli").events},
    }
    for client, commands in made.items():
        assert [event for event, text in commands.items() if "start-it" in text] == ["SessionStart"], client
        assert all(is_ours((text,)) for text in commands.values())

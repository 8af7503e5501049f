"""`install` and `uninstall` as a person calls them, below a directory of the test's own."""

import json
import os
import re
from pathlib import Path

import pytest

from security_hooks.cli.main import main
from security_hooks.wiring.table import CLIENTS

NAMES = [client.name for client in CLIENTS]
SOCKET = "/run/user/1000/security-hooks/hook.sock"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The person's home on the machine below `tmp_path / "root"`."""
    monkeypatch.setenv("HOME", "/home/dev")
    (tmp_path / "root/home/dev").mkdir(parents=True)
    return tmp_path / "root/home/dev"


def call(home: Path, *words: str) -> int:
    socket = ["--socket", SOCKET] if words[0] == "install" else []
    return main([*words, "--root", str(home.parents[1]), *socket])


def files(home: Path) -> dict[str, bytes]:
    root = home.parents[1]
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_all_clients_are_wired_shown_and_taken_out_again(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(home, "install", "--all") == 0
    out = capsys.readouterr().out
    made = files(home)
    assert {
        "home/dev/.claude/settings.json",
        "home/dev/.gemini/settings.json",
        "home/dev/.codex/config.toml",
    } <= made.keys()
    assert "+++ " in out and f"created {home}/.claude/settings.json" in out
    assert "what these hooks cannot close" in out and "write_stdin" in out
    assert call(home, "install", "--all") == 0
    assert "nothing to change" in capsys.readouterr().out
    assert files(home) == made
    assert call(home, "uninstall", "--all") == 0
    assert files(home) == {}
    capsys.readouterr()
    assert call(home, "uninstall", "--all") == 0
    assert "no hook of ours is there" in capsys.readouterr().out


def test_no_two_installations_have_the_same_hook_line(home: Path) -> None:
    """A project that could tell the line beforehand would replace it by repeating it in its own settings."""
    lines = set()
    for _ in range(2):
        call(home, "install", "claude-code")
        hooks = json.loads((home / ".claude/settings.json").read_bytes())["hooks"]
        lines.add(tuple(hooks["PreToolUse"][0]["hooks"][0]["args"]))
        call(home, "uninstall", "--all")
    assert len(lines) == 2


@pytest.mark.parametrize("verb", ["install", "uninstall"])
def test_a_dry_run_shows_the_change_and_makes_none(home: Path, verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    if verb == "uninstall":
        call(home, "install", "claude-code")
    before = files(home)
    capsys.readouterr()
    assert call(home, verb, "claude-code", "--dry-run") == 0
    assert files(home) == before
    assert "PreToolUse" in capsys.readouterr().out


def test_managed_settings_are_for_everybody_to_read_and_name_nobodys_socket(home: Path) -> None:
    assert main(["install", "--all", "--managed", "--root", str(home.parents[1])]) == 0
    made = {path: content for path, content in files(home).items() if path.startswith("etc/")}
    assert len(made) == len(NAMES)
    for path, content in made.items():
        assert b"--socket" not in content
        assert (home.parents[1] / path).stat().st_mode & 0o777 == 0o644
    assert call(home, "uninstall", "--all", "--managed") == 0
    assert files(home) == {}


@pytest.mark.parametrize("client", NAMES)
def test_sessions_start_the_daemon_where_that_is_wished(
    home: Path, client: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    assert call(home, "install", client, "--start") == 0
    made = files(home)
    text = b"".join(made.values()).decode()
    words = (
        f"security-hooks start --socket {SOCKET} --state-dir /home/dev/.local/state/security-hooks "
        "--config-dir /home/dev/.config/security-hooks </dev/null >/dev/null 2>&1; "
    )
    # Gemini CLI has the hook twice, in the settings and in the extension.
    assert text.count("/usr/bin/env -i PATH=/usr/local/bin:/usr/bin:/bin HOME=/home/dev /") == text.count(words)
    assert text.count(words) == (2 if client == "gemini-cli" else 1)
    assert call(home, "install", client, "--start") == 0
    assert files(home) == made
    assert call(home, "install", client) == 0
    assert words not in b"".join(files(home).values()).decode()
    assert call(home, "uninstall", client) == 0
    assert files(home) == {}


def test_json_says_what_was_done_and_what_stays_open(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / ".codex").mkdir()
    (home / ".codex/config.toml").write_text('model = "x"\n')
    assert call(home, "install", "codex-cli", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    path = f"{home}/.codex/config.toml"
    assert told["changes"] == [{"file": path, "done": "changed", "backup": f"{path}.before-security-hooks"}]
    assert told["written"] and told["limits"] and told["off"] == []
    assert call(home, "uninstall", "codex-cli", "--json") == 0
    assert [change["done"] for change in json.loads(capsys.readouterr().out)["changes"]] == ["changed", "removed"]


def test_one_refused_file_leaves_all_as_they_were(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / ".codex").mkdir()
    (home / ".codex/config.toml").write_text("a = 1\na = 2\n")
    before = files(home)
    assert call(home, "install", "--all") == 65
    assert f"{home}/.codex/config.toml:2:" in capsys.readouterr().err
    assert files(home) == before


def test_hooks_that_another_setting_switches_off_are_written_and_told(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / ".claude").mkdir()
    (home / ".claude/settings.json").write_text('{"disableAllHooks": true}')
    assert call(home, "install", "claude-code") == 1
    assert "NOT IN FORCE: claude-code" in capsys.readouterr().out


@pytest.mark.skipif(os.getuid() == 0, reason="root writes everywhere")
def test_a_directory_that_cannot_be_written_takes_back_what_was_done(home: Path) -> None:
    (home / ".codex").mkdir(mode=0o500)
    assert call(home, "install", "--all") == 70
    assert files(home) == {}


def test_a_file_where_a_directory_should_be_takes_back_what_was_done(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / ".gemini").mkdir()
    (home / ".gemini/extensions").write_text("")
    assert call(home, "install", "--all") in {65, 70}
    assert set(files(home)) == {"home/dev/.gemini/extensions"}
    assert "extensions" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["install"], "name a client"),
        (["install", "cursor"], "`cursor` is no client"),
        (["install", "--all", "--shim", "/a$HOME/security-hooks-shim"], "cannot stand in a hook line"),
        (["install", "--all", "--shim", "relative"], "is not absolute"),
        (["install", "--all", "--start", "--managed"], "service install --all-users"),
        (["install", "--all", "--start", "--state-dir", "/a$HOME"], "cannot stand in a hook line"),
        (["install", "--all", "--rules", "/r"], "that --start starts"),
        (["uninstall"], "name a client"),
    ],
)
def test_a_command_line_that_makes_no_sense_is_a_usage_error(
    home: Path, words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(home, *words) == 64
    assert says in capsys.readouterr().err
    assert files(home) == {}


def test_somebody_elses_home_is_left_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    assert main(["install", "--all", "--dry-run"]) == 64
    assert main(["uninstall", "--all", "--dry-run"]) == 64


@pytest.mark.parametrize("client", NAMES)
def test_a_client_that_is_older_than_the_tried_one_is_told(
    home: Path, client: str, capsys: pytest.CaptureFixture[str]
) -> None:
    row = next(row for row in CLIENTS if row.name == client)
    package = home.parents[1] / "usr/lib/node_modules" / row.package
    package.mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"name": row.package, "version": "0.1.0"}))
    assert call(home, "install", client) == 0
    assert "0.1.0" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "mode", "says"),
    [
        ([], None, ""),
        (["--observe"], None, 'what it denies is blocked without `mode = "observe"` in {}'),
        ([], "observe", "the policy only observes, so nothing is denied; verdicts bind without {}"),
        (["--observe"], "observe", "the policy only observes"),
        (["--observe"], "enforce", "what it denies is blocked"),
    ],
)
def test_a_hook_line_and_a_policy_of_which_only_one_observes_are_told(
    home: Path, capsys: pytest.CaptureFixture[str], words: list[str], mode: str | None, says: str
) -> None:
    config = home / ".config/security-hooks/config.toml"
    if mode is not None:
        config.parent.mkdir(parents=True)
        config.write_text(f'mode = "{mode}"\n')
    assert call(home, "install", "claude-code", "--json", *words) == 0
    remarks = " ".join(json.loads(capsys.readouterr().out)["remarks"])
    assert says.partition("{}")[0] in remarks
    assert bool(says) == ("config.toml" in remarks)


def test_the_machines_settings_go_with_the_machines_configuration(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(home, "install", "claude-code", "--managed", "--observe", "--dry-run") == 0
    assert '`mode = "observe"` in /etc/security-hooks/config.toml' in capsys.readouterr().out


def test_installing_again_without_observe_is_as_if_there_had_been_none(home: Path) -> None:
    def nameless() -> dict[str, bytes]:
        """The files without what is random in them, or made from that."""
        return {
            name: re.sub(rb"\b([0-9a-f]{32}|[0-9a-f]{64})\b", b"", content) for name, content in files(home).items()
        }

    call(home, "install", "--all")
    enforcing = nameless()
    call(home, "uninstall", "--all")
    call(home, "install", "--all", "--observe")
    assert all(b"--observe" in (home / name).read_bytes() for name in (".claude/settings.json", ".codex/config.toml"))
    call(home, "install", "--all")
    assert nameless() == enforcing

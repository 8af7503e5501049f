"""`security-hooks mcp`: what clients see, what is pinned, and pinning by a person."""

import io
import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from security_hooks.cli import main, mcp
from security_hooks.service import directories
from security_hooks.tools.pins import digest_of

Run = Callable[..., tuple[int, str, str]]


class Terminal(io.StringIO):
    """A standard input with a person at it."""

    def isatty(self) -> bool:
        return True


def servers(**commands: str) -> str:
    return json.dumps({"mcpServers": {name: {"command": command} for name, command in commands.items()}})


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `mcp` in a project; `typed` is what a person at a terminal types, None without a terminal."""
    (tmp_path / "home/p/.git").mkdir(parents=True)
    (tmp_path / "home/.claude.json").write_text(servers(a="one", b="two"))
    (tmp_path / "home/p/.mcp.json").write_text(servers(b="three"))
    monkeypatch.chdir(tmp_path / "home/p")
    monkeypatch.setattr(directories, "SYSTEM_DIR", tmp_path / "system")
    monkeypatch.setattr(mcp, "real_home", lambda: str(tmp_path / "home"))

    def call(*words: str, typed: str | None = None) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO() if typed is None else Terminal(typed))
        given = ["mcp", *words, "--state-dir", str(tmp_path / "state"), "--config-dir", str(tmp_path / "user")]
        status = main.main(given)
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


def config(tmp_path: Path) -> Path:
    (tmp_path / "user").mkdir(exist_ok=True)
    return tmp_path / "user/config.toml"


def states(run: Run, verb: str = "list") -> dict[str, str]:
    _, out, _ = run(verb, "--json", "--client", "claude-code")
    return {f"{row['scope']} {row['name']}": row["state"] for row in json.loads(out)["servers"]}


def test_list_prints_every_server_with_its_file(run: Run) -> None:
    status, out, _ = run("list")
    assert status == 0
    assert [line.split()[:4] for line in out.splitlines()] == [
        ["known", "claude-code", "a", "one"],
        ["known", "claude-code", "b", "two"],
        ["known", "claude-code", "b", "three"],
    ]


def test_check_says_what_is_not_as_it_should_be(run: Run, tmp_path: Path) -> None:
    assert run("check")[:2] == (0, "every MCP server here is as it should be\n")
    config(tmp_path).write_text('[mcp]\nallowed = ["b"]\n[mcp.servers.b]\ncommand = "two"\n')
    assert states(run) == {"user a": "unknown", "user b": "pinned", "project b": "differs"}
    assert run("check")[0] == 1
    assert states(run, "check") == {"user a": "unknown", "project b": "differs"}


def test_a_file_that_cannot_be_read_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "home/p/.mcp.json").write_text("{")
    assert states(run, "check") == {"project ": "unreadable"}


def test_a_person_pins_a_server_as_it_is(run: Run, tmp_path: Path) -> None:
    config(tmp_path).write_text("# mine\n")
    status, out, _ = run("pin", "a", typed="y\n")
    assert (status, out.split(" is pinned")[0]) == (0, "a")
    assert config(tmp_path).read_text().startswith("# mine\n")
    assert tomllib.loads(config(tmp_path).read_text()) == {"mcp": {"servers": {"a": {"command": "one"}}}}
    assert states(run)["user a"] == "pinned"


def test_a_file_is_pinned_by_its_content(run: Run, tmp_path: Path) -> None:
    script = tmp_path / "server.py"
    script.write_bytes(b"1")
    assert run("pin", "a", "--yes", "--file", str(script))[0] == 0
    pinned = tomllib.loads(config(tmp_path).read_text())["mcp"]["servers"]["a"]
    assert pinned == {"command": "one", "file": str(script.resolve()), "sha256": digest_of(b"1")}
    assert states(run)["user a"] == "pinned"
    script.write_bytes(b"2")
    assert states(run)["user a"] == "changed"


@pytest.mark.parametrize(
    ("words", "typed", "status", "message"),
    [
        (("pin", "a"), None, 64, "only a person at a terminal"),
        (("pin", "a"), "n\n", 1, "not pinned"),
        (("pin", "z", "--yes"), None, 64, "no client defines"),
        (("pin", "b", "--yes"), None, 64, "in several ways"),
        (("pin", "a", "--yes", "--file", "/nowhere/x"), None, 64, "cannot read"),
    ],
)
def test_pinning_is_refused(
    run: Run, tmp_path: Path, words: tuple[str, ...], typed: str | None, status: int, message: str
) -> None:
    got, _, err = run(*words, typed=typed)
    assert (got, message in err) == (status, True)
    assert not config(tmp_path).exists()

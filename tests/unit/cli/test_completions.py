"""The completions, asked as the shells themselves ask them."""

import os
import pty
import select
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from security_hooks.cli.completions import SHELLS, script
from security_hooks.cli.main import COMMANDS, main

PATIENCE = 30.0
ASK_BASH = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_shtab_security_hooks security-hooks "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""
ASK_FISH = "source $argv[1]; complete -C $argv[2]"
# As a person has it who reads our README, and as a package installs it.
LOADED = {
    "bash": "source {folder}/bash",
    "zsh": "fpath=({folder}/functions $fpath); autoload -Uz compinit; compinit -u -D",
}
CLIENTS = {"claude-code", "gemini-cli", "codex-cli"}

# The words so far, and what is offered for the last of them.
OFFERED: tuple[tuple[str, set[str]], ...] = (
    ("rul", {"rules"}),
    ("rules fm", {"fmt"}),
    ("rules lint --st", {"--strict", "--state-dir"}),
    ("rules new x --tier s", {"suspicious"}),
    ("explain --client ", CLIENTS),
    ("install claude-code g", {"gemini-cli"}),
    ("config show executables.", {"executables.allowed"}),
    ("config add rules.", {"rules.disabled"}),
    ("check --json --batch ca", {"cases.jsonl"}),
    ("serve --rules d", {"directory"}),
    ("completions z", {"zsh"}),
)


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("completions")
    for shell in SHELLS:
        (folder / shell).write_text(script(shell))
    (folder / "functions").mkdir()
    (folder / "functions/_security-hooks").write_text(script("zsh"))
    return folder


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "cases.jsonl").touch()
    (tmp_path / "directory").mkdir()
    (tmp_path / "dull").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def needs(shell: str) -> str:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed; on Debian: apt-get install {shell}")
    return program


@pytest.mark.parametrize(("line", "offered"), OFFERED)
def test_bash_offers_what_can_follow(line: str, offered: set[str], scripts: Path, place: Path) -> None:
    words = ["security-hooks", *line.split(" ")]
    asked = subprocess.run(
        [needs("bash"), "--norc", "-c", ASK_BASH, "bash", scripts / "bash", *words],
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(asked.stdout.split()) == offered
    assert asked.stderr == ""


@pytest.mark.parametrize(("line", "offered"), OFFERED)
def test_fish_offers_what_can_follow(line: str, offered: set[str], scripts: Path, place: Path) -> None:
    asked = subprocess.run(
        [needs("fish"), "--no-config", "-c", ASK_FISH, str(scripts / "fish"), f"security-hooks {line}"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "HOME": str(place)},
    )
    found = {row.split("\t")[0].rstrip("/") for row in asked.stdout.splitlines()}
    assert found == offered
    assert asked.stderr == ""


@pytest.mark.parametrize("shell", LOADED)
@pytest.mark.parametrize(
    ("typed", "becomes"),
    [
        ("security-hooks allow-o", "allow-once "),
        ("security-hooks rules cov", "coverage "),
        ("security-hooks rules lint --stri", "--strict "),
        ("security-hooks rules new x --tier susp", "suspicious "),
        ("security-hooks config add exec", "executables.allowed "),
        ("security-hooks check --batch cas", "cases.jsonl "),
    ],
)
def test_the_tab_key_completes(shell: str, typed: str, becomes: str, scripts: Path, place: Path) -> None:
    program = needs(shell)
    pid, terminal = pty.fork()
    if pid == 0:
        # No history, no start-up files of anybody's: `-f` is zsh's word for that.
        words = [program, "-f", "-i"] if shell == "zsh" else [program, "--norc", "--noprofile", "-i"]
        os.execve(program, words, {"HOME": str(place), "TERM": "dumb", "PATH": os.environ["PATH"], "PS1": "> "})
    try:
        os.write(terminal, f"{LOADED[shell].format(folder=scripts)}; echo re''ady\n".encode())
        read_until(terminal, "ready")
        os.write(terminal, f"{typed}\t".encode())
        read_until(terminal, typed.rpartition(" ")[0] + " " + becomes)
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        os.close(terminal)


def read_until(terminal: int, text: str) -> None:
    seen = ""
    deadline = time.monotonic() + PATIENCE
    while text not in seen:
        if not select.select([terminal], [], [], max(0.0, deadline - time.monotonic()))[0]:
            pytest.fail(f"never saw {text!r} in {seen!r}")
        seen += os.read(terminal, 4096).decode(errors="replace")


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_is_known_to_every_shell(shell: str, scripts: Path) -> None:
    text = (scripts / shell).read_text()
    assert [name for name in COMMANDS if name not in text] == []


@pytest.mark.parametrize("shell", SHELLS)
def test_the_command_prints_the_script(shell: str, scripts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completions", shell]) == 0
    assert capsys.readouterr().out == (scripts / shell).read_text()


def test_a_shell_that_is_not_known_is_a_usage_error() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["completions", "tcsh"])
    assert ended.value.code == 64

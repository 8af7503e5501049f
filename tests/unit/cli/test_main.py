import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from security_hooks import __version__
from security_hooks.audit.failure import AuditError
from security_hooks.cli import main as dispatcher
from security_hooks.cli import status
from security_hooks.cli.main import COMMANDS, main
from security_hooks.model.diagnostic import Diagnostic, PolicyError
from security_hooks.model.failure import StartupError

PROGRAM = [sys.executable, "-c", "import sys; from security_hooks.cli.main import main; sys.exit(main())"]


def test_without_arguments_it_prints_help_and_ends_as_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 64
    printed = capsys.readouterr()
    assert printed.out == ""
    listed = [line.split()[0] for line in printed.err.splitlines() if line.startswith("    ") and line[4:5].isalpha()]
    assert tuple(listed) == COMMANDS


@pytest.mark.parametrize(
    "words", [["bogus"], ["chec", "ls"], ["check"], ["check", "a", "b"], ["status", "--jso=n"], ["--bogus"]]
)
def test_a_usage_error_ends_in_64_and_says_where_help_is(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 64
    assert "--help`" in capsys.readouterr().err


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert f"example: security-hooks {name}" in capsys.readouterr().out


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"security-hooks {__version__}\n"


@pytest.mark.parametrize(
    ("error", "exit_status", "says"),
    [
        (PolicyError((Diagnostic("a", 1, 2, "x", "one"), Diagnostic("b", 3, 4, "y", "two"))), 65, ["a:1:2", "b:3:4"]),
        (StartupError("no daemon"), 69, ["no daemon"]),
        (StartupError("usage", 64), 64, ["usage"]),
        (AuditError("no log"), 70, ["no log"]),
        (KeyError("defect"), 70, ["internal error: KeyError: 'defect'"]),
        (RecursionError("deep"), 70, ["internal error"]),
        (KeyboardInterrupt(), 130, []),
    ],
)
def test_no_error_ends_in_a_verdict_or_a_traceback(
    error: BaseException,
    exit_status: int,
    says: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def raising(_: Path) -> None:
        raise error

    monkeypatch.setattr(status, "ask_status", raising)
    assert main(["status", "--socket", "/nowhere"]) == exit_status
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.splitlines()) == len(says)
    for line, text in zip(printed.err.splitlines(), says, strict=True):
        assert line.startswith("security-hooks: ")
        assert text in line


def test_only_the_command_asked_for_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    imported: list[str] = []

    def noting(name: str) -> object:
        imported.append(name)
        return import_module(name)

    monkeypatch.setattr(dispatcher, "import_module", noting)
    main(["status", "--socket", "/nowhere"])
    assert imported == ["security_hooks.cli.status"]


@pytest.mark.parametrize("words", [["check", "ls"], ["explain", "ls", "--all"], ["rules", "list"]])
def test_a_reader_who_has_left_is_no_traceback(words: list[str], tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    run = subprocess.run([*PROGRAM, *words], stdout=writing, stderr=subprocess.PIPE, timeout=60, check=False)
    os.close(writing)
    assert run.returncode == 70
    assert run.stderr == b""


def test_a_full_disk_behind_stdout_is_an_error() -> None:
    with Path("/dev/full").open("wb") as full:
        run = subprocess.run([*PROGRAM, "check", "ls"], stdout=full, stderr=subprocess.PIPE, timeout=60, check=False)
    assert run.returncode == 70
    assert b"Traceback" not in run.stderr


def test_what_a_terminal_cannot_show_is_escaped() -> None:
    environment = {"PYTHONIOENCODING": "ascii", "PATH": os.environ["PATH"]}
    command = [*PROGRAM, "check", "echo \u00e4\u4e2d > caf\u00e9; frob\u00e9"]
    run = subprocess.run(command, capture_output=True, timeout=60, check=False, env=environment)
    assert run.returncode == 1, run.stderr
    assert b"frob\\xe9" in run.stdout

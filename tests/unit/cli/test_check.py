import json
import os
from pathlib import Path

import pytest

from security_hooks.cli.main import main
from security_hooks.model.event import HookEvent
from security_hooks.service import offline


@pytest.fixture
def places(tmp_path: Path) -> list[str]:
    (tmp_path / "config/rules").mkdir(parents=True)
    return ["--config-dir", str(tmp_path / "config"), "--state-dir", str(tmp_path / "state")]


@pytest.mark.parametrize(
    ("command", "exit_status", "first"),
    [
        ("git fetch", 0, "allow"),
        ("git status", 0, "allow looking"),
        ("", 0, "allow"),
        ("  \n", 0, "allow"),
        ("# nothing", 0, "allow"),
        ("frobnicate --all", 1, "ask unknown-executable"),
        ("rm -rf $(echo /srv)", 2, "deny critical-deletion"),
        ("frobnicate; rm -rf ~/Pictures", 2, "deny critical-deletion"),
    ],
)
def test_verdict_and_rules_are_on_the_first_line_and_in_the_exit_status(
    places: list[str], command: str, exit_status: int, first: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", *places, command]) == exit_status
    printed = capsys.readouterr()
    assert printed.out.splitlines()[0] == first
    assert printed.err == ""


def test_why_is_told_with_place_nudge_and_evidence(places: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", *places, "git status; sudo rm -rf ~/Pictures \x1b[31m"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("  critical-deletion (block) at rules/filesystem.rules:")
    assert lines[2].endswith("/Pictures holds what cannot be had back. Delete the files you mean by their own names")
    assert lines[3] == "    in: rm -rf ~/Pictures \\x1b[31m" or lines[3] == "    in: sudo rm -rf ~/Pictures \\x1b[31m"


def test_json_holds_all_of_it(places: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", *places, "--json", "rm -rf ~/Pictures"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert (told["verdict"], told["would"], told["basis"], told["failure"]) == ("deny", "deny", "rule", None)
    assert told["rules"] == ["critical-deletion"]
    assert told["findings"][0]["tier"] == "block"


def test_observe_mode_says_what_would_be(places: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "config/config.toml").write_text('mode = "observe"\n')
    assert main(["check", *places, "rm -rf ~/Pictures"]) == 0
    assert capsys.readouterr().out.splitlines()[:2] == ["allow critical-deletion", "  observe mode: would be deny"]


def test_a_default_that_asks_is_told(places: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "config/config.toml").write_text('[verdict]\ndefault = "ask"\n')
    assert main(["check", *places, "git fetch"]) == 1
    assert capsys.readouterr().out.splitlines() == ["ask", "  no rule covers it"]


def test_without_a_policy_every_problem_is_told(
    places: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config/rules/a.rules").write_text("nonsense\n")
    (tmp_path / "config/rules/b.rules").write_text("nonsense\n")
    for words in (["check", *places, "ls"], ["check", *places, "--batch", "/dev/null"], ["explain", *places, "ls"]):
        assert main(words) == 65
        printed = capsys.readouterr()
        assert printed.out == ""
        assert "a.rules:1" in printed.err
        assert "b.rules:1" in printed.err


def test_bytes_that_are_not_utf_8_are_read_as_clients_read_them(
    places: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", *places, os.fsdecode(b"rm -rf ~/Pictures '\xff'")]) == 2
    assert "\ufffd" in capsys.readouterr().out


def test_a_defect_is_an_error_and_no_verdict(
    places: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(event: HookEvent, *_: object) -> None:
        raise ZeroDivisionError(event.name)

    monkeypatch.setattr(offline, "judge", broken)
    for verb in ("check", "explain"):
        assert main([verb, *places, "git status"]) == 70
        lines = capsys.readouterr().out.splitlines()
        assert lines[:2] == ["deny", "  could not be judged: internal"]
        assert lines[-1].strip() == "ZeroDivisionError: PreToolUse"
    assert main(["check", *places, "--json", "git status"]) == 70
    assert json.loads(capsys.readouterr().out)["failure"]["reason"] == "internal"


def test_a_directory_that_is_not_there_is_judged_as_an_empty_one(
    places: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", *places, "--cwd", str(tmp_path / "nowhere"), "git status"]) == 0
    assert "nowhere is no directory" in capsys.readouterr().err


def test_a_directory_that_was_removed_under_us_is_a_usage_error(
    places: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert main(["check", *places, "git status"]) == 64
    assert "--cwd" in capsys.readouterr().err


def test_the_rules_of_the_project_hold_there(
    places: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = tmp_path / "project/.security-hooks/rules"
    rules.mkdir(parents=True)
    (rules / "p.rules").write_text('block "no-make"\n  match command("make")\n  nudge "no"\n')
    assert main(["check", *places, "make"]) == 0
    (tmp_path / "project/src").mkdir()
    assert main(["check", *places, "--cwd", str(tmp_path / "project/src"), "make"]) == 2
    assert "deny no-make" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [["--batch", "/nowhere/at/all"], ["--batch", "/"], ["--batch", "-", "--cwd", "/"], ["--real-files", "ls"]],
)
def test_options_that_do_not_go_together_and_files_that_are_none(places: list[str], words: list[str]) -> None:
    assert main(["check", *places, *words]) == 64

"""`security-hooks trust`: a person's word, about exact bytes."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from security_hooks.cli import main
from security_hooks.policy.source_layers import read_project, read_trust
from security_hooks.policy.trust import trusts
from security_hooks.service import directories

Run = Callable[..., tuple[int, str, str]]


class Terminal(io.StringIO):
    """A standard input with a person at it."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "work/project"
    (root / ".git").mkdir(parents=True)
    (root / ".security-hooks/rules").mkdir(parents=True)
    (root / ".security-hooks/config.toml").write_text('[executables]\nappend = ["deno9"]\nexclude = ["curl"]\n')
    (root / ".security-hooks/rules/own.rules").write_text(
        'allow "own-tool"\n  match command("own")\nblock "worse"\n  match command("worse")\n'
    )
    return root


@pytest.fixture
def run(tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `trust` in the project; `typed` is what a person at a terminal types, None without a terminal."""
    monkeypatch.chdir(project)
    monkeypatch.setattr(directories, "SYSTEM_DIR", tmp_path / "system")

    def call(*words: str, typed: str | None = None) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO() if typed is None else Terminal(typed))
        given = ["trust", *words, "--state-dir", str(tmp_path / "state"), "--config-dir", str(tmp_path / "user")]
        status = main.main(given)
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


def is_trusted(tmp_path: Path, project: Path) -> bool:
    store, _ = read_trust(tmp_path / "state")
    return trusts(store, str(project), read_project(project))


def test_person_sees_what_trust_would_do_and_agrees(run: Run, tmp_path: Path, project: Path) -> None:
    status, out, err = run(typed="y\n")
    assert status == 0
    assert "Trust these files? [y/N]" in err
    assert "config.toml" in out and "rules/own.rules" in out
    assert "executables.allowed: adds deno9" in out and "curl" not in out
    assert 'allow "own-tool"  rules/own.rules' in out and "worse" not in out
    assert is_trusted(tmp_path, project)
    assert (tmp_path / "state/trust.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("typed", ["\n", "n\n", "", "nyes\n"])
def test_anything_but_yes_is_no(run: Run, tmp_path: Path, typed: str) -> None:
    assert run(typed=typed)[0] == 1
    assert not (tmp_path / "state").exists()


def test_without_a_terminal_it_refuses_unless_told(run: Run, tmp_path: Path, project: Path) -> None:
    status, _, err = run()
    assert status == 64
    assert "only a person at a terminal" in err
    assert not (tmp_path / "state").exists()
    assert run("--yes")[0] == 0
    assert is_trusted(tmp_path, project)


def test_changed_bytes_are_not_trusted(run: Run, tmp_path: Path, project: Path) -> None:
    run("--yes")
    (project / ".security-hooks/rules/own.rules").write_text("")
    assert not is_trusted(tmp_path, project)
    assert run()[0] == 64


def test_list_and_revoke(run: Run, tmp_path: Path, project: Path) -> None:
    assert run("--list")[:2] == (0, "")
    run("--yes")
    assert str(project) in run("--list")[1]
    assert json.loads(run("--list", "--json")[1])["projects"][0]["root"] == str(project)
    assert run("--revoke")[0] == 0
    assert not is_trusted(tmp_path, project)
    assert run("--revoke", "--json")[0] == 1


def test_json_report(run: Run) -> None:
    status, out, _ = run("--yes", "--json")
    report = json.loads(out)
    assert status == 0
    assert report["trusted"] is True and report["changed"] is True
    assert [file["name"] for file in report["files"]] == ["config.toml", "rules/own.rules"]
    assert report["rules"] == [{"tier": "allow", "name": "own-tool", "file": "rules/own.rules"}]
    assert json.loads(run("--yes", "--json")[1])["changed"] is False


def test_directory_must_be_a_project_with_files(run: Run, tmp_path: Path, project: Path) -> None:
    assert run(str(tmp_path / "none"), "--yes")[0] == 64
    assert run(str(project / ".security-hooks"), "--yes")[0] == 64
    (tmp_path / "work/other/.git").mkdir(parents=True)
    assert run(str(tmp_path / "work/other"), "--yes")[0] == 64
    (tmp_path / "link").symlink_to(project)
    assert run(str(tmp_path / "link"), "--yes")[0] == 0
    assert is_trusted(tmp_path, project)


def test_what_a_hostile_project_prints_is_harmless(run: Run, project: Path) -> None:
    (project / ".security-hooks/a\x1b[31m.toml").write_text("")
    (project / ".security-hooks/config.toml").write_text('"\\u001b[2J" = 1\n[executables]\nappend = ["\u202ex"]\n')
    (project / ".security-hooks/rules/own.rules").write_text('allow "x\x1b[0m"\n  match command("y")\n')
    _, out, err = run("--yes")
    assert all(line.isprintable() for line in (out + err).splitlines())


def test_corrupt_store_is_told_and_replaced(run: Run, tmp_path: Path, project: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state/trust.json").write_text("{")
    status, _, err = run("--yes")
    assert status == 0
    assert "no project is trusted" in err
    assert is_trusted(tmp_path, project)

"""`security-hooks config`: what it prints, what it writes, how it ends."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from security_hooks.cli import main
from security_hooks.service import directories

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `config` in an empty project, with every directory under `tmp_path`."""
    project = tmp_path / "work/project"
    (project / ".git").mkdir(parents=True)
    monkeypatch.chdir(project)
    monkeypatch.setattr(directories, "SYSTEM_DIR", tmp_path / "system")

    def call(*words: str) -> tuple[int, str, str]:
        given = ["config", *words, "--config-dir", str(tmp_path / "user"), "--state-dir", str(tmp_path / "state")]
        status = main.main(given)
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_show_prints_values_with_their_origin_and_lock(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "system/config.toml", "locked = ['mode']")
    write(tmp_path / "user/config.toml", "[limits]\nconcurrent = 7")
    status, out, err = run("show", "--origin")
    assert (status, err) == (0, "")
    lines = dict(line.split(" = ", 1) for line in out.splitlines())
    assert lines["limits.concurrent"].startswith("7  # from ")
    assert lines["limits.concurrent"].endswith("user/config.toml")
    assert lines["mode"].endswith("config.toml; locked")
    assert lines["executables.allowed"].count("more]") == 1


def test_show_one_key_or_section(run: Run) -> None:
    status, out, _ = run("show", "executables.allowed")
    assert status == 0
    assert '\n  "git",\n' in out
    status, out, _ = run("show", "audit")
    assert out.startswith("audit.content = ")
    assert run("show", "nothing")[0] == 64


def test_show_as_json(run: Run) -> None:
    status, out, _ = run("show", "--json")
    keys = {entry["key"]: entry for entry in json.loads(out)["keys"]}
    assert status == 0
    assert keys["mode"]["value"] == "enforce"
    assert keys["mode"]["locked"] is False
    assert len(keys["executables.allowed"]["value"]) > 500


def test_show_refuses_a_broken_configuration_with_every_fault(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "user/config.toml", "[limits]\nconcurrent = 'x'\nfoo = 1")
    status, out, err = run("show")
    assert (status, out) == (65, "")
    assert "config.toml:2:1" in err and "config.toml:3:1" in err


def test_path_lists_layers_with_their_state(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "work/project/.security-hooks/config.toml", "")
    _, out, _ = run("path")
    rows = [line.split() for line in out.splitlines()]
    assert [row[0] for row in rows] == [name for name in ("shipped", "system", "user", "project") for _ in range(2)]
    assert rows[0][1] == "there" and rows[2][1] == "missing"
    assert rows[6][1:] == ["there", str(tmp_path / "work/project/.security-hooks/config.toml") + ",", "not", "trusted"]
    _, out, _ = run("path", "--json")
    assert json.loads(out)["layers"][6]["trusted"] is False


def test_check_tells_warnings_from_errors(run: Run, tmp_path: Path) -> None:
    assert run("check")[:2] == (0, "1 layers can be used\n")
    mine = write(tmp_path / "user/config.toml", "[executables]\nexclude = ['nope']")
    status, out, _ = run("check")
    assert status == 0
    assert out.startswith(f"warning: {mine}:2:12: `nope` is not in")
    mine.write_text("[executable]\n")
    status, out, _ = run("check", "--json")
    report = json.loads(out)
    assert (status, report["usable"]) == (65, False)
    assert report["diagnostics"][0]["hint"] == "did you mean `executables`?"


def test_add_and_remove_edit_the_users_file_and_print_the_difference(run: Run, tmp_path: Path) -> None:
    mine = tmp_path / "user/config.toml"
    status, out, _ = run("add", "executables.allowed", "deno9", "my-tool")
    assert status == 0
    assert "+append = [" in out
    assert mine.stat().st_mode & 0o777 == 0o600
    mine.write_text("# keep me\n" + mine.read_text())
    status, out, _ = run("remove", "executables.allowed", "deno9", "curl")
    assert status == 0
    assert '+exclude = ["curl"]' in out
    assert "# keep me" in mine.read_text() and "deno9" not in mine.read_text()
    status, out, _ = run("add", "executables.allowed", "my-tool")
    assert (status, out) == (0, f"{mine} needs no change\n")
    status, out, _ = run("add", "rules.disabled", "x", "--json")
    assert json.loads(out)["changed"] is True


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("add", "mode", "observe"), 64),
        (("add", "executables.alowed", "x"), 64),
        (("add", "executables.allowed", "a/b"), 64),
        (("add", "executables.allowed"), 64),
        (("add", "lists.sensitive_paths", "x"), 65),
        (("frobnicate",), 64),
    ],
)
def test_senseless_edits_are_refused_and_write_nothing(
    run: Run, tmp_path: Path, words: tuple[str, ...], status: int
) -> None:
    try:
        ended = run(*words)[0]
    except SystemExit as error:
        ended = int(str(error.code))
    assert ended == status
    assert not (tmp_path / "user").exists()


@pytest.mark.parametrize("text", ["[executables", "[limits]\nconcurrent = 0\n", "\udcff"])
def test_file_with_faults_is_not_edited(run: Run, tmp_path: Path, text: str) -> None:
    mine = tmp_path / "user/config.toml"
    mine.parent.mkdir()
    before = text.encode("utf-8", "surrogateescape")
    mine.write_bytes(before)
    assert run("add", "executables.allowed", "x")[0] == 65
    assert mine.read_bytes() == before


def test_locked_list_is_not_edited(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "system/config.toml", "locked = ['executables.allowed']")
    status, _, err = run("add", "executables.allowed", "deno9")
    assert status == 65
    assert "locked by the system configuration" in err
    assert run("remove", "executables.allowed", "curl")[0] == 0


def test_a_linked_file_stays_a_link_and_keeps_its_mode(run: Run, tmp_path: Path) -> None:
    target = write(tmp_path / "dotfiles/hooks.toml", "# mine\n")
    target.chmod(0o644)
    (tmp_path / "user").mkdir()
    (tmp_path / "user/config.toml").symlink_to(target)
    assert run("add", "rules.disabled", "x")[0] == 0
    assert (tmp_path / "user/config.toml").is_symlink()
    assert "disabled" in target.read_text()
    assert target.stat().st_mode & 0o777 == 0o644


def test_reference_is_printed(run: Run) -> None:
    status, out, _ = run("reference")
    assert status == 0
    assert out.startswith("### `mode`\n")

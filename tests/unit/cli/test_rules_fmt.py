"""`security-hooks rules fmt`, in this process."""

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from security_hooks.cli.command import Exit
from security_hooks.cli.main import main

UGLY = '\nblock   "x"\n match command( "a","b" )\n# c\n'
NICE = 'block "x"\n  match command("a", "b")\n# c\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "u.rules"
    path.write_text(UGLY)
    return path


def test_a_file_is_laid_out_and_keeps_its_mode_and_its_link(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.chmod(0o640)
    link = file.with_name("l.rules")
    link.symlink_to(file)
    assert main(["rules", "fmt", str(link)]) == Exit.OK
    assert capsys.readouterr().out == f"{link} formatted\n"
    assert (file.read_text(), file.stat().st_mode & 0o777, link.is_symlink()) == (NICE, 0o640, True)


def test_a_file_that_is_laid_out_is_not_written(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(NICE)
    before = file.stat()
    assert main(["rules", "fmt", str(file.parent)]) == Exit.OK
    assert capsys.readouterr().out == ""
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_check_names_files_and_changes_none(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "fmt", "--check", str(file.parent)]) == Exit.NO
    assert capsys.readouterr().out == f"{file} is not formatted\n"
    assert file.read_text() == UGLY
    file.write_text(NICE)
    assert main(["rules", "fmt", "--check", str(file)]) == Exit.OK


def test_diff_prints_what_would_change(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "fmt", "--diff", str(file)]) == Exit.OK
    out = capsys.readouterr().out
    assert '- match command( "a","b" )\n' in out
    assert '+  match command("a", "b")\n' in out
    assert "\x1b" not in out
    assert file.read_text() == UGLY


def test_json_tells_the_files_and_their_diffs(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "fmt", "--json", "--check", str(file)]) == Exit.NO
    report = json.loads(capsys.readouterr().out)
    assert (report["files"], report["changed"][0]["file"]) == (1, str(file))
    assert report["changed"][0]["diff"].startswith("---")


def test_standard_input_goes_to_standard_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(UGLY.replace("\n", "\r\n").encode())))
    assert main(["rules", "fmt", "-"]) == Exit.OK
    assert capsys.readouterr().out == NICE
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(UGLY.encode())))
    assert main(["rules", "fmt", "--check", "-"]) == Exit.NO
    assert capsys.readouterr().out == "standard input is not formatted\n"


def test_what_does_not_parse_is_refused_and_then_nothing_is_written(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = file.with_name("bad.rules")
    bad.write_text('block\nblock "x"\n  match (\n')
    assert main(["rules", "fmt", str(file), str(bad)]) == Exit.POLICY
    err = capsys.readouterr().err
    assert f"{bad}:1:" in err
    assert file.read_text() == UGLY
    bad.write_bytes(b"\xff")
    assert main(["rules", "fmt", str(bad)]) == Exit.POLICY

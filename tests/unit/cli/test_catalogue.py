"""`security-hooks catalogue show|lint`, in this process."""

import argparse
import json
import tomllib
from pathlib import Path

import pytest

from security_hooks.catalogue.load import load, shipped
from security_hooks.cli.catalogue import COMMAND
from security_hooks.cli.command import Exit
from security_hooks.model.diagnostic import PolicyError

MINE = (
    'schema = 2\n\n[command.frob]\naliases = ["fr"]\noperands = ["write:FILE"]\n[command.frob.sub.go]\nstops = true\n'
)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "config/catalogue").mkdir(parents=True)
    return tmp_path / "config"


def run(config: Path, *words: str) -> int:
    parser = argparse.ArgumentParser()
    COMMAND.add_arguments(parser)
    places = ["--config-dir", str(config), "--state-dir", str(config.parent / "state")]
    return COMMAND.run(parser.parse_args([words[0], *places, *words[1:]]))


def test_show_prints_a_file_that_says_the_same(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(config, "show", "grm") == Exit.OK
    out = capsys.readouterr().out
    assert out.startswith("# rm: coreutils.toml:")
    assert "(shipped)" in out.splitlines()[0]
    assert load({"a.toml": out.encode()}).commands["rm"] == shipped().commands["rm"]


def test_show_says_which_file_holds(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (config / "catalogue/a.toml").write_text(MINE + "[command.rm]\n")
    (config / "catalogue/b.toml").write_text("schema = 2\n[command.rm]\nstops = true\n")
    assert run(config, "show", "fr") == Exit.OK
    assert capsys.readouterr().out.startswith(f"# frob: {config}/catalogue/a.toml:3 (user)\n")
    assert run(config, "show", "rm", "--json") == Exit.OK
    assert json.loads(capsys.readouterr().out) == {
        "name": ["rm"],
        "layer": "user",
        "file": f"{config}/catalogue/b.toml",
        "line": 2,
        "entry": {"stops": True},
    }
    assert run(config, "show", "rm") == Exit.OK
    assert "in place of the shipped entry" in capsys.readouterr().out


def test_show_goes_down_to_subcommands(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (config / "catalogue/a.toml").write_text(MINE)
    assert run(config, "show", "frob", "go") == Exit.OK
    out = capsys.readouterr().out
    assert out.startswith("# frob go: ")
    assert tomllib.loads(out) == {"schema": 2, "command": {"frob": {"sub": {"go": {"stops": True}}}}}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("kubctl",), "nothing is known of `kubctl`; did you mean `kubectl`?\n"),
        (("git", "pussh"), "nothing is known of `git pussh`; did you mean `push`?\n"),
        (("qqqqqqqq",), "nothing is known of `qqqqqqqq`\n"),
    ],
)
def test_what_is_not_known_is_a_no(
    config: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    assert run(config, "show", *words) == Exit.NO
    assert capsys.readouterr().out == said


def test_show_refuses_a_catalogue_that_is_not_in_force(config: Path) -> None:
    (config / "catalogue/a.toml").write_text("schema = 1\n")
    with pytest.raises(PolicyError):
        run(config, "show", "rm")


def test_lint_tells_mistakes_and_what_is_replaced(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(config, "lint") == Exit.OK
    assert capsys.readouterr().out == ""
    (config / "catalogue/a.toml").write_text("schema = 2\n[command.rm]\n")
    assert run(config, "lint") == Exit.OK
    out = capsys.readouterr().out
    assert out.startswith(
        f"warning: {config}/catalogue/a.toml:2:1: the entry for `rm` replaces the shipped one, whole; "
    )
    (config / "catalogue/b.toml").write_text("schema = 2\n[command.x]\nstops = 1\n")
    assert run(config, "lint", "--json") == Exit.POLICY
    first, second = json.loads(capsys.readouterr().out)
    assert (first["level"], first["line"], first["column"], first["code"]) == ("error", 3, 1, "type")
    assert second["level"] == "warning"


def test_lint_takes_files_instead(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (config / "catalogue/a.toml").write_text("nonsense")
    (tmp_path / "mine.toml").write_text(MINE)
    assert run(config, "lint", str(tmp_path / "mine.toml")) == Exit.OK
    assert capsys.readouterr().out == ""
    with pytest.raises(PolicyError, match="cannot be read"):
        run(config, "lint", str(tmp_path / "nowhere.toml"))


def test_lint_tells_a_file_that_cannot_be_read(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (config / "catalogue/a.toml").symlink_to("/nowhere")
    assert run(config, "lint") == Exit.POLICY
    assert "leads nowhere" in capsys.readouterr().out

"""`security-hooks lsp` without what it needs."""

import argparse
import subprocess
import sys

import pytest

from security_hooks.cli import lsp, main
from security_hooks.cli.command import Exit
from security_hooks.cli.lsp import COMMAND


def test_it_says_which_extra_is_missing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(lsp, "NEEDED", "no_such_package_anywhere")
    assert main.main(["lsp"]) == Exit.USAGE
    assert "pip install 'security-hooks[lsp]'" in capsys.readouterr().err


def test_the_words_that_editors_pass_are_taken() -> None:
    parser = argparse.ArgumentParser()
    COMMAND.add_arguments(parser)
    assert parser.parse_args(["--stdio", "--config-dir", "x"]).config_dir.name == "x"


def test_to_name_the_command_does_not_load_the_protocol() -> None:
    # The modules of this process say nothing: other tests may have loaded it.
    code = "import sys, security_hooks.cli.lsp; sys.exit('pygls' in sys.modules or 'lsprotocol' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0

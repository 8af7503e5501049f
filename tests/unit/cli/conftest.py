"""The verbs of `rules`, run in this process with a configuration of their own."""

import argparse
from collections.abc import Callable
from pathlib import Path

import pytest

from security_hooks.cli.rules import COMMAND

RULE = 'block "mine"\n  match command("frob")\n  nudge "no"\n  tags "t"\n  example stop "frob"\n  example pass "ls"\n'
WITHOUT_POLICY = ("fmt",)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A person's configuration with one rule, `mine`, in `rules/u.rules`."""
    (tmp_path / "config/rules").mkdir(parents=True)
    (tmp_path / "config/rules/u.rules").write_text(RULE)
    return tmp_path / "config"


@pytest.fixture
def rules() -> Callable[..., int]:
    """`rules(CONFIG, VERB, WORD, ...)` runs one verb and gives its exit status."""

    def run(config: Path, verb: str, *words: str) -> int:
        parser = argparse.ArgumentParser()
        COMMAND.add_arguments(parser)
        places = ["--config-dir", str(config), "--state-dir", str(config.parent / "state")]
        arguments = parser.parse_args([verb, *([] if verb in WITHOUT_POLICY else places), *words])
        return COMMAND.run(arguments)

    return run

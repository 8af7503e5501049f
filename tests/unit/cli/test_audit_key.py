import argparse
import json
from pathlib import Path

import pytest

from security_hooks.audit.failure import AuditError
from security_hooks.audit.keys import own_key, public_key
from security_hooks.cli.audit import COMMAND


def run(state: Path, *words: str) -> int:
    parser = argparse.ArgumentParser()
    COMMAND.add_arguments(parser)
    return COMMAND.run(parser.parse_args(["key", *words, "--state-dir", str(state)]))


def test_the_public_half_is_printed_and_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = own_key(tmp_path)
    assert run(tmp_path) == 0
    (tmp_path / "printed").write_text(capsys.readouterr().out)
    assert public_key(tmp_path / "printed").id == key.public.id
    assert run(tmp_path, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said == {"id": key.public.id, "algorithm": "Ed25519", "pem": key.public.pem().decode()}


def test_without_a_key_it_says_who_makes_one(tmp_path: Path) -> None:
    with pytest.raises(AuditError, match="the daemon makes it: run `security-hooks start`"):
        run(tmp_path)

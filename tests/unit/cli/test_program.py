import sys
from pathlib import Path

import pytest

from security_hooks.cli.program import program
from security_hooks.model.failure import StartupError


def test_the_program_is_beside_the_interpreter() -> None:
    assert program() == Path(sys.executable).parent / "security-hooks"
    assert program().is_absolute()


def test_a_program_that_is_missing_is_one_clear_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(StartupError, match="pip install"):
        program()

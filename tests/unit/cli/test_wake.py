import json
from pathlib import Path
from typing import Any

import pytest

from security_hooks.cli.main import main


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        ({"woken": True}, 0, "awake again"),
        ({"woken": False}, 1, "did not nap"),
        ({"refused": "only a person decides this"}, 64, ""),
    ],
)
def test_a_nap_is_ended(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], answer: dict[str, Any], status: int, said: str
) -> None:
    monkeypatch.setattr("security_hooks.cli.wake.ask_json", lambda *_, owner: answer)
    monkeypatch.setattr("security_hooks.cli.wake.require_person", lambda _: None)
    assert main(["wake"]) == status
    assert said in capsys.readouterr().out
    assert main(["wake", "--json"]) == status
    if status != 64:
        assert json.loads(capsys.readouterr().out) == answer


def test_only_from_a_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("security_hooks.cli.terminal.TERMINAL", tmp_path / "none")
    assert main(["wake", "--socket", str(tmp_path / "s")]) == 64

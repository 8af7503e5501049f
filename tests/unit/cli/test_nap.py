import json
from pathlib import Path
from typing import Any

import pytest

from security_hooks.cli.main import main


class Answering:
    def __init__(self, monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any]) -> None:
        self.asked: list[bytes] = []
        self.answer = answer
        monkeypatch.setattr("security_hooks.cli.nap.ask_json", self._ask)
        monkeypatch.setattr("security_hooks.cli.nap.require_person", lambda _: None)

    def _ask(self, *_: object, payload: bytes, owner: int | None) -> dict[str, Any]:
        self.asked.append(payload)
        return self.answer


@pytest.mark.parametrize(("words", "seconds"), [([], b"600"), (["90s"], b"90"), (["1h"], b"3600")])
def test_a_nap_is_ten_minutes_or_what_is_said(
    monkeypatch: pytest.MonkeyPatch, words: list[str], seconds: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    daemon = Answering(monkeypatch, {"napping": True, "seconds": int(seconds)})
    assert main(["nap", *words]) == 0
    assert daemon.asked == [seconds]
    assert "security-hooks wake" in capsys.readouterr().out
    assert main(["nap", *words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["napping"]


def test_what_is_no_time_or_refused_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    daemon = Answering(monkeypatch, {"refused": "that is longer than 60 minutes"})
    assert main(["nap", "soon"]) == 64
    assert daemon.asked == []
    assert main(["nap", "9h"]) == 64
    assert "longer than 60 minutes" in capsys.readouterr().err


def test_only_from_a_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("security_hooks.cli.terminal.TERMINAL", tmp_path / "none")
    assert main(["nap", "--socket", str(tmp_path / "s")]) == 64

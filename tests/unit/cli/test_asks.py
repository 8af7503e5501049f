import json
from typing import Any

import pytest

from security_hooks.cli import asks
from security_hooks.cli.main import main

ASK: dict[str, Any] = {
    "code": "K7M2RWQ4",
    "client": "codex-cli",
    "project": None,
    "rules": ["frob", "unknown-executable"],
    "text": "Bash: frob \x1b[31m",
    "age_seconds": 5,
}


def says(monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any]) -> None:
    monkeypatch.setattr(asks, "require_person", lambda _: None)
    monkeypatch.setattr(asks, "ask_json", lambda *_: answer)


def test_what_waits_is_listed_and_nothing_in_it_moves_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    says(monkeypatch, {"asks": [ASK]})
    assert main(["asks", "--socket", "/run/s"]) == 0
    head, row = capsys.readouterr().out.splitlines()
    assert head.split() == ["code", "age", "client", "project", "rule", "call"]
    assert row == "K7M2RWQ4  5 s  codex-cli  -        frob,unknown-executable  Bash: frob \\x1b[31m"


def test_json_is_what_the_daemon_says(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    says(monkeypatch, {"asks": [ASK]})
    assert main(["asks", "--json", "--socket", "/run/s"]) == 0
    assert json.loads(capsys.readouterr().out) == [ASK]


def test_nothing_waits(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    says(monkeypatch, {"asks": []})
    assert main(["asks", "--socket", "/run/s"]) == 0
    assert capsys.readouterr().out == "nothing waits for you\n"


def test_a_refusal_of_the_daemon_ends_in_64(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    says(monkeypatch, {"refused": "only a person decides this"})
    assert main(["asks", "--socket", "/run/s"]) == 64
    assert capsys.readouterr().err == "security-hooks: only a person decides this\n"

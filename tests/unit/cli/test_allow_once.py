import json
from pathlib import Path
from typing import Any

import pytest

from security_hooks.cli import allow_once
from security_hooks.cli.main import main

PERMITTED: dict[str, Any] = {
    "permitted": {"client": "codex-cli", "text": "Bash: frob \x1b[31m"},
    "seconds": 600.0,
}
UNKNOWN: dict[str, Any] = {"refused": "no ask has this code", "unknown": True}
SOCKET = ["--socket", "/run/s"]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The codes that the daemon was asked about; it permits each."""
    return says(monkeypatch, PERMITTED)


def says(monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any]) -> list[bytes]:
    codes: list[bytes] = []

    def ask_json(*_: object, payload: bytes) -> dict[str, Any]:
        codes.append(payload)
        return answer

    monkeypatch.setattr(allow_once, "require_person", lambda _: None)
    monkeypatch.setattr(allow_once, "ask_json", ask_json)
    return codes


def test_a_permitted_call_is_named(asked: list[bytes], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["allow-once", "k7m2rwq4", *SOCKET]) == 0
    assert asked == [b"k7m2rwq4"]
    first, second = capsys.readouterr().out.splitlines()
    assert first == "permitted once: codex-cli: Bash: frob \\x1b[31m"
    assert "within 10 minutes" in second


def test_json_is_what_the_daemon_says(asked: list[bytes], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["allow-once", "K7M2RWQ4", "--json", *SOCKET]) == 0
    assert json.loads(capsys.readouterr().out) == PERMITTED


def test_without_a_code_it_is_asked_for(asked: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allow_once, "typed", lambda _: "ABCDEFGH")
    assert main(["allow-once", *SOCKET]) == 0
    assert asked == [b"ABCDEFGH"]


@pytest.mark.parametrize("code", ["", "no code", "\u00e9", "A\nB"])
def test_what_is_no_code_is_not_sent(asked: list[bytes], code: str) -> None:
    assert main(["allow-once", code, *SOCKET]) == 64
    assert asked == []


def test_a_code_that_no_ask_has_ends_in_1(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    says(monkeypatch, UNKNOWN)
    assert main(["allow-once", "K7M2RWQ4", *SOCKET]) == 1
    assert capsys.readouterr().out == "no ask has this code\n"


def test_a_refusal_of_the_daemon_ends_in_64(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    says(monkeypatch, {"refused": "only a person decides this"})
    assert main(["allow-once", "K7M2RWQ4", *SOCKET]) == 64
    assert capsys.readouterr().err == "security-hooks: only a person decides this\n"


def test_without_a_daemon_it_ends_in_69(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(allow_once, "require_person", lambda _: None)
    assert main(["allow-once", "K7M2RWQ4", "--socket", str(tmp_path / "none")]) == 69
    assert "start it with `security-hooks serve`" in capsys.readouterr().err

import json
from pathlib import Path
from typing import Any

import pytest

from security_hooks.cli.main import main
from security_hooks.service import wire

GRANT = {
    "id": "K7M2",
    "project": "/p",
    "said": "allow push",
    "by": "terminal",
    "until": 1_000,
    "seconds_left": 590,
    "client": "",
}


class Answering:
    """A daemon that answers what it is told to, and notes what it was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any]) -> None:
        self.asked: list[tuple[str, bytes]] = []
        self.answer = answer
        monkeypatch.setattr("security_hooks.cli.grants.ask_json", self._ask)
        monkeypatch.setattr("security_hooks.cli.grants.require_person", lambda _: None)

    def _ask(self, path: Path, name: str, *keys: str, payload: bytes = b"", owner: int | None = None) -> dict[str, Any]:
        self.asked.append((name, payload))
        return self.answer


def test_what_is_granted_is_listed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    Answering(monkeypatch, {"grants": [GRANT]})
    assert main(["grants"]) == 0
    head, row = capsys.readouterr().out.splitlines()
    assert head.split() == ["id", "left", "by", "project", "grant"]
    assert row.split() == ["K7M2", "590", "s", "terminal", "/p", "allow", "push"]
    assert main(["grants", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [GRANT]


def test_nothing_granted_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    Answering(monkeypatch, {"grants": []})
    assert main(["grants"]) == 0
    assert "nothing is granted" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["allow push 10m"], "allow push 10m"),
        (["allow", "push", "10m"], "allow push 10m"),
        (["forbid", "writes", "to", "a b"], 'forbid writes to "a b"'),
        (['allow commands "npm publish"'], 'allow commands "npm publish"'),
        (["allow", "commands", "npm publish"], 'allow commands "npm publish"'),
    ],
)
def test_words_may_be_one_or_many(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: list[str], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    daemon = Answering(monkeypatch, {"granted": GRANT})
    assert main(["grants", "add", *words, "--project", str(tmp_path)]) == 0
    ((name, payload),) = daemon.asked
    assert (name, json.loads(payload)) == (wire.GRANT, {"text": text, "directory": str(tmp_path)})
    assert "granted: allow push in /p (K7M2), for 590 s" in capsys.readouterr().out


def test_what_is_not_understood_never_reaches_the_daemon(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    daemon = Answering(monkeypatch, {})
    assert main(["grants", "add", "allow everything"]) == 64
    assert "`everything` is not a word" in capsys.readouterr().err
    assert daemon.asked == []


@pytest.mark.parametrize(
    ("words", "answer", "status"),
    [
        (["add", "allow push"], {"refused": "no rule", "unknown": True}, 1),
        (["add", "allow push"], {"refused": "only a person decides this"}, 64),
        (["revoke", "K7M2"], {"revoked": "allow push"}, 0),
        (["revoke", "K7M2"], {"refused": "no grant", "unknown": True}, 1),
        (["revoke", "not-an-id"], {}, 64),
    ],
)
def test_what_became_of_it_is_the_exit_status(
    monkeypatch: pytest.MonkeyPatch, words: list[str], answer: dict[str, Any], status: int
) -> None:
    Answering(monkeypatch, answer)
    assert main(["grants", *words]) == status


def test_only_from_a_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("security_hooks.cli.terminal.TERMINAL", tmp_path / "none")
    for words in (["add", "allow push"], ["revoke", "K7M2"]):
        assert main(["grants", *words, "--socket", str(tmp_path / "s")]) == 64


def test_without_a_daemon(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["grants", "--socket", str(tmp_path / "s")]) == 69
    assert "start it with `security-hooks start`" in capsys.readouterr().err

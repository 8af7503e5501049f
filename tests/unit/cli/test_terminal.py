import os
import pty
from collections.abc import Iterator
from pathlib import Path

import pytest

from security_hooks.cli import terminal
from security_hooks.model.failure import StartupError


@pytest.fixture
def keyboard(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The other end of the terminal that commands find."""
    master, slave = pty.openpty()
    monkeypatch.setattr(terminal, "TERMINAL", Path(os.ttyname(slave)))
    yield master
    os.close(master)
    os.close(slave)


def test_a_person_at_a_terminal_is_let_through(keyboard: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "objection", lambda _: None)
    terminal.require_person("`x`")


def test_without_a_terminal_nobody_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "TERMINAL", tmp_path / "none")
    monkeypatch.setattr(terminal, "objection", lambda _: None)
    with pytest.raises(StartupError, match="`x` is for a person: run it in a terminal of your own") as raised:
        terminal.require_person("`x`")
    assert raised.value.exit_status == 64


def test_below_an_agent_nobody_is(keyboard: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "objection", lambda _: "process 7 above is codex-cli")
    with pytest.raises(StartupError, match="process 7 above is codex-cli") as raised:
        terminal.require_person("`x`")
    assert raised.value.exit_status == 64


def test_a_line_is_typed_at_the_terminal_whatever_the_streams_are(keyboard: int) -> None:
    os.write(keyboard, b" K7M2RWQ4 \n")
    assert terminal.typed("code: ") == "K7M2RWQ4"
    assert b"code: " in os.read(keyboard, 100)


def test_a_terminal_that_is_gone_is_one_clear_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "TERMINAL", tmp_path / "none")
    with pytest.raises(StartupError, match="the terminal cannot be read") as raised:
        terminal.typed("code: ")
    assert raised.value.exit_status == 64

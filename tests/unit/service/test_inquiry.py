import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from security_hooks.model.failure import StartupError
from security_hooks.service import inquiry
from security_hooks.service.peer import Peer


@contextmanager
def daemon(path: Path, answer: bytes, heard: list[bytes] | None = None) -> Iterator[None]:
    """A daemon that answers one question."""

    def serve() -> None:
        connection, _ = listening.accept()
        with connection:
            question = b""
            while chunk := connection.recv(65_536):
                question += chunk
            if heard is not None:
                heard.append(question)
            with suppress(BrokenPipeError):
                connection.sendall(answer)

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(str(path))
        listening.listen()
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield
        thread.join(20)


def test_a_question_is_asked_and_answered(tmp_path: Path) -> None:
    heard: list[bytes] = []
    with daemon(tmp_path / "s", b"x" * 300_000, heard):
        assert inquiry.ask(tmp_path / "s", "@status", b"more") == b"x" * 300_000
    assert heard == [b"SH1 @status\nmore"]


def test_a_report_is_read(tmp_path: Path) -> None:
    with daemon(tmp_path / "s", b'{"well": true}'):
        assert inquiry.ask_status(tmp_path / "s") == {"well": True}


@pytest.mark.parametrize("answer", [b"", b"nonsense", b"[]", b"{}", b"null"])
def test_what_is_no_report_is_one_clear_sentence(tmp_path: Path, answer: bytes) -> None:
    with daemon(tmp_path / "s", answer), pytest.raises(StartupError, match="no readable answer") as raised:
        inquiry.ask_status(tmp_path / "s")
    assert raised.value.exit_status == 69


@pytest.mark.parametrize(
    "make", [lambda path: None, Path.touch, Path.mkdir], ids=["nothing there", "a file", "a directory"]
)
def test_without_a_daemon_it_says_how_to_start_one(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "s")
    with pytest.raises(StartupError, match="start it with `security-hooks start`") as raised:
        inquiry.ask(tmp_path / "s", "@status")
    assert raised.value.exit_status == 69


def test_a_daemon_that_does_not_answer_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inquiry, "SECONDS", 0.01)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as silent:
        silent.bind(str(tmp_path / "s"))
        silent.listen(0)
        with pytest.raises(StartupError, match="does not answer"):
            inquiry.ask(tmp_path / "s", "@status")
        # Its backlog is full now.
        with pytest.raises(StartupError, match="does not answer"):
            inquiry.ask(tmp_path / "s", "@status")


def test_a_daemon_of_another_user_is_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inquiry, "peer_of", lambda _: Peer(os.getuid() + 1, 1))
    heard: list[bytes] = []
    with daemon(tmp_path / "s", b"{}", heard), pytest.raises(StartupError, match="another user"):
        inquiry.ask(tmp_path / "s", "@status")
    assert heard == [b""]


def test_a_given_socket_wins_and_becomes_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert inquiry.socket_path(Path("run/s")) == tmp_path / "run/s"


def test_without_a_home_it_asks_for_a_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inquiry, "default_socket", lambda _: None)
    with pytest.raises(StartupError, match="--socket") as raised:
        inquiry.socket_path(None)
    assert raised.value.exit_status == 64

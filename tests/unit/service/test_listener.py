import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from security_hooks.model.failure import StartupError
from security_hooks.service import listener


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run" / "hook.sock"


@pytest.fixture
def listening(path: Path) -> Iterator[listener.Listener]:
    made = listener.listen(path, os.getuid())
    yield made
    made.socket.close()
    made.release()


def connect(path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.connect(str(path))


def test_the_socket_and_its_directory_are_private(listening: listener.Listener) -> None:
    assert listening.path.stat().st_mode & 0o777 == 0o600
    assert listening.path.parent.stat().st_mode & 0o777 == 0o700
    connect(listening.path)


def test_a_second_daemon_is_refused(listening: listener.Listener) -> None:
    with pytest.raises(StartupError, match="another daemon already serves"):
        listener.listen(listening.path, os.getuid())
    connect(listening.path)


def test_a_stale_socket_is_taken_over(path: Path) -> None:
    path.parent.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dead:
        dead.bind(str(path))
    made = listener.listen(path, os.getuid())
    connect(path)
    made.close()
    made.release()
    assert not path.exists()


def test_a_socket_that_another_program_serves_is_left_alone(path: Path) -> None:
    path.parent.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as other:
        other.bind(str(path))
        other.listen()
        with pytest.raises(StartupError, match="another program already serves"):
            listener.listen(path, os.getuid())
        connect(path)


def test_a_file_in_the_sockets_place_is_left_alone(path: Path) -> None:
    path.parent.mkdir(mode=0o700)
    path.write_text("mine")
    with pytest.raises(StartupError, match="is no socket"):
        listener.listen(path, os.getuid())
    assert path.read_text() == "mine"


def test_a_failed_start_leaves_no_lock_behind(path: Path) -> None:
    path.parent.mkdir(mode=0o700)
    path.write_text("mine")
    for _ in range(2):
        with pytest.raises(StartupError, match="is no socket"):
            listener.listen(path, os.getuid())


@pytest.mark.parametrize(("mode", "refused"), [(0o777, True), (0o770, True), (0o1777, False), (0o755, False)])
def test_a_directory_that_others_may_write_to_is_refused(path: Path, mode: int, refused: bool) -> None:
    path.parent.mkdir()
    path.parent.chmod(mode)
    if refused:
        with pytest.raises(StartupError, match="others may write"):
            listener.listen(path, os.getuid())
    else:
        made = listener.listen(path, os.getuid())
        made.close()
        made.release()


def test_a_directory_of_another_user_is_refused(path: Path) -> None:
    path.parent.mkdir()
    owner = os.getuid() + 1
    if os.getuid() == 0:
        os.chown(path.parent, 65534, 65534)
        owner = 1
    with pytest.raises(StartupError, match="belongs to another user"):
        listener.listen(path, owner)


def test_a_path_too_long_for_a_socket_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match="give another --socket"):
        listener.listen(tmp_path / ("x" * 120), os.getuid())


def test_a_socket_that_was_taken_away_is_made_again(listening: listener.Listener) -> None:
    listening.path.unlink()
    assert not listening.is_in_place()
    again = listener.rebind(listening, os.getuid())
    assert again.is_in_place()
    connect(again.path)
    again.socket.close()


def test_closing_leaves_a_successors_socket_in_place(listening: listener.Listener) -> None:
    again = listener.rebind(listening, os.getuid())
    listening.close()
    assert again.is_in_place()
    again.socket.close()


def test_an_inherited_socket_must_be_a_unix_stream_socket() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as wrong,
        pytest.raises(StartupError, match="no Unix stream"),
    ):
        listener.adopt(wrong)


def test_an_inherited_socket_must_listen(path: Path) -> None:
    path.parent.mkdir()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as bound:
        bound.bind(str(path))
        with pytest.raises(StartupError, match="Accept=no"):
            listener.adopt(bound)


def test_an_inherited_socket_whose_path_is_gone_is_refused(path: Path) -> None:
    path.parent.mkdir()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as bound:
        bound.bind(str(path))
        bound.listen()
        path.unlink()
        with pytest.raises(StartupError, match="restart the socket unit"):
            listener.adopt(bound)


def test_an_inherited_socket_stays_where_it_is(path: Path) -> None:
    path.parent.mkdir()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as bound:
        bound.bind(str(path))
        bound.listen()
        adopted = listener.adopt(bound)
        assert adopted.is_in_place()
        adopted.close()
        adopted.release()
    assert path.exists()


def test_a_socket_is_not_made_again_where_others_may_write(listening: listener.Listener) -> None:
    listening.path.unlink()
    listening.path.parent.chmod(0o777)
    with pytest.raises(StartupError, match="others may write"):
        listener.rebind(listening, os.getuid())


def test_a_socket_that_cannot_be_put_in_its_place_leaves_nothing_behind(listening: listener.Listener) -> None:
    listening.path.unlink()
    listening.path.mkdir()
    with pytest.raises(StartupError, match="cannot listen"):
        listener.rebind(listening, os.getuid())
    assert sorted(entry.name for entry in listening.path.parent.iterdir()) == ["hook.sock", "hook.sock.lock"]
    listening.path.rmdir()

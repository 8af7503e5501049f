"""What the daemon is sent: the header and every byte of stdin, however large, slow or odd."""

import os
import select
import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from security_hooks.service.wire import decode_request

Run = Callable[..., subprocess.CompletedProcess[bytes]]
Listen = Callable[[Callable[[socket.socket], None]], str]
Drain = Callable[[socket.socket], bytes]
ALLOW = b"SH1 0 0002 0000\n{}"

PAYLOADS = {
    "empty": b"",
    "a call": b'{"hook_event_name": "PreToolUse"}\n',
    "NUL and invalid UTF-8": b"\x00\xff\xfe{}\r\n\x1a",
    "just over the buffer": b"x" * 65_537,
    "5 MB": bytes(range(256)) * 20_000,
}


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())
def test_stdin_arrives_as_it_came(shim: str, run: Run, listen: Listen, drain: Drain, payload: bytes) -> None:
    received: list[bytes] = []

    def script(connection: socket.socket) -> None:
        received.append(drain(connection))
        connection.sendall(ALLOW)

    done = run(shim, "codex-cli", "--socket", listen(script), "--id", "--observe", stdin=payload)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"{}\n", b"")
    request = decode_request(received[0])
    assert (request.name, request.payload) == ("codex-cli", payload)


def test_stdin_of_64_mib_is_the_most(
    static_shim: str, run: Run, listen: Listen, drain: Drain, sparse: Callable[[int], int]
) -> None:
    sizes: list[int] = []

    def script(connection: socket.socket) -> None:
        sizes.append(len(drain(connection)))
        connection.sendall(ALLOW)

    path = listen(script)
    assert run(static_shim, "claude-code", "--socket", path, stdin=sparse(64 << 20)).returncode == 0
    assert run(static_shim, "claude-code", "--socket", path, stdin=sparse((64 << 20) + 1)).returncode == 2
    assert sizes[0] == len(b"SH1 claude-code\n") + (64 << 20)


def test_stdin_in_pieces_is_sent_on(shim: str, listen: Listen, drain: Drain) -> None:
    received: list[bytes] = []

    def script(connection: socket.socket) -> None:
        received.append(connection.recv(1000))  # the shim has sent what it has before stdin ends
        first_piece_seen.set()
        received.append(drain(connection))
        connection.sendall(ALLOW)

    first_piece_seen = threading.Event()
    command = [shim, "gemini-cli", "--socket", listen(script)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin and process.stdout
        process.stdin.write(b"one ")
        process.stdin.flush()
        assert first_piece_seen.wait(30)
        process.stdin.write(b"two")
        process.stdin.close()
        assert process.stdout.read() == b"{}\n"
    assert b"".join(received) == b"SH1 gemini-cli\none two"


def test_non_blocking_stdin_is_waited_for(static_shim: str, listen: Listen, drain: Drain) -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)

    def script(connection: socket.socket) -> None:
        os.write(writing, b"late")
        os.close(writing)
        assert drain(connection) == b"SH1 claude-code\nlate"
        connection.sendall(ALLOW)

    done = subprocess.run(
        [static_shim, "claude-code", "--socket", listen(script)], stdin=reading, capture_output=True, check=False
    )
    os.close(reading)
    assert (done.returncode, done.stdout) == (0, b"{}\n")


def test_daemon_that_stops_reading_denies_at_the_deadline(
    hasty: str, run: Run, place: Path, sparse: Callable[[int], int]
) -> None:
    path = f"{place}/stalled.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        done = run(hasty, "codex-cli", "--socket", path, stdin=sparse(5 << 20))
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"did not answer in time" in done.stderr


def test_reply_before_the_whole_call_was_sent_is_not_believed(
    shim: str, run: Run, listen: Listen, sparse: Callable[[int], int]
) -> None:
    def script(connection: socket.socket) -> None:
        connection.recv(1)
        connection.sendall(ALLOW)  # and hangs up

    done = run(shim, "claude-code", "--socket", listen(script), stdin=sparse(5 << 20))
    assert done.returncode == 2
    assert b"hung up before it had read the whole call" in done.stderr


def test_full_backlog_makes_the_shim_wait(shim: str, place: Path, drain: Drain) -> None:
    path = f"{place}/busy.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(0)
        waiting = _fill_backlog(path)
        with subprocess.Popen(
            [shim, "claude-code", "--socket", path], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout
            for connection in waiting:
                connection.close()
            while not select.select([process.stdout], [], [], 0)[0]:
                accepted, _ = listener.accept()
                with accepted:
                    if drain(accepted):
                        accepted.sendall(ALLOW)
                        break
            assert process.stdout.read() == b"{}\n"


def test_backlog_that_stays_full_denies_at_the_deadline(hasty: str, run: Run, place: Path) -> None:
    path = f"{place}/busy.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(0)
        waiting = _fill_backlog(path)
        done = run(hasty, "claude-code", "--socket", path, stdin=subprocess.DEVNULL)
        for connection in waiting:
            connection.close()
    assert done.returncode == 2
    assert b"did not answer in time" in done.stderr


def _fill_backlog(path: str) -> list[socket.socket]:
    waiting: list[socket.socket] = []
    while True:
        connection = socket.socket(socket.AF_UNIX)
        connection.setblocking(False)
        try:
            connection.connect(path)
        except BlockingIOError:
            connection.close()
            return waiting
        waiting.append(connection)

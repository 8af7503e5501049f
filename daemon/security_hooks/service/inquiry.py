"""Our own commands' way to the daemon: one question, one answer, on the shims' socket."""

import json
import os
import socket
from pathlib import Path

from security_hooks.model.failure import StartupError
from security_hooks.model.record import Json
from security_hooks.service import wire
from security_hooks.service.directories import default_socket
from security_hooks.service.peer import peer_of

SECONDS = 5.0
LONGEST_ANSWER = 1 << 22


def socket_path(given: Path | None) -> Path:
    """`--socket`, else where the shim looks; raises StartupError where no home directory is known."""
    path = given if given is not None else default_socket(os.getuid())
    if path is None:
        raise StartupError("this user has no home directory in /etc/passwd; give --socket PATH", 64)
    return path.absolute()


def ask_status(path: Path, seconds: float | None = None) -> dict[str, Json]:
    """What the daemon says of itself; raises StartupError where none answers, or none of this version."""
    return ask_json(path, wire.STATUS, "well", seconds=seconds)


def ask_json(
    path: Path, name: str, *keys: str, payload: bytes = b"", seconds: float | None = None, owner: int | None = None
) -> dict[str, Json]:
    """An answer that has one of these keys; raises StartupError where none answers, or none of this version. `owner` is
    another user whose daemon it may be.
    """
    answer = ask(path, name, payload, seconds=seconds, owner=owner)
    try:
        report = json.loads(answer)
    except ValueError:
        report = None
    if not isinstance(report, dict) or not report.keys() & set(keys):
        raise StartupError(f"the daemon on {path} gave no readable answer; stop it and run `security-hooks start`")
    return report


def ask(
    path: Path, name: str, payload: bytes = b"", *, seconds: float | None = None, owner: int | None = None
) -> bytes:
    """Send one request and read the whole answer; raises StartupError where no daemon of ours answers in time."""
    answer = bytearray()
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC) as connection:
            connection.settimeout(SECONDS if seconds is None else seconds)
            connection.connect(str(path))
            peer = peer_of(connection)
            if peer is None or peer.uid not in {os.getuid(), 0, owner}:
                raise StartupError(f"{path} is served by another user; remove it or give another --socket")
            connection.sendall(wire.encode_request(name, payload))
            connection.shutdown(socket.SHUT_WR)
            while chunk := connection.recv(65_536):
                answer += chunk
                if len(answer) > LONGEST_ANSWER:
                    break
    except (TimeoutError, BlockingIOError) as error:
        raise StartupError(f"the daemon on {path} does not answer; stop it and run `security-hooks start`") from error
    except OSError as error:
        raise StartupError(
            f"no daemon on {path} ({error.strerror or error}); start it with `security-hooks start`"
        ) from error
    return bytes(answer)

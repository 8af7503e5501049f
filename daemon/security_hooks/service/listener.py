"""The daemon's one Unix socket: made safely, taken over when stale, refused when another daemon serves it."""

import contextlib
import errno
import fcntl
import os
import socket
import stat
from dataclasses import dataclass
from pathlib import Path

from security_hooks.model.failure import StartupError

# The kernel caps this at net.core.somaxconn; past it connecting shims wait, they do not fail.
BACKLOG = 4096


@dataclass(frozen=True, slots=True)
class Listener:
    """A listening socket at `path`. `lock` is held while we serve; None where the service manager owns the socket."""

    socket: socket.socket
    path: Path
    identity: tuple[int, int]
    lock: int | None

    def is_in_place(self) -> bool:
        """Whether the path still leads to this socket."""
        try:
            status = self.path.lstat()
        except OSError:
            return False
        return (status.st_dev, status.st_ino) == self.identity

    def close(self) -> None:
        """Stop listening, and take the path away if it is still ours."""
        if self.lock is not None and self.is_in_place():
            with contextlib.suppress(OSError):
                self.path.unlink()
        self.socket.close()

    def release(self) -> None:
        """Let another daemon start."""
        if self.lock is not None:
            os.close(self.lock)


def adopt(inherited: socket.socket) -> Listener:
    """Serve on a socket that the service manager listens on."""
    try:
        name = inherited.getsockname()
        listens = inherited.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError as error:
        raise StartupError(f"the inherited descriptor is no socket: {error.strerror}") from error
    if inherited.family != socket.AF_UNIX or inherited.type != socket.SOCK_STREAM or not isinstance(name, str):
        raise StartupError("the inherited socket is no Unix stream socket; see `ListenStream` in the socket unit")
    if not listens:
        raise StartupError("the inherited socket does not listen; the socket unit must say `Accept=no`")
    inherited.setblocking(False)
    try:
        status = Path(name).lstat()
    except OSError as error:
        raise StartupError(f"the inherited socket's path {name} is gone; restart the socket unit") from error
    return Listener(inherited, Path(name), (status.st_dev, status.st_ino), None)


def listen(path: Path, uid: int) -> Listener:
    """Make the socket at `path`; raises StartupError if that is unsafe or another daemon is there."""
    _make_directory(path.parent)
    _check_directory(path.parent, uid)
    lock = _lock(path)
    try:
        _refuse_foreign(path)
        bound = bind(path)
    except BaseException:
        os.close(lock)
        raise
    status = path.lstat()
    return Listener(bound, path, (status.st_dev, status.st_ino), lock)


def rebind(old: Listener, uid: int) -> Listener:
    """A new socket at the old one's path, for one that was taken away or replaced while we serve."""
    _make_directory(old.path.parent)
    _check_directory(old.path.parent, uid)
    bound = bind(old.path)
    status = old.path.lstat()
    return Listener(bound, old.path, (status.st_dev, status.st_ino), old.lock)


def bind(path: Path) -> socket.socket:
    """Bind under another name, listen, then rename: whoever finds the path finds it served, with mode 0600."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        with contextlib.suppress(FileNotFoundError):
            fresh.unlink()
        listening.bind(str(fresh))
        fresh.chmod(0o600)
        listening.setblocking(False)
        listening.listen(BACKLOG)
        fresh.rename(path)
    except OSError as error:
        listening.close()
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise StartupError(f"cannot listen on {path}: {error.strerror or error}; give another --socket") from error
    return listening


def _make_directory(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StartupError(f"cannot make {directory}: {error.strerror}") from error


def _check_directory(directory: Path, uid: int) -> None:
    """Nobody else may be able to put a socket of theirs in our place."""
    status = directory.stat()
    if status.st_uid not in {uid, 0}:
        raise StartupError(f"{directory} belongs to another user (uid {status.st_uid}); give another --socket")
    if status.st_mode & 0o022 and not status.st_mode & stat.S_ISVTX:
        raise StartupError(f"others may write to {directory}; run `chmod go-w {directory}`")


def _lock(path: Path) -> int:
    lock_path = path.with_name(path.name + ".lock")
    try:
        lock = os.open(lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise StartupError(f"cannot open {lock_path}: {error.strerror}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise StartupError(f"another daemon already serves {path}; see `security-hooks status`") from error
    return lock


def _refuse_foreign(path: Path) -> None:
    """A path that is no socket is not ours to replace; a socket that answers is somebody else's."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise StartupError(f"{path} exists and is no socket; move it away")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC) as probe:
        probe.setblocking(False)
        code = probe.connect_ex(str(path))
    if code in {0, errno.EAGAIN, errno.EINPROGRESS}:
        raise StartupError(f"another program already serves {path}; give another --socket")

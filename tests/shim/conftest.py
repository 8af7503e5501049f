"""Builds of the shim, and a scripted daemon for it to talk to."""

import contextlib
import os
import platform
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "shim"
PATIENCE = 60  # seconds after which a shim that ought to have ended is an error
LINUX = platform.system() == "Linux"

Script = Callable[[socket.socket], None]


def _static_builds() -> list[str]:
    if not LINUX:
        return []
    builds = ["static"]
    if platform.machine() in ("x86_64", "aarch64"):
        builds.append("none")
    if shutil.which("musl-gcc"):
        builds.append("musl")
    return builds


STATIC = _static_builds()


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """Compile the shim once per kind and definitions: `build("musl", DEADLINE_MS="100")` -> the program."""
    built: dict[tuple[str, ...], str] = {}

    def compile_once(kind: str, **definitions: str) -> str:
        key = (kind, *(f"-D{name}={value}" for name, value in definitions.items()))
        if key not in built:
            out = tmp_path_factory.mktemp("build")
            what = ["sanitized"] if kind == "sanitized" else [f"LIBC={kind}"]
            defines = " ".join(f"'{define}'" for define in key[1:])
            command = ["make", "-s", "-C", str(SOURCE), f"OUT={out}", *what, f"DEFINES={defines}"]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            built[key] = str(out / "security-hooks-shim")
        return built[key]

    return compile_once


@pytest.fixture(scope="session", params=[*(STATIC or ["dynamic"]), "sanitized"])
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of build that this machine can make."""
    return str(request.param)


@pytest.fixture(scope="session")
def shim(kind: str, build: Callable[..., str]) -> str:
    """The program as it is shipped."""
    return build(kind)


@pytest.fixture(scope="session")
def hasty(kind: str, build: Callable[..., str]) -> str:
    """The program with a short deadline, for tests in which the deadline passes."""
    return build(kind, DEADLINE_MS="100")


@pytest.fixture(scope="session")
def static_shim(build: Callable[..., str]) -> str:
    """One build, for tests that need no second."""
    return build((STATIC or ["dynamic"])[-1])


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory whose path is short enough for a socket and that anyone may enter."""
    with tempfile.TemporaryDirectory(prefix="sh-", dir="/tmp") as name:
        path = Path(name)
        path.chmod(0o755)
        yield path


@pytest.fixture
def run() -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """`run(program, client, *options, stdin=b"")`: status, stdout and stderr of one call, with an empty environment."""

    def call(
        *command: str,
        stdin: bytes | int = b"",
        stdout: int = subprocess.PIPE,
        stderr: int = subprocess.PIPE,
        **more: object,
    ) -> subprocess.CompletedProcess[bytes]:
        given: dict[str, object] = {"input": stdin} if isinstance(stdin, bytes) else {"stdin": stdin}
        environment = more.pop("env", {})
        return subprocess.run(  # type: ignore[call-overload,no-any-return]  # keywords are passed through
            command, stdout=stdout, stderr=stderr, env=environment, timeout=PATIENCE, check=False, **given, **more
        )

    return call


@pytest.fixture
def listen(place: Path) -> Iterator[Callable[[Script], str]]:
    """`listen(script)` -> the path of a socket behind which each connection is given to `script` in a thread."""
    listeners: list[socket.socket] = []
    threads: list[threading.Thread] = []
    stop = threading.Event()

    def serve(listener: socket.socket, script: Script) -> None:
        while True:
            connection, _ = listener.accept()
            with connection, contextlib.suppress(BrokenPipeError, ConnectionResetError):
                if stop.is_set():
                    return
                connection.settimeout(PATIENCE)
                script(connection)

    def start(script: Script) -> str:
        path = str(place / f"{len(listeners)}.sock")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen(16)
        thread = threading.Thread(target=serve, args=(listener, script))
        thread.start()
        listeners.append(listener)
        threads.append(thread)
        return path

    yield start
    stop.set()
    for listener, thread in zip(listeners, threads, strict=True):
        with socket.socket(socket.AF_UNIX) as waker:
            waker.connect(listener.getsockname())
        thread.join(PATIENCE)
        listener.close()


@pytest.fixture(scope="session")
def drain() -> Callable[[socket.socket], bytes]:
    """Reads a request to its end."""

    def read(connection: socket.socket) -> bytes:
        pieces = []
        while piece := connection.recv(1 << 20):
            pieces.append(piece)
        return b"".join(pieces)

    return read


@pytest.fixture
def answering(listen: Callable[[Script], str], drain: Callable[[socket.socket], bytes]) -> Callable[[bytes], str]:
    """`answering(reply)` -> the socket of a daemon that reads each request whole and sends these bytes."""

    def start(reply: bytes) -> str:
        def script(connection: socket.socket) -> None:
            drain(connection)
            connection.sendall(reply)

        return listen(script)

    return start


@pytest.fixture(scope="session")
def sparse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[int], int]]:
    """`sparse(size)` -> a descriptor of a file of that many NUL bytes, at its beginning."""
    path = tmp_path_factory.mktemp("sparse") / "file"
    opened: list[int] = []

    def make(size: int) -> int:
        path.touch()
        os.truncate(path, size)
        opened.append(os.open(path, os.O_RDONLY))
        return opened[-1]

    yield make
    for descriptor in opened:
        os.close(descriptor)

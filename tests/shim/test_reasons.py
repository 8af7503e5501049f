"""Each reason for which the shim itself denies, caused once: the walk through the table in `clients.c`."""

import json
import os
import re
import socket
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

Outcome = subprocess.CompletedProcess[bytes]
Script = Callable[[socket.socket], None]
Drain = Callable[[socket.socket], bytes]

SHIM = Path(__file__).parents[2] / "shim"
REASONS = re.findall(r"\w+", (SHIM / "shim.h").read_text().split("enum reason {")[1].split("}")[0])[:-1]
TEXTS = dict(re.findall(r'\[(\w+)\] = \{"([^"]+)"', (SHIM / "clients.c").read_text()))
NOBODY = 65534


@dataclass(frozen=True, slots=True)
class Scene:
    """What a cause works with. `ask` calls the shim for Gemini CLI, whose denials fill both streams; with `options`."""

    kind: str
    program: str
    hasty: str
    homeless: str
    run: Callable[..., Outcome]
    place: Path
    listen: Callable[[Script], str]
    drain: Drain
    sparse: Callable[[int], int]
    options: tuple[str, ...] = ()

    def ask(self, path: str, program: str = "", **more: object) -> Outcome:
        return self.run(program or self.program, "gemini-cli", *self.options, "--socket", path, **more)

    def ask_by_shell(self, line: str) -> Outcome:
        words = ("gemini-cli", *self.options, "--socket", f"{self.place}/none.sock")
        return self.run("/bin/sh", "-c", line, self.program, *words)

    def answering(self, reply: bytes) -> str:
        def script(connection: socket.socket) -> None:
            self.drain(connection)
            connection.sendall(reply)

        return self.listen(script)


@pytest.fixture
def scene(
    kind: str,
    shim: str,
    hasty: str,
    build: Callable[..., str],
    run: Callable[..., Outcome],
    place: Path,
    listen: Callable[[Script], str],
    drain: Drain,
    sparse: Callable[[int], int],
) -> Scene:
    homeless = build(kind, PASSWD='"/dev/null"', RUNTIME_DIRS='"/dev/null/"')
    return Scene(kind, shim, hasty, homeless, run, place, listen, drain, sparse)


def usage(scene: Scene) -> Outcome:
    return scene.run(scene.program, "gemini-cli", *scene.options, "--sockt", "/x")


def no_home(scene: Scene) -> Outcome:
    return scene.run(scene.homeless, "gemini-cli", *scene.options)


def path_too_long(scene: Scene) -> Outcome:
    return scene.ask("/" + "x" * 108)


def stream_closed(scene: Scene) -> Outcome:
    return scene.ask_by_shell('exec "$0" "$@" <&-')


def system(scene: Scene) -> Outcome:
    if scene.kind in ("sanitized", "dynamic"):
        pytest.skip("the loader needs a file descriptor itself")
    return scene.ask_by_shell('ulimit -n 3; exec "$0" "$@"')


def no_daemon(scene: Scene) -> Outcome:
    return scene.ask(f"{scene.place}/none.sock")


def no_access(scene: Scene) -> Outcome:
    shut = scene.place / "shut"
    shut.mkdir()
    program = scene.place / "program"  # where the other user may run it
    program.write_bytes(Path(scene.program).read_bytes())
    program.chmod(0o755)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(shut / "s.sock"))
        listener.listen()
        shut.chmod(0)
        someone_else = {"user": NOBODY, "cwd": "/"} if os.geteuid() == 0 else {}
        done = scene.ask(f"{shut}/s.sock", str(program), **someone_else)
    shut.chmod(0o700)
    return done


def wrong_peer(scene: Scene) -> Outcome:
    if os.geteuid() != 0:
        pytest.skip("needs root, to be someone else")
    path = f"{scene.place}/foreign.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        os.seteuid(NOBODY)  # listen() notes the uid that a connecting peer is shown
        try:
            listener.listen()
        finally:
            os.seteuid(0)
        return scene.ask(path)


def stdin_late(scene: Scene) -> Outcome:
    reading, writing = os.pipe()
    try:
        return scene.ask(scene.answering(b""), scene.hasty, stdin=reading)
    finally:
        os.close(reading)
        os.close(writing)


def stdin_failed(scene: Scene) -> Outcome:
    directory = os.open(scene.place, os.O_RDONLY)
    try:
        return scene.ask(scene.answering(b""), stdin=directory)
    finally:
        os.close(directory)


def stdin_too_large(scene: Scene) -> Outcome:
    return scene.ask(scene.answering(b"SH1 0 0002 0000\n{}"), stdin=scene.sparse((64 << 20) + 1))


def not_read(scene: Scene) -> Outcome:
    return scene.ask(scene.listen(lambda connection: connection.shutdown(socket.SHUT_RD)), stdin=scene.sparse(5 << 20))


def daemon_late(scene: Scene) -> Outcome:
    path = f"{scene.place}/silent.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        return scene.ask(path, scene.hasty, stdin=subprocess.DEVNULL)


def no_reply(scene: Scene) -> Outcome:
    return scene.ask(scene.answering(b""))


def bad_reply(scene: Scene) -> Outcome:
    return scene.ask(scene.answering(b"200 OK"))


def not_written(scene: Scene) -> Outcome:
    with Path("/dev/full").open("wb") as full:
        return scene.ask(scene.answering(b"SH1 0 0002 0000\n{}"), stdout=full.fileno())


CAUSES = (
    usage,
    no_home,
    path_too_long,
    stream_closed,
    system,
    no_daemon,
    no_access,
    wrong_peer,
    stdin_late,
    stdin_failed,
    stdin_too_large,
    not_read,
    daemon_late,
    no_reply,
    bad_reply,
    not_written,
)


def test_every_reason_has_its_row_and_its_cause() -> None:
    assert list(TEXTS) == REASONS == [cause.__name__.upper() for cause in CAUSES]


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.__name__)
def test_each_reason_denies_and_says_what_mends_it(scene: Scene, cause: Callable[[Scene], Outcome]) -> None:
    done = cause(scene)
    text = done.stderr.decode("ascii")
    assert done.returncode == 2
    assert text.startswith(f"security-hooks: {TEXTS[cause.__name__.upper()]}, so this call is blocked; ")
    assert "`security-hooks " in text or "smaller calls" in text
    assert not done.stdout or json.loads(done.stdout) == {"decision": "deny", "reason": text.rstrip("\n")}
    assert bool(done.stdout) == (cause is not not_written)


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.__name__)
def test_with_observe_each_reason_ends_silently(scene: Scene, cause: Callable[[Scene], Outcome]) -> None:
    done = cause(replace(scene, options=("--observe",)))
    assert (done.returncode, done.stdout or b"", done.stderr) == (0, b"", b"")

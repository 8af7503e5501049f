"""stdout or stderr closed, full or without a reader: an answer that cannot be given whole must end closed."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[bytes]]
Answering = Callable[[bytes], str]
ALLOW = b"SH1 0 0002 0000\n{}"
DENIALS = {
    "claude-code": b'SH1 2 0007 0003\n{"a":1}no!',
    "gemini-cli": b'SH1 0 0019 0003\n{"decision":"deny"}no!',
    "codex-cli": b"SH1 2 0000 0003\nno!",
}
ALLOWS = dict.fromkeys(DENIALS, b"SH1 0 0002 0004\n{}text")
# The last way left for each client when stderr takes nothing: exit status, decision on stdout.
WITHOUT_STDERR = (("claude-code", 2, "block"), ("gemini-cli", 2, "deny"), ("codex-cli", 0, "block"))


@pytest.fixture
def stuck() -> Iterator[int]:
    """The writing end of a pipe that is full and that nobody reads."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    try:
        while os.write(writing, b"x" * 65_536):
            pass
    except BlockingIOError:
        os.set_blocking(writing, True)
    yield writing
    os.close(reading)
    os.close(writing)


@pytest.fixture
def unread() -> Iterator[int]:
    """The writing end of a pipe whose reader has gone."""
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


@pytest.fixture
def full() -> Iterator[int]:
    """A device on which no space is left."""
    descriptor = os.open("/dev/full", os.O_WRONLY)
    yield descriptor
    os.close(descriptor)


@pytest.mark.parametrize("client", DENIALS)
@pytest.mark.parametrize("broken", ["unread", "full"])
def test_allow_that_cannot_be_written_to_stdout_denies(
    shim: str, run: Run, answering: Answering, client: str, broken: str, request: pytest.FixtureRequest
) -> None:
    done = run(shim, client, "--socket", answering(ALLOW), stdout=request.getfixturevalue(broken))
    assert done.returncode == 2
    assert done.stderr.startswith(b"security-hooks: the daemon's answer could not be written")


@pytest.mark.parametrize("client", DENIALS)
def test_allow_that_waits_for_a_reader_denies_at_the_deadline(
    hasty: str, run: Run, answering: Answering, client: str, stuck: int
) -> None:
    done = run(hasty, client, "--socket", answering(ALLOW), stdout=stuck)
    assert done.returncode == 2
    assert done.stderr.startswith(b"security-hooks: ")


@pytest.mark.parametrize(("client", "status", "decision"), WITHOUT_STDERR)
@pytest.mark.parametrize("broken", ["stuck", "unread", "full"])
@pytest.mark.parametrize("replies", [ALLOWS, DENIALS], ids=["allow", "deny"])
def test_text_that_cannot_be_written_to_stderr_denies_on_stdout(
    hasty: str,
    run: Run,
    answering: Answering,
    client: str,
    status: int,
    decision: str,
    broken: str,
    replies: dict[str, bytes],
    request: pytest.FixtureRequest,
) -> None:
    done = run(hasty, client, "--socket", answering(replies[client]), stderr=request.getfixturevalue(broken))
    assert done.returncode == status
    assert json.loads(done.stdout)["decision"] == decision
    assert done.stdout.count(b"\n") == 1


@pytest.mark.parametrize(("client", "status", "decision"), WITHOUT_STDERR)
def test_no_daemon_and_no_stderr_still_denies(
    hasty: str, run: Run, place: Path, full: int, client: str, status: int, decision: str
) -> None:
    done = run(hasty, client, "--socket", f"{place}/none.sock", stderr=full)
    assert done.returncode == status
    assert json.loads(done.stdout)["decision"] == decision


@pytest.mark.parametrize("client", DENIALS)
def test_no_stream_at_all_still_ends_in_2(hasty: str, run: Run, answering: Answering, client: str, full: int) -> None:
    for reply in (DENIALS[client], ALLOWS[client]):
        assert run(hasty, client, "--socket", answering(reply), stdout=full, stderr=full).returncode == 2


@pytest.mark.parametrize(("client", "status", "decision"), WITHOUT_STDERR)
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_stream_denies_and_never_swaps_places_with_the_socket(
    shim: str, run: Run, answering: Answering, client: str, status: int, decision: str, closed: str
) -> None:
    line = f'exec "$0" "$@" {closed}'
    done = run("/bin/sh", "-c", line, shim, client, "--socket", answering(ALLOW))
    if "2>&-" in closed:
        assert done.stderr == b""
        assert done.returncode == (2 if " " in closed else status)
    else:
        assert done.returncode == 2
        assert b"stdin, stdout or stderr closed" in done.stderr
    written = b"" if ">&- " in closed or closed == ">&-" else done.stdout
    assert not written or json.loads(written)["decision"] == decision


def test_observing_shim_stays_silent_on_broken_streams(hasty: str, run: Run, answering: Answering, full: int) -> None:
    done = run(hasty, "claude-code", "--observe", "--socket", answering(ALLOW), stdout=full)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("client", DENIALS)
@pytest.mark.parametrize(("out", "err", "short"), [(3000, 0, ">"), (3000, 100, ">"), (0, 3000, "2>")])
def test_short_write_ends_in_2_and_the_stream_is_left_alone(
    shim: str, run: Run, answering: Answering, place: Path, client: str, out: int, err: int, short: str
) -> None:
    reply = b"SH1 0 %04d %04d\n" % (out, err) + (b"{" + b"x" * (out - 2) + b"}" if out else b"") + b"y" * err
    cut = place / "cut"
    line = f'ulimit -f 1; exec "$0" "$@" {short}"{cut}"'  # 512 bytes, or 1,024 in some shells
    done = run("/bin/sh", "-c", line, shim, client, "--socket", answering(reply))
    assert done.returncode == 2
    assert cut.read_bytes() in (reply[16 : 16 + 512], reply[16 : 16 + 1024])
    if short == "2>":
        assert bool(done.stdout) == (client != "codex-cli")
    else:
        assert done.stderr == b"y" * err + b"\n" if err else done.stderr.startswith(b"security-hooks: ")

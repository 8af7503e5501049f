"""What the shim makes of a daemon's reply: whole and well-formed ones are passed on, anything else denies."""

import json
import select
import socket
import subprocess
from collections.abc import Callable

import pytest

from security_hooks.model.reply import HookReply
from security_hooks.service.wire import encode_reply

Run = Callable[..., subprocess.CompletedProcess[bytes]]
CLIENTS = ("claude-code", "gemini-cli", "codex-cli")
LONGEST = "{" + "x" * 3998 + "}"


# client, exit status, stdout, stderr: passed on as they are
PASSED_ON = (
    ("claude-code", 0, "{}", ""),
    ("claude-code", 0, "", ""),
    ("claude-code", 0, "{}", "a word to the person"),
    ("claude-code", 2, '{"a":"deny"}', ""),
    ("claude-code", 2, '{"a":"deny"}', "denied"),
    ("claude-code", 2, "", "denied"),
    ("claude-code", 0, LONGEST, "y" * 4000),
    ("gemini-cli", 0, "{}", ""),
    ("gemini-cli", 0, '{"decision":"deny","reason":"because"}', ""),
    ("gemini-cli", 2, '{"decision":"deny","reason":"because"}', "denied"),
    ("codex-cli", 0, "", ""),
    ("codex-cli", 0, "{}", ""),
    ("codex-cli", 2, "", "denied"),
)


@pytest.mark.parametrize(("client", "status", "out", "err"), PASSED_ON)
def test_whole_reply_is_passed_on(
    shim: str, run: Run, answering: Callable[[bytes], str], client: str, status: int, out: str, err: str
) -> None:
    path = answering(encode_reply(HookReply(status, out, err)))
    done = run(shim, client, "--socket", path, stdin=b"{}")
    assert (done.returncode, done.stdout.decode(), done.stderr.decode()) == (
        status,
        out and out + "\n",
        err and err + "\n",
    )


MALFORMED = {
    "nothing": b"",
    "half a header": b"SH1 0 00",
    "header alone, text announced": b"SH1 0 0002 0000\n",
    "text cut off": b"SH1 0 0005 0000\n{ab}",
    "text without its end": b'SH1 0 0005 0000\n{"a":',
    "bytes after the end": b"SH1 0 0002 0000\n{}x",
    "newline after the end": b"SH1 0 0002 0000\n{}\n",
    "two replies": b"SH1 0 0002 0000\n{}SH1 0 0002 0000\n{}",
    "other version": b"SH2 0 0002 0000\n{}",
    "lower case": b"sh1 0 0002 0000\n{}",
    "status 1": b"SH1 1 0002 0000\n{}",
    "status 3": b"SH1 3 0002 0000\n{}",
    "letters for lengths": b"SH1 0 000a 0000\n{}",
    "signs for lengths": b"SH1 0 +002 0000\n{}",
    "blanks for lengths": b"SH1 0    2 0000\n{}",
    "no newline": b"SH1 0 0002 0000 {}",
    "over 4000": b"SH1 0 4001 0000\n{" + b"x" * 3999 + b"}",
    "longest lengths": b"SH1 0 9999 9999\n" + b"x" * 19998,
    "a megabyte": b"x" * (1 << 20),
    "no JSON": b"SH1 0 0002 0000\nok",
    "JSON list": b"SH1 0 0002 0000\n[]",
    "brace alone": b"SH1 0 0001 0000\n{",
    "blank before JSON": b"SH1 0 0003 0000\n {}",
    "newline in a text": b"SH1 0 0003 0000\n{\n}",
    "NUL in a text": b"SH1 0 0003 0000\n{\0}",
    "escape in a text": b"SH1 0 0000 0002\n\x1bx",
    "UTF-8 in a text": "SH1 0 0004 0000\n{é}".encode(),
    "delete in a text": b"SH1 0 0003 0000\n{\x7f}",
    "JSON on stderr": b"SH1 0 0002 0002\n{}{}",
    "JSON after a blank on stderr": b"SH1 0 0002 0003\n{} {}",
    "list on stderr": b"SH1 0 0002 0002\n{}[]",
    "string on stderr": b'SH1 0 0002 0002\n{}""',
    "blank stderr": b"SH1 0 0002 0002\n{}  ",
    "denial without a text": b"SH1 2 0000 0000\n",
    "blank denial": b"SH1 2 0000 0003\n   ",
}


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("reply", MALFORMED.values(), ids=MALFORMED.keys())
def test_anything_else_denies(
    shim: str, run: Run, answering: Callable[[bytes], str], client: str, reply: bytes
) -> None:
    done = run(shim, client, "--socket", answering(reply), stdin=b"{}")
    assert done.returncode == 2
    assert done.stderr.startswith(b"security-hooks: the daemon") and done.stderr.count(b"\n") == 1
    assert bool(done.stdout) == (client != "codex-cli")


# A denial that this client would not take for one.
@pytest.mark.parametrize(
    ("client", "reply"),
    [
        ("gemini-cli", b"SH1 2 0000 0001\n7"),
        ("gemini-cli", b"SH1 2 0000 0006\ndenied"),
        ("codex-cli", b"SH1 2 0002 0000\n{}"),
        ("codex-cli", b"SH1 2 0002 0006\n{}denied"),
    ],
)
def test_denial_in_a_form_the_client_does_not_honour_is_replaced(
    static_shim: str, run: Run, answering: Callable[[bytes], str], client: str, reply: bytes
) -> None:
    done = run(static_shim, client, "--socket", answering(reply), stdin=b"{}")
    assert done.returncode == 2
    assert b"is not whole, or of another version" in done.stderr
    if client == "gemini-cli":
        assert json.loads(done.stdout)["decision"] == "deny"
    else:
        assert done.stdout == b""


def test_reply_in_single_bytes_is_whole(
    shim: str, run: Run, listen: Callable[..., str], drain: Callable[[socket.socket], bytes]
) -> None:
    def script(connection: socket.socket) -> None:
        drain(connection)
        for byte in b"SH1 0 0002 0004\n{}text":
            connection.sendall(bytes([byte]))

    done = run(shim, "claude-code", "--socket", listen(script))
    assert (done.returncode, done.stdout, done.stderr) == (0, b"{}\n", b"text\n")


@pytest.mark.parametrize("dribble", [b"", b"SH1 0", b"SH1 0 0002 0000\n{", b"SH1 0 0002 0000\n{}"])
def test_reply_without_an_end_denies_at_the_deadline(
    hasty: str, run: Run, listen: Callable[..., str], drain: Callable[[socket.socket], bytes], dribble: bytes
) -> None:
    def script(connection: socket.socket) -> None:
        drain(connection)
        connection.sendall(dribble)
        hangup = select.poll()
        hangup.register(connection, 0)
        hangup.poll(30_000)

    done = run(hasty, "claude-code", "--socket", listen(script), stdin=subprocess.DEVNULL)
    assert done.returncode == 2
    assert b"did not answer in time" in done.stderr

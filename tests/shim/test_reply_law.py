"""Law: a reply that is not well-formed, by an independent reading of the contract, denies; others pass as they are."""

import re
import socket
import subprocess
from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

CLIENTS = ("claude-code", "gemini-cli", "codex-cli")
TEXTS = st.sampled_from((b"", b"{}", b'{"a":1}', b"{", b"text", b"  ", b" {", b"[]", b"{" + b"x" * 3998 + b"}"))


@st.composite
def replies(draw: st.DrawFn) -> bytes:
    """A reply, mostly framed rightly, then damaged a little or not at all."""
    out, err = draw(TEXTS), draw(TEXTS)
    reply = bytearray(
        b"SH1 %d %04d %04d\n%s%s" % (draw(st.sampled_from((0, 0, 2, 2, 1))), len(out), len(err), out, err)
    )
    for _ in range(draw(st.sampled_from((0, 0, 0, 1, 2)))):
        at = draw(st.integers(0, min(len(reply), 40)))
        reply[at : at + draw(st.integers(0, 2))] = draw(
            st.binary(max_size=2) | st.sampled_from((b"0", b"9", b" ", b"\n"))
        )
    return bytes(reply)


def expected(client: str, reply: bytes) -> tuple[int, bytes, bytes] | None:
    """Status, stdout and stderr that the reply stands for; None if it must deny."""
    framed = re.fullmatch(rb"SH1 ([02]) ([0-9]{4}) ([0-9]{4})\n([ -~]*)", reply)
    if not framed:
        return None
    status, sizes, texts = int(framed[1]), (int(framed[2]), int(framed[3])), framed[4]
    out, err = texts[: sizes[0]], texts[sizes[0] :]
    well_formed = (
        max(sizes) <= 4000
        and sum(sizes) == len(texts)
        and (not out or re.fullmatch(rb"\{.*\}", out))
        and (not err or re.match(rb' *[^ {["]', err))
    )
    denies = {"claude-code": bool(out or err), "gemini-cli": bool(out), "codex-cli": bool(err and not out)}
    if not well_formed or (status == 2 and not denies[client]):
        return None
    return status, out and out + b"\n", err and err + b"\n"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(client=st.sampled_from(CLIENTS), reply=replies())
def test_only_well_formed_replies_pass(
    static_shim: str,
    run: Callable[..., subprocess.CompletedProcess[bytes]],
    listen: Callable[[Callable[[socket.socket], None]], str],
    drain: Callable[[socket.socket], bytes],
    client: str,
    reply: bytes,
) -> None:
    def script(connection: socket.socket) -> None:
        drain(connection)
        connection.sendall(reply)

    done = run(static_shim, client, "--socket", listen(script), stdin=b"{}")
    passes = expected(client, reply)
    if passes is None:
        assert done.returncode == 2 and done.stderr.startswith(b"security-hooks: the daemon")
    else:
        assert (done.returncode, done.stdout, done.stderr) == passes

"""Bytes on the socket to values and back: version 1 of the exchange with the shim.

A request is one header line `SH1 NAME` and then, for a hook call, the client's JSON as it came, up to the end
of the stream. NAME is a client, or `@status` for a question to the daemon itself. A reply to a hook call is a
header of 16 bytes, `SH1 E OOOO EEEE` and a newline (exit status, length of stdout, length of stderr), and then
the two texts; the shim takes nothing less and nothing more. A reply to `@status` is JSON.
"""

from dataclasses import dataclass

from security_hooks.model.failure import CallError, Failure, Reason
from security_hooks.model.reply import HookReply

VERSION = b"SH1"
STATUS = "@status"
LONGEST_HEADER = 64


@dataclass(frozen=True, slots=True)
class Request:
    """One request, its payload not yet decoded."""

    name: str
    payload: bytes


def decode_request(data: bytes) -> Request:
    """Split a whole request; raises CallError(BAD_HEADER) on anything but a header of this version."""
    end = data.find(b"\n", 0, LONGEST_HEADER)
    version, _, name = data[: max(end, 0)].partition(b" ")
    if version != VERSION or not name or not name.isascii():
        raise CallError(Failure(Reason.BAD_HEADER, repr(data[:LONGEST_HEADER])))
    return Request(name.decode("ascii"), data[end + 1 :])


def encode_request(name: str, payload: bytes = b"") -> bytes:
    """What the shim sends; for our own commands that speak to the daemon, and for tests."""
    return b"%s %s\n%s" % (VERSION, name.encode("ascii"), payload)


def encode_reply(reply: HookReply) -> bytes:
    """Frame a reply. A reply that breaks HookReply's contract raises ValueError: it must not leave the daemon."""
    stdout, stderr = reply.stdout.encode("ascii"), reply.stderr.encode("ascii")
    if max(len(stdout), len(stderr)) > 4000 or reply.exit_status not in (0, 2):
        raise ValueError("reply too long or of a wrong exit status")
    if not (stdout + stderr).decode("ascii").isprintable() and (stdout or stderr):
        raise ValueError("reply holds control characters")
    return b"%s %d %04d %04d\n%s%s" % (VERSION, reply.exit_status, len(stdout), len(stderr), stdout, stderr)

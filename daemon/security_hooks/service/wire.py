"""Bytes on the socket to values and back: version 1 of the exchange with the shim.

A request is one header line `SH1 NAME` and then, for a hook call, the client's JSON as it came, up to the end
of the stream. NAME is a client, or a word that begins with `@` for a question to the daemon itself. A reply to a
hook call is a header of 16 bytes, `SH1 E OOOO EEEE` and a newline (exit status, length of stdout, length of stderr),
and then the two texts; the shim takes nothing less and nothing more. A reply to a question is JSON.

A request of another version is denied in a reply of this one. Whoever understands it shows the reason, whoever does
not denies by itself; a later version that changes what a header means must change its number.
"""

import re
from functools import lru_cache

import msgspec

from security_hooks.model.failure import CallError, Failure, Reason
from security_hooks.model.reply import HookReply

_VERSION = "SH1"
VERSION = _VERSION.encode("ascii")
QUESTION = "@"
STATUS = "@status"
ASKS = "@asks"
PERMIT = "@permit"
CLEAR = "@clear"
PRUNE = "@prune"
GRANTS = "@grants"
GRANT = "@grant"
REVOKE = "@revoke"
NAP = "@nap"
WAKE = "@wake"
# What root may ask a daemon of another user: a person proves with sudo who they are.
BY_ROOT = frozenset({GRANTS, GRANT, REVOKE, NAP, WAKE})
LONGEST_HEADER = 64
# The one promise of every version, past and to come: how a header begins.
_ANY_HEADER = re.compile(rb"SH[0-9]+ ([a-z0-9-]+)[ \n]")
LONGEST_TEXT = 4000


class Request(msgspec.Struct, frozen=True):
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


def name_in_any_version(data: bytes) -> str:
    """Who asks in a header of whatever version, so that it can be told that it is not understood; empty for nobody."""
    name = _ANY_HEADER.match(data, 0, LONGEST_HEADER)
    return "" if name is None else name[1].decode("ascii")


def encode_request(name: str, payload: bytes = b"") -> bytes:
    """What the shim sends; for our own commands that speak to the daemon, and for tests."""
    return b"%s %s\n%s" % (VERSION, name.encode("ascii"), payload)


@lru_cache(maxsize=16)
def encode_reply(reply: HookReply) -> bytes:
    """Frame a reply. A reply that breaks HookReply's contract raises ValueError: it must not leave the daemon."""
    texts = reply.stdout + reply.stderr
    if max(len(reply.stdout), len(reply.stderr)) > LONGEST_TEXT or reply.exit_status not in (0, 2):
        raise ValueError("reply too long or of a wrong exit status")
    if not texts.isascii() or not texts.isprintable():
        raise ValueError("reply holds characters that are not printable ASCII")
    return f"{_VERSION} {reply.exit_status} {len(reply.stdout):04d} {len(reply.stderr):04d}\n{texts}".encode("ascii")

"""Requests as a receiver sees them, and what it may answer."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest

from security_hooks.insight.cursor import BEGINNING
from security_hooks.insight.follow import read_after
from security_hooks.insight.sinks.http import HttpOutbox
from security_hooks.insight.sinks.outbox import DeliveryError
from security_hooks.model.sink import Format, Sink

SECRET = b"a secret of the tests"
NOW = 1_795_262_400.0


async def sent(log: Any, sink: Sink) -> None:
    outbox = HttpOutbox(sink, {}, lambda: NOW)
    try:
        await outbox.send(read_after(log.directory, BEGINNING, 100).entries)
    finally:
        outbox.close()


@pytest.mark.parametrize(
    ("form", "media"), [(Format.LINES, "application/x-ndjson"), (Format.ARRAY, "application/json")]
)
async def test_a_request_is_signed_and_carries_the_log_as_it_stands(
    log: Any, peer: Any, sink_of: Callable[..., Sink], form: Format, media: str
) -> None:
    log.append(3)
    await sent(log, sink_of(peer.url, format=form))
    (request,) = peer.requests
    assert request.path == "/in?x=1"
    headers = request.headers
    assert (headers["content-type"], headers["webhook-timestamp"]) == (media, "1795262400")
    assert headers["idempotency-key"] == headers["webhook-id"] == f"1-3-{log.head[:32]}"
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + request.body
    digest = base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{digest}"
    if form is Format.LINES:
        assert request.body == log.segment.read_bytes()
    else:
        assert len(json.loads(request.body)) == 3
    assert request.keys() == log.keys()


@pytest.mark.parametrize(
    ("act", "message"),
    [
        ("500", "answered with status 500"),
        ("302", "answered with status 302"),
        ("truncate", "the answer was cut short"),
        ("hang-up", "the peer hung up without an answer"),
        ("stall", "no answer within 1 s"),
    ],
)
async def test_what_is_not_taken_for_sure_is_an_error(
    log: Any, peer: Any, sink_of: Callable[..., Sink], act: str, message: str
) -> None:
    log.append()
    peer.script = [act] * 2
    with pytest.raises(DeliveryError, match=message):
        await sent(log, sink_of(peer.url, timeout_seconds=1))


async def test_nothing_goes_out_without_the_secret(log: Any, peer: Any, sink_of: Callable[..., Sink]) -> None:
    log.append()
    with pytest.raises(DeliveryError, match="cannot be read"):
        await sent(log, sink_of(peer.url, secret_file="/nonexistent"))
    assert peer.requests == []

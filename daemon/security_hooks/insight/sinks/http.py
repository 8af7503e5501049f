"""Records over HTTPS: each request a signed batch, as JSON lines or as one JSON array.

Records are sent byte by byte as they stand in the log, so that the receiver can check the chain as well.
"""

import os
import time
from collections.abc import Callable, Mapping, Sequence

from security_hooks import __version__
from security_hooks.insight.follow import Entry
from security_hooks.insight.sinks.connection import Connection
from security_hooks.insight.sinks.outbox import DeliveryError
from security_hooks.insight.sinks.secret import read_secret
from security_hooks.insight.sinks.signature import key_of, signed_headers
from security_hooks.model.sink import Format, Sink

_TYPES = {Format.LINES: "application/x-ndjson", Format.ARRAY: "application/json"}


class HttpOutbox:
    """One sink of kind `http`."""

    def __init__(
        self, sink: Sink, environment: Mapping[str, str] = os.environ, clock: Callable[[], float] = time.time
    ) -> None:
        self._sink = sink
        self._environment = environment
        self._clock = clock
        self._connection = Connection(sink.url, sink.timeout_seconds, sink.ca_file)

    async def send(self, entries: Sequence[Entry]) -> int:
        """Any answer of 2xx means that the peer has the records for good."""
        key = key_of(read_secret(self._sink, self._environment))
        if key is None:
            raise DeliveryError("its secret begins with `whsec_`, and the rest is not base64")
        now = self._clock()
        body = body_of(entries, self._sink.format)
        identity = batch_key(entries)
        headers = {
            "content-type": _TYPES[self._sink.format],
            "user-agent": f"security-hooks/{__version__}",
            "idempotency-key": identity,
            # Signed for the time of this very try: receivers refuse what is old.
            **signed_headers(key, identity, int(now), body),
        }
        await self._connection.post(headers, body, now)
        return 0

    def close(self) -> None:
        """Let go of the peer."""
        self._connection.close()


def body_of(entries: Sequence[Entry], form: Format) -> bytes:
    """The records as they stand in the log."""
    lines = [entry.line for entry in entries]
    return b"[" + b",".join(lines) + b"]" if form is Format.ARRAY else b"".join(line + b"\n" for line in lines)


def batch_key(entries: Sequence[Entry]) -> str:
    """What a batch of just these records is called; 41 characters at most but for very long logs."""
    first, last = entries[0].record, entries[-1].record
    return f"{first.seq}-{last.seq}-{last.hash[:32]}"

"""One connection to an HTTP peer, kept open between requests, in a thread of its own: the loop never waits for it."""

import asyncio
import contextlib
import http.client
import socket
import ssl
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from security_hooks.insight.sinks.outbox import DeliveryError

_MOST_ANSWER = 65_536
_TOO_LARGE = 413
_REFUSED = frozenset({401, 403})
_OUR_KEY = "give the sink the secret that its peer expects, in `secret_file` or `secret_env`"
_CERTIFICATE = "name a file with the certificate of its authority as `ca_file`"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the peer said. `retry_after` are seconds, 0 where it asked for none."""

    status: int
    body: bytes
    retry_after: float


class Connection:
    """Posts to one URL. TLS is verified, redirections are not followed, and no proxy is asked."""

    def __init__(self, url: str, seconds: float, ca_file: str = "") -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._is_tls = parts.scheme == "https"
        self._seconds = seconds
        self._ca_file = ca_file
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sink")
        self._open: http.client.HTTPConnection | None = None

    async def post(self, headers: Mapping[str, str], body: bytes, now: float) -> Answer:
        """The answer to a request of 2xx; raises DeliveryError for anything else. `now` is Unix time."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._seconds):
                answer = await loop.run_in_executor(self._thread, self._exchange, dict(headers), body, now)
        except TimeoutError:
            self._abort()
            raise DeliveryError(f"no answer within {self._seconds:g} s") from None
        except asyncio.CancelledError:
            self._abort()
            raise
        except (OSError, http.client.HTTPException) as error:
            raise failed(error) from error
        if not 200 <= answer.status < 300:
            message = f"answered with status {answer.status}"
            if answer.status in _REFUSED:
                raise DeliveryError(message, answer.retry_after, mend=_OUR_KEY)
            raise DeliveryError(message, answer.retry_after, is_too_large=answer.status == _TOO_LARGE)
        return answer

    def close(self) -> None:
        """Close it, also under a request; its thread ends when the system lets it."""
        self._abort()
        self._thread.submit(self._forget)
        self._thread.shutdown(wait=False)

    def _exchange(self, headers: dict[str, str], body: bytes, now: float) -> Answer:
        kept = self._open is not None
        try:
            return self._once(headers, body, now)
        except (ConnectionError, http.client.RemoteDisconnected):
            # A peer may close what was kept open at any time: that is no failure of the request that meets it.
            if not kept:
                raise
            return self._once(headers, body, now)

    def _once(self, headers: dict[str, str], body: bytes, now: float) -> Answer:
        connection = self._open or self._made()
        self._open = connection
        is_good = False
        try:
            connection.request("POST", self._path, body, headers)
            response = connection.getresponse()
            answer = response.read(_MOST_ANSWER)
            is_good = response.isclosed()
            # `http.client` tells of an answer that ends too soon only where all of it was asked for.
            if response.length and len(answer) < _MOST_ANSWER:
                is_good = False
                raise http.client.IncompleteRead(answer, response.length)
            return Answer(response.status, answer, _seconds_of(response.getheader("retry-after", ""), now))
        finally:
            if not is_good:
                self._forget()

    def _forget(self) -> None:
        connection, self._open = self._open, None
        if connection is not None:
            connection.close()

    def _made(self) -> http.client.HTTPConnection:
        if not self._is_tls:
            return http.client.HTTPConnection(self._host, self._port, timeout=self._seconds)
        context = trusting(self._ca_file)
        return http.client.HTTPSConnection(self._host, self._port, timeout=self._seconds, context=context)

    def _abort(self) -> None:
        """Have a thread that waits for the peer fail at once."""
        connection = self._open
        if connection is not None and connection.sock is not None:
            with contextlib.suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)


def trusting(ca_file: str) -> ssl.SSLContext:
    """Verifies peers by these certificates, or by the system's; raises DeliveryError."""
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except OSError as error:
        raise DeliveryError(f"{ca_file} cannot be used: {error.strerror or error}", mend=_CERTIFICATE) from error


def failed(error: OSError | http.client.HTTPException) -> DeliveryError:
    """What happened to a connection, and what mends it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return DeliveryError(f"its certificate is not accepted: {error.verify_message}", mend=_CERTIFICATE)
    return DeliveryError(_why(error))


def _why(error: OSError | http.client.HTTPException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, http.client.RemoteDisconnected):
        return "the peer hung up without an answer"
    if isinstance(error, http.client.IncompleteRead):
        return "the answer was cut short"
    return f"{type(error).__name__}: {error}".rstrip(": ")


def _seconds_of(text: str, now: float) -> float:
    """`Retry-After`: seconds, or a date."""
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, OverflowError):
        return 0.0

"""Serves metrics on a loopback address or a Unix socket, in threads of its own."""

import contextlib
import os
import socket
import stat
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socketserver import ThreadingMixIn
from urllib.parse import urlsplit

# A scraper that says nothing for so long is hung up on.
_SECONDS = 10.0

Page = Callable[[], tuple[str, bytes]]


class MetricsServer(ThreadingMixIn, HTTPServer):
    """Answers `GET /metrics` with the page's media type and bytes."""

    daemon_threads = True

    def __init__(self, listen: str, page: Page) -> None:
        """Raises OSError where nobody can listen there."""
        self.page = page
        self._path = Path(listen.removeprefix("unix:")) if listen.startswith("unix:") else None
        super().__init__(("", 0), _Handler, bind_and_activate=False)
        self.socket.close()
        try:
            self.socket = _unix(self._path) if self._path is not None else _tcp(listen)
            self.server_activate()
        except OSError:
            self.server_close()
            raise

    @property
    def port(self) -> int:
        """The port, where it is one."""
        name = self.socket.getsockname()
        return int(name[1]) if isinstance(name, tuple) else 0

    def start(self) -> None:
        """Serve until closed."""
        threading.Thread(target=self.serve_forever, name="metrics", daemon=True).start()

    def close(self) -> None:
        """Stop serving, and take the socket's file away."""
        self.shutdown()
        self.server_close()
        if self._path is not None:
            with contextlib.suppress(OSError):
                self._path.unlink()

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        """A peer at a Unix socket has no address."""
        peer, address = self.socket.accept()
        return peer, address if isinstance(address, tuple) else ("unix", 0)


class _Handler(BaseHTTPRequestHandler):
    server: MetricsServer
    timeout = _SECONDS
    server_version = "security-hooks"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer one scrape."""
        if self.path.partition("?")[0] != "/metrics":
            self.send_error(404)
            return
        media, body = self.server.page()
        self.send_response(200)
        self.send_header("content-type", media)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing: a scrape every few seconds is no news."""


def _tcp(listen: str) -> socket.socket:
    parts = urlsplit(f"http://{listen}")
    family = socket.AF_INET6 if ":" in (parts.hostname or "") else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((parts.hostname or "127.0.0.1", parts.port or 0))
    except OSError:
        made.close()
        raise
    return made


def _unix(path: Path) -> socket.socket:
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with contextlib.suppress(FileNotFoundError):
            # What a process left behind that was killed; anything else is not ours to remove.
            if stat.S_ISSOCK(path.lstat().st_mode):
                path.unlink()
        before = os.umask(0o177)
        try:
            made.bind(str(path))
        finally:
            os.umask(before)
    except OSError:
        made.close()
        raise
    return made

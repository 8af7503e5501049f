"""A model that plays a script, on loopback: every turn is one tool call, and what the client tells it is kept.

Which turn is next is read from the conversation itself (how many results it holds), so that a client that asks twice
is answered the same.
"""

import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.clients.conversation import JSON, Call, Reply, Turn, Wire

# What a model's advice to fetch and run would fetch: it leaves a marker and does nothing else.
INSTALLER = "/install.sh"


class ModelServer:
    """Answers one client. `results` is what the model was told of its calls, `turns_asked` how often it was asked."""

    def __init__(self, wire: Wire, script: bytes) -> None:
        self._wire = wire
        self._turns: tuple[Turn, ...] = ()
        self._begun: set[int] = set()
        self._lock = threading.Lock()
        self.results: tuple[str, ...] = ()
        self.turns_asked = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._send(Reply("text/plain", script) if self.path == INSTALLER else Reply(JSON, b"{}"))

            def do_HEAD(self) -> None:
                self._send(Reply(JSON, b""))

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                try:
                    body = json.loads(raw)
                except ValueError:
                    body = None
                self._send(outer._reply(self.path.partition("?")[0], body if isinstance(body, dict) else {}))

            def _send(self, reply: Reply) -> None:
                self.send_response(200)
                self.send_header("Content-Type", reply.kind)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                """A client that hangs up is no news."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def play(self, *turns: Turn) -> None:
        """What the model shall say from now on; the conversation begins anew."""
        with self._lock:
            self._turns, self._begun, self.results, self.turns_asked = turns, set(), (), 0

    def start(self) -> None:
        """Answers from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Ends."""
        self._server.shutdown()
        self._server.server_close()

    def _reply(self, path: str, body: Mapping[str, Any]) -> Reply:
        if not self._wire.is_turn(path, body):
            return self._wire.aside(path, body)
        results = self._wire.results(body)
        number = len(results)
        with self._lock:
            self.turns_asked += 1
            self.results = max(self.results, results, key=len)
            turn = self._turns[number] if number < len(self._turns) else None
            is_new = number not in self._begun
            self._begun.add(number)
        if turn is not None and is_new:
            turn.before()
        return self._wire.answer(body, number, self._call(turn))

    def _call(self, turn: Turn | None) -> Call | None:
        return None if turn is None else turn.call

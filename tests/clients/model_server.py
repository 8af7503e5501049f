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


class Conversation:
    """A script, and how far it was played: `results` is what the model was told of its calls."""

    def __init__(self, turns: tuple[Turn, ...]) -> None:
        self._turns = turns
        self._begun: set[int] = set()
        self._lock = threading.Lock()
        self.results: tuple[str, ...] = ()
        self.is_begun = False

    def next(self, results: tuple[str, ...]) -> Call | None:
        """The call after these results; None at the end."""
        number = len(results)
        with self._lock:
            self.is_begun = True
            self.results = max(self.results, results, key=len)
            is_new = number not in self._begun
            self._begun.add(number)
        if number >= len(self._turns):
            return None
        turn = self._turns[number]
        if is_new:
            turn.before()
        return turn.call if isinstance(turn.call, Call) else turn.call(results)


class ModelServer:
    """Answers one client: its own agent, and an agent that this one starts."""

    def __init__(self, wire: Wire, script: bytes) -> None:
        self._wire = wire
        self.own = Conversation(())
        self.delegated = Conversation(())
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

    def play(self, own: tuple[Turn, ...], delegated: tuple[Turn, ...]) -> None:
        """What the model shall say from now on; the conversations begin anew."""
        self.own, self.delegated = Conversation(own), Conversation(delegated)

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
        conversation = self.delegated if self._wire.is_delegated(body) else self.own
        results = self._wire.results(body)
        return self._wire.answer(body, len(results), conversation.next(results))

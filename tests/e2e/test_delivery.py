"""The whole way: a call, its record, a peer that gets it, and what the daemon does about the process between."""

import base64
import hashlib
import hmac
import http.client
import http.server
import json
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
SECRET = "of the tests"


@dataclass
class Receiver:
    """An HTTP server that can be told to refuse. It checks every signature before it takes anything."""

    status: int = 204
    taken: list[dict[str, object]] = field(default_factory=list)
    refused: int = 0
    server: http.server.ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        assert self.server is not None
        return f"http://127.0.0.1:{self.server.server_port}/"

    def take(self, headers: dict[str, str], body: bytes) -> int:
        content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        digest = base64.b64encode(hmac.new(SECRET.encode(), content, hashlib.sha256).digest()).decode()
        if headers["webhook-signature"] != f"v1,{digest}":
            return 401
        if self.status == 204:
            self.taken += map(json.loads, body.splitlines())
        else:
            self.refused += 1
        return self.status


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self.send_response(made.take({name.lower(): value for name, value in self.headers.items()}, body))
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    made.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


@pytest.fixture
def wired(unstarted: Any, receiver: Receiver) -> Any:
    """A running daemon with a sink."""
    configure(unstarted, receiver.url)
    unstarted.environment["SINK_KEY"] = SECRET
    return unstarted.start()


def configure(daemon: Any, url: str, more: str = "") -> None:
    daemon.config.mkdir(exist_ok=True)
    text = f'[[sinks]]\nname = "siem"\nkind = "http"\nurl = "{url}"\nsecret_env = "SINK_KEY"\nbatch_seconds = 1\n{more}'
    (daemon.config / "config.toml").write_text(text)


def delivering(daemon: Any) -> int | None:
    pid = daemon.status()["insight"]["pid"]
    return int(pid) if pid is not None else None


def delivered(daemon: Any, receiver: Receiver) -> Callable[[], bool]:
    """Whether everything in the log has been taken."""
    return lambda: {record["seq"] for record in receiver.taken} >= {record["seq"] for record in daemon.records()}


def test_every_record_is_delivered_as_it_stands_and_signed(wired: Any, receiver: Receiver) -> None:
    assert wired.call("ls").verdict == "allow"
    assert wired.call("rm -rf /").verdict == "deny"
    wired.wait_until(delivered(wired, receiver))
    kinds = [record["kind"] for record in receiver.taken]
    assert kinds == ["start", "reload", "decision", "decision"]
    assert [{**record.pop("fields"), **record} for record in receiver.taken] == wired.records()  # type: ignore[dict-item]  # plain data
    wired.wait_until(lambda: wired.status()["insight"]["sinks"][0]["behind"] == 0)
    shown = wired.run("status", "--socket", wired.socket)
    assert "siem (http): record 4, 0 behind" in shown.stdout
    assert shown.returncode == 0


def test_an_outage_delays_no_call_is_told_and_loses_nothing(wired: Any, receiver: Receiver) -> None:
    receiver.status = 503
    for _ in range(20):
        assert wired.call("ls").verdict == "allow"
    wired.wait_until(lambda: wired.status()["insight"]["sinks"][0]["failures"] > 0)
    told = wired.status()["insight"]["sinks"][0]
    assert (told["state"], told["error"]) == ("failing", "answered with status 503")
    receiver.status = 204
    wired.wait_until(delivered(wired, receiver))


def test_the_process_is_replaced_when_it_dies_and_goes_with_the_daemon(wired: Any, receiver: Receiver) -> None:
    wired.wait_until(delivered(wired, receiver))
    first = delivering(wired)
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert wired.call("ls").verdict == "allow"
    wired.wait_until(lambda: delivering(wired) not in (None, first))
    wired.wait_until(delivered(wired, receiver))
    second = delivering(wired)
    assert second is not None
    wired.signal(signal.SIGKILL)
    wired.process.wait()
    wired.wait_until(lambda: not Path(f"/proc/{second}/environ").exists() or not Path(f"/proc/{second}/exe").exists())
    wired.start()
    assert wired.call("ls").verdict == "allow"
    wired.wait_until(delivered(wired, receiver))
    by_number: dict[object, set[object]] = {}
    for record in receiver.taken:
        by_number.setdefault(record["seq"], set()).add(record["hash"])
    assert all(len(hashes) == 1 for hashes in by_number.values())


def test_sinks_come_and_go_with_the_configuration(unstarted: Any, receiver: Receiver) -> None:
    unstarted.environment["SINK_KEY"] = SECRET
    daemon = unstarted.start()
    assert daemon.status()["insight"]["sinks"] == []
    configure(daemon, receiver.url)
    daemon.wait_until(delivered(daemon, receiver))
    report = daemon.status()
    # One process does all of it.
    workers = {report["worker_pid"], report["judging"]["pid"], report["insight"]["pid"]} - {None}
    assert set(daemon.children()) <= workers
    (daemon.config / "config.toml").write_text('mode = "enforce"\n')
    daemon.wait_until(lambda: daemon.status()["insight"]["sinks"] == [])
    daemon.wait_until(lambda: delivering(daemon) is not None)
    # Without a store, too, there is nothing to do.
    (daemon.config / "config.toml").write_text('[insight]\nprocess = "off"\n')
    daemon.wait_until(lambda: delivering(daemon) is None)
    assert daemon.call("ls").verdict == "allow"
    # It goes on behind the cursor, with the sink alone.
    before = len(receiver.taken)
    configure(daemon, receiver.url, '[insight]\nprocess = "off"\n')
    daemon.wait_until(delivered(daemon, receiver))
    assert receiver.taken[before]["seq"] not in (0, 1)
    (daemon.config / "config.toml").write_text('[insight]\nprocess = "off"\n')
    daemon.wait_until(lambda: delivering(daemon) is None)
    # A mistake in the table leaves what is in force in force, and is told.
    (daemon.config / "config.toml").write_text('[[sinks]]\nname = "x"\nkind = "http"\nurl = "http://far.example/"\n')
    daemon.wait_until(lambda: daemon.status()["policy"]["problems"])
    assert delivering(daemon) is None


def test_the_secret_is_in_no_record(wired: Any, receiver: Receiver) -> None:
    wired.call(f"echo '{SECRET}'")
    wired.wait_until(delivered(wired, receiver))
    assert SECRET not in json.dumps(receiver.taken)
    assert "[REDACTED:env:SINK_KEY]" in json.dumps(receiver.taken)


def test_metrics_are_served(unstarted: Any) -> None:
    path = unstarted.place / "metrics.sock"
    unstarted.config.mkdir()
    (unstarted.config / "config.toml").write_text(f'[metrics]\nlisten = "unix:{path}"\n')
    daemon = unstarted.start()
    daemon.call("ls")
    daemon.call("rm -rf /")
    text = [""]

    def scraped() -> bool:
        text[0] = scrape(path)
        return 'decisions_total{client="claude-code",verdict="deny"} 1.0' in text[0]

    daemon.wait_until(path.exists)
    daemon.wait_until(scraped)
    assert 'decisions_total{client="claude-code",verdict="allow"} 1.0' in text[0]
    pid = delivering(daemon)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    daemon.wait_until(lambda: delivering(daemon) not in (None, pid))
    # Counting begins with the daemon's life: a new process has lost nothing.
    daemon.wait_until(scraped)


def scrape(path: Path) -> str:
    """What is served at a Unix socket; nothing where nobody listens."""
    connection = http.client.HTTPConnection("localhost", timeout=10)
    connection.sock = socket.socket(socket.AF_UNIX)
    try:
        connection.sock.connect(str(path))
        connection.request("GET", "/metrics")
        return connection.getresponse().read().decode()
    except OSError:
        return ""
    finally:
        connection.close()

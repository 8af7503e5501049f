"""Serving metrics to whoever asks on this machine."""

import http.client
import socket
from pathlib import Path

import pytest

from security_hooks.insight.metrics_server import MetricsServer


def page() -> tuple[str, bytes]:
    return "text/plain", b"x 1\n"


def asked(connection: http.client.HTTPConnection, path: str) -> tuple[int, bytes]:
    connection.request("GET", path)
    response = connection.getresponse()
    try:
        return response.status, response.read()
    finally:
        connection.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_on_a_loopback_address(host: str) -> None:
    try:
        server = MetricsServer(f"{host}:0", page)
    except OSError:
        pytest.skip(f"this machine has no {host}")
    server.start()
    connection = http.client.HTTPConnection(host.strip("[]"), server.port, timeout=10)
    assert asked(connection, "/metrics?a=b") == (200, b"x 1\n")
    assert asked(connection, "/")[0] == 404
    server.close()


def test_on_a_unix_socket_that_only_we_may_open(tmp_path: Path) -> None:
    path = tmp_path / "m.sock"
    for _ in range(2):
        server = MetricsServer(f"unix:{path}", page)
        server.start()
        assert path.stat().st_mode & 0o777 == 0o600
        connection = http.client.HTTPConnection("localhost")
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(str(path))
        assert asked(connection, "/metrics") == (200, b"x 1\n")
        # The second one finds what a killed process leaves.
        server.shutdown()
        server.server_close()
    server = MetricsServer(f"unix:{path}", page)
    server.start()
    server.close()
    assert not path.exists()


def test_what_is_in_the_way_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "m.sock").write_text("mine")
    with pytest.raises(OSError, match="in use"):
        MetricsServer(f"unix:{tmp_path}/m.sock", page)
    assert (tmp_path / "m.sock").read_text() == "mine"

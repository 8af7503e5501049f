"""Metrics are served where they can be, and where they cannot it is told and tried again."""

import asyncio
import http.client
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from security_hooks.insight.backoff import Backoff
from security_hooks.insight.exposition import serve_metrics
from security_hooks.model.insight import InsightSettings, MetricsReport

Until = Callable[[Callable[[], object]], "asyncio.Future[None]"]
Serve = Callable[[str], list[MetricsReport]]


@pytest.fixture
async def serve(log: Any, tmp_path: Path) -> AsyncIterator[Serve]:
    """Start serving; gives what is reported."""
    running: list[asyncio.Future[None]] = []

    def start(listen: str) -> list[MetricsReport]:
        reports: list[MetricsReport] = []
        settings = InsightSettings(str(log.directory), str(tmp_path), metrics=listen, since=2)
        backoff = Backoff(lambda: 0.5, 0.001, 0.02)
        running.append(asyncio.ensure_future(serve_metrics(settings, log.changes, {}, reports.append, backoff)))
        return reports

    yield start
    for task in running:
        task.cancel()
    await asyncio.wait(running)


def scrape(path: Path) -> str:
    connection = http.client.HTTPConnection("localhost", timeout=10)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(str(path))
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    return text


async def test_records_of_the_daemons_life_are_counted(log: Any, serve: Serve, until: Until, tmp_path: Path) -> None:
    log.append(3)
    path = tmp_path / "m.sock"
    reports = serve(f"unix:{path}")
    await until(lambda: reports == [MetricsReport(f"unix:{path}")])
    text = ""
    async with asyncio.timeout(30):
        while 'verdict="allow"} 2.0' not in text:
            text = await asyncio.to_thread(scrape, path)
    assert "security_hooks_log_sequence 3.0" in text


async def test_an_address_that_cannot_be_had_is_told_and_tried_again(
    serve: Serve, until: Until, tmp_path: Path
) -> None:
    path = tmp_path / "none/m.sock"
    reports = serve(f"unix:{path}")
    await until(lambda: reports and reports[-1].failures > 2)
    assert reports[-1].problem == f"cannot listen on unix:{path}: No such file or directory"
    path.parent.mkdir()
    await until(lambda: reports[-1] == MetricsReport(f"unix:{path}"))


async def test_without_the_package_it_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, serve: Serve, until: Until, tmp_path: Path
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "prometheus_client.exposition", None)
    reports = serve(f"unix:{tmp_path}/m.sock")
    await until(lambda: reports)
    assert "pip install 'security-hooks[metrics]'" in reports[-1].problem

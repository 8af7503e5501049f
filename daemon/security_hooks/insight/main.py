"""The process that reads the log for others: delivers it to sinks and serves metrics.

Started by the daemon with an inherited socket and the daemon's process id as its only arguments. The first message
says what to do; it and those after it are answered with how it goes. It ends when the daemon does, and can be killed at
any time: everything that it knows is in the log and in its cursors.
"""

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path

import msgspec

from security_hooks.insight.deliver import run_sinks
from security_hooks.insight.follow import Changes
from security_hooks.insight.frames import next_frame
from security_hooks.model.insight import InsightQuestion, InsightReport, InsightSettings, SinkReport
from security_hooks.model.message import framed

LOG = logging.getLogger("security-hooks")
# Verdicts come first where cores are few.
_PATIENT = 10
# Answers come at most so often.
_CALM_SECONDS = 0.5
_NO_METRICS = "prometheus-client is not installed; run `pip install 'security-hooks[metrics]'`"

Work = Callable[[], Coroutine[None, None, None]]


def main(arguments: list[str]) -> int:
    """Work for the daemon until it is gone."""
    descriptor, parent = map(int, arguments)
    # A Ctrl-C is for the daemon, which then closes the socket.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.basicConfig(level=logging.INFO, format="security-hooks: %(levelname)s: %(message)s")
    logging.getLogger("watchfiles").setLevel(logging.WARNING)
    if os.getppid() != parent:
        return 0
    os.nice(_PATIENT)
    asyncio.run(_serve(socket.socket(fileno=descriptor)))
    # A thread may wait for a name server for a while yet; nobody needs what it would say.
    os._exit(0)


class State:
    """What there is to report, and who waits for it."""

    def __init__(self) -> None:
        self.sinks: dict[str, SinkReport] = {}
        self.metrics = ""
        self.metrics_error = ""
        self.changes = Changes()

    def take(self, report: SinkReport) -> None:
        """How a sink is doing now."""
        self.sinks[report.name] = report
        self.changes.tell()

    def answer(self, number: int) -> InsightReport:
        """All of it."""
        return InsightReport(number, tuple(self.sinks.values()), self.metrics, self.metrics_error)


def works_of(settings: InsightSettings, state: State, changes: Changes) -> tuple[Work, ...]:
    """Everything that this process does, each for itself."""
    log, own = Path(settings.log_directory), Path(settings.state_directory)
    return (
        lambda: changes.watch(log),
        lambda: run_sinks(settings.sinks, log, own, state.take, changes),
        lambda: _serve_metrics(settings, state, changes),
    )


async def _serve(daemon: socket.socket) -> None:
    reader, writer = await asyncio.open_unix_connection(sock=daemon)
    question = await _next(reader)
    if question is None:
        return
    state = State()
    works = [asyncio.ensure_future(work()) for work in works_of(question.settings, state, Changes())]
    answering = asyncio.ensure_future(_answer(reader, writer, state, question))
    # A work that ends in an error ends the process: the daemon says so, and starts another after a while.
    done, pending = await asyncio.wait({answering, *works}, return_when=asyncio.FIRST_EXCEPTION)
    for task in pending:
        task.cancel()
    if pending:
        await asyncio.wait(pending)
    for task in done - {answering}:
        error = task.exception()
        if error is not None:
            LOG.error("delivery ends: %s: %s", type(error).__name__, error, exc_info=error)


async def _answer(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, state: State, question: InsightQuestion
) -> None:
    """Answer each question when there is something new, or after a while; EOFError when the daemon is gone."""
    seen = -1
    while True:
        # The next question comes after the answer: until then only the end of the daemon can be read.
        upcoming = asyncio.ensure_future(_next(reader))
        changing = asyncio.ensure_future(state.changes.wait(seen, question.seconds))
        await asyncio.wait({upcoming, changing}, return_when=asyncio.FIRST_COMPLETED)
        changing.cancel()
        seen = state.changes.seen
        if not upcoming.done():
            body = msgspec.msgpack.encode(state.answer(question.number))
            writer.write(framed(body))
        following = await upcoming
        if following is None:
            raise EOFError
        question = following
        await asyncio.sleep(_CALM_SECONDS)


async def _next(reader: asyncio.StreamReader) -> InsightQuestion | None:
    body = await next_frame(reader)
    return None if body is None else msgspec.msgpack.decode(body, type=InsightQuestion)


async def _serve_metrics(settings: InsightSettings, state: State, changes: Changes) -> None:
    if not settings.metrics:
        return
    try:
        # Loaded only where metrics are wanted: it is an optional dependency.
        from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

        from security_hooks.insight.metrics import Metrics, keep_counting
        from security_hooks.insight.metrics_server import MetricsServer
    except ImportError:
        state.metrics_error = _NO_METRICS
        state.changes.tell()
        return
    metrics = Metrics()

    def page() -> tuple[str, bytes]:
        metrics.show(dict(state.sinks))
        return CONTENT_TYPE_LATEST, generate_latest(metrics.registry)

    try:
        server = MetricsServer(settings.metrics, page)
    except OSError as error:
        state.metrics_error = f"cannot listen on {settings.metrics}: {error.strerror or error}"
        state.changes.tell()
        return
    server.start()
    state.metrics = settings.metrics
    state.changes.tell()
    try:
        await keep_counting(metrics, Path(settings.log_directory), settings.since, changes, state.sinks)
    finally:
        server.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

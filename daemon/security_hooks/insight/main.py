"""The process that reads the log beside the daemon: keeps the store, delivers to sinks and serves metrics.

Started by `service/worker_main.py`. The first message says what to do; then the daemon tells when there is something
new, and asks how it goes. It ends when the daemon does, and can be killed at any time: everything that it knows is in
the log and in its cursors. Each thing that it does fails for itself.
"""

import asyncio
import logging
import random
import socket
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from pathlib import Path

import msgspec

from security_hooks.insight.backoff import Backoff
from security_hooks.insight.deliver import Surroundings, keep_delivering, outbox_of
from security_hooks.insight.exposition import serve_metrics
from security_hooks.insight.follow import Changes
from security_hooks.insight.frames import next_frame
from security_hooks.insight.kept_going import Work, kept_going
from security_hooks.insight.storing import keep_store
from security_hooks.model.insight import (
    InsightMessage,
    InsightNews,
    InsightQuestion,
    InsightReport,
    InsightSettings,
    MetricsReport,
    SinkReport,
    StoreReport,
)
from security_hooks.model.message import framed

# Answers come at most so often.
_CALM_SECONDS = 0.5
_DECODER: msgspec.msgpack.Decoder[InsightMessage] = msgspec.msgpack.Decoder(InsightMessage)


def run(daemon: socket.socket) -> None:
    """Work for the daemon until it is gone."""
    logging.basicConfig(level=logging.INFO, format="security-hooks: %(levelname)s: %(message)s")
    asyncio.run(_serve(daemon))


class State:
    """What there is to report, and who waits for it."""

    def __init__(self) -> None:
        self.store = StoreReport()
        self.sinks: dict[str, SinkReport] = {}
        self.metrics = MetricsReport()
        self.changes = Changes()

    def take(self, report: StoreReport | SinkReport | MetricsReport) -> None:
        """How one thing is doing now."""
        before = (self.store, self.metrics, dict(self.sinks))
        match report:
            case StoreReport():
                self.store = report
            case SinkReport():
                self.sinks[report.name] = report
            case MetricsReport():
                self.metrics = report
        if before != (self.store, self.metrics, self.sinks):
            self.changes.tell()

    def answer(self, number: int) -> InsightReport:
        """All of it."""
        return InsightReport(number, self.store, tuple(self.sinks.values()), self.metrics)


def works_of(settings: InsightSettings, state: State, changes: Changes) -> Iterator[Work]:
    """Everything that this process does, each for itself; none of them ends."""
    log = Path(settings.log_directory)
    if settings.store:
        yield _kept(
            "the store",
            lambda backoff: keep_store(Path(settings.store), log, changes, state.take, backoff),
            lambda why, failures: state.take(StoreReport(state.store.sequence, failures, why)),
        )
    around = Surroundings(log, Path(settings.state_directory), changes, state.take, outbox_of)
    yield from (partial(keep_delivering, sink, around) for sink in settings.sinks)
    if settings.metrics:
        yield _kept(
            "metrics",
            lambda backoff: serve_metrics(settings, changes, state.sinks, state.take, backoff),
            lambda why, failures: state.take(MetricsReport("", failures, why)),
        )


def _kept(
    name: str, work: Callable[[Backoff], Coroutine[None, None, None]], failed: Callable[[str, int], None]
) -> Work:
    return lambda: kept_going(name, work, Backoff(random.random), failed)


async def _serve(daemon: socket.socket) -> None:
    reader, writer = await asyncio.open_unix_connection(sock=daemon)
    settings = await _next(reader)
    if isinstance(settings, InsightSettings):
        state, changes = State(), Changes()
        questions: asyncio.Queue[InsightQuestion] = asyncio.Queue()
        works = [asyncio.ensure_future(work()) for work in works_of(settings, state, changes)]
        works.append(asyncio.ensure_future(_answer(questions, writer, state)))
        await _listen(reader, changes, questions)
        for task in works:
            task.cancel()
        await asyncio.wait(works)
    writer.close()


async def _listen(reader: asyncio.StreamReader, changes: Changes, questions: asyncio.Queue[InsightQuestion]) -> None:
    """Take what the daemon says, until it is gone."""
    while (message := await _next(reader)) is not None:
        match message:
            case InsightNews():
                changes.tell()
            case InsightQuestion():
                questions.put_nowait(message)


async def _answer(questions: asyncio.Queue[InsightQuestion], writer: asyncio.StreamWriter, state: State) -> None:
    """Answer each question when there is something new, or after a while."""
    seen = -1
    while True:
        question = await questions.get()
        await state.changes.wait(seen, question.seconds)
        seen = state.changes.seen
        writer.write(framed(msgspec.msgpack.encode(state.answer(question.number))))
        await asyncio.sleep(_CALM_SECONDS)


async def _next(reader: asyncio.StreamReader) -> InsightMessage | None:
    body = await next_frame(reader)
    return None if body is None else _DECODER.decode(body)

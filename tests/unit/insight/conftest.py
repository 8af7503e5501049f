"""Logs with all kinds of records, stores of them, and peers that answer, refuse, stall, cut short, go and come back."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from security_hooks.audit.chain import START, seal
from security_hooks.audit.encode import canonical
from security_hooks.audit.segment import segment_name
from security_hooks.audit.settings import WriterSettings
from security_hooks.audit.writer import AuditWriter
from security_hooks.insight.feed import current_store
from security_hooks.insight.follow import Changes
from security_hooks.insight.store import Store
from security_hooks.model.record import AuditRecord, Json, RecordKind
from security_hooks.model.sink import Sink, SinkKind

AT = "2026-11-21T10:00:00.123456789Z"
SECRET = "a secret of the tests"
PATIENCE = 60.0


@dataclass(slots=True)
class Log:
    """A log that is written as the daemon writes it, and told of. A new segment every so many records."""

    directory: Path
    changes: Changes = field(default_factory=Changes)
    segment_records: int = 1000
    seq: int = 0
    head: str = START
    segment: Path = field(default=Path())

    def append(self, count: int = 1, kind: str = "decision", **fields: Json) -> None:
        """So many records."""
        body = canonical({"client": "claude-code", "verdict": "allow", "basis": "rule", "elapsed_us": 250, **fields})
        lines: list[bytes] = []
        for _ in range(count):
            if self.seq % self.segment_records == 0:
                self._flush(lines)
                self.segment = self.directory / segment_name(self.seq + 1)
            self.seq += 1
            line, self.head = seal(self.head, self.seq, AT, kind, body)
            lines.append(line)
        self._flush(lines)

    def _flush(self, lines: list[bytes]) -> None:
        if lines:
            with self.segment.open("ab") as file:
                file.write(b"".join(lines))
        lines.clear()
        self.changes.tell()

    def keys(self) -> list[str]:
        """Every record's key, in order."""
        return [
            f"{record['seq']}-{record['hash']}"
            for segment in sorted(self.directory.glob("*.jsonl"))
            for record in map(json.loads, segment.read_bytes().splitlines())
        ]


@pytest.fixture
def log(tmp_path: Path) -> Log:
    (tmp_path / "audit").mkdir()
    return Log(tmp_path / "audit")


@dataclass(frozen=True, slots=True)
class Request:
    """One request as the peer got it."""

    path: str
    headers: dict[str, str]
    body: bytes

    def keys(self) -> list[str]:
        """The keys of the records in it."""
        text = self.body.decode()
        records = json.loads(text) if text.startswith("[") else map(json.loads, text.splitlines())
        return [f"{record['seq']}-{record['hash']}" for record in records]


@dataclass(slots=True)
class Peer:
    """An HTTP server. `script` says what it does with each request; after that it takes everything.

    `ok`; a status such as `500`, `429`, `413`; `stall` (takes it, never answers), `hang-up` (reads it, says nothing),
    `truncate` (takes it, and its answer is cut short), `restart` (is gone for a moment, with its port).
    """

    script: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    answer: bytes = b""
    port: int = 0
    restarting: "asyncio.Future[None] | None" = None
    _server: asyncio.Server | None = None
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/in?x=1"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            for writer in self._writers:
                writer.transport.abort()
            await self._server.wait_closed()
        self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while await self._answer(reader, writer):
                pass
        except (OSError, EOFError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers["content-length"]))
        request = Request(head[0].split()[1], headers, body)
        self.requests.append(request)
        act = self.script.pop(0) if self.script else "ok"
        if act in ("ok", "stall", "truncate"):
            self.taken += request.keys() if self.answer == b"" else []
        match act:
            case "ok":
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(self.answer), self.answer))
            case "stall":
                await reader.read()
                return False
            case "truncate":
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc")
            case "hang-up":
                pass
            case "restart":
                asyncio.get_running_loop().create_task(self._restart())
            case status:
                writer.write(f"HTTP/1.1 {status} No\r\nretry-after: 0\r\ncontent-length: 0\r\n\r\n".encode())
        await writer.drain()
        return act not in ("truncate", "hang-up", "restart")

    async def _restart(self) -> None:
        await self.stop()
        await asyncio.sleep(0.02)
        await self.start()


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    made = Peer()
    await made.start()
    yield made
    if made.restarting is not None:
        await made.restarting
    await made.stop()


@pytest.fixture
def changes(log: Log) -> Changes:
    """What tells of the log."""
    return log.changes


@pytest.fixture
def sink_of(tmp_path: Path) -> Callable[..., Sink]:
    """A sink of kind `http`, unless it is told otherwise; its secret is in a file."""
    (tmp_path / "secret").write_text(SECRET + "\n")
    (tmp_path / "secret").chmod(0o600)

    def make(url: str, **given: Any) -> Sink:
        known: dict[str, Any] = {"name": "s", "kind": SinkKind.HTTP, "secret_file": str(tmp_path / "secret")}
        return Sink(url=url, **(known | given))

    return make


@pytest.fixture
def until() -> Callable[[Callable[[], object]], "asyncio.Future[None]"]:
    """Wait for a condition."""

    async def wait(condition: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                await asyncio.sleep(0.005)

    return lambda condition: asyncio.ensure_future(wait(condition))


NOON = 1_795_262_400_000_000_000
SECOND = 1_000_000_000

Append = Callable[..., int]
Kept = Callable[[], Store]


@pytest.fixture
def audit_log(tmp_path: Path) -> Path:
    return tmp_path / "audit"


@pytest.fixture
def writer(audit_log: Path) -> Iterator[AuditWriter]:
    made = AuditWriter(audit_log, WriterSettings(segment_bytes=2_000, reserve_bytes=65_536), clock=lambda: NOON)
    yield made
    made.close()


@pytest.fixture
def append(writer: AuditWriter) -> Append:
    """Writes the record of a call, `seconds` after noon; fields by name. Gives its number."""

    def write(verdict: str = "allow", seconds: int = 0, kind: RecordKind = RecordKind.DECISION, **fields: Json) -> int:
        told: dict[str, Json] = {
            "client": "claude-code",
            "session": "s",
            "tool": "Bash",
            "kind_of_event": "pre_tool",
            "verdict": verdict,
            "would": verdict,
            **fields,
        }
        return writer.append(AuditRecord(kind, NOON + seconds * SECOND, told))

    return write


@pytest.fixture
def kept(audit_log: Path) -> Iterator[Kept]:
    """Stores of our own with all that the audit_log has now."""
    stores: list[Store] = []

    def make() -> Store:
        stores.append(current_store(None, audit_log))
        return stores[-1]

    yield make
    for store in stores:
        store.close()
